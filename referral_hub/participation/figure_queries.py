"""The one place where the rows of the yearly figures are read."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.errors import NotAllowed
from referral_hub.participation.clubs import is_club
from referral_hub.participation.course import area_of, is_employment
from referral_hub.participation.figures import Figures, Hours, Part, Reached, figures
from referral_hub.vocabularies import book

_PARTS = """select p.participant, n.sex, p.main_group, p.refused_group, p.started_on, p.ended_on, p.end_reason
from participation p join participant n on n.id = p.participant
where ($1::uuid is null or p.institution = $1) and p.started_on <= $3 and coalesce(p.ended_on, $2) >= $2"""
_REACHED = """select p.participant, e.effect from participation_effect e join participation p on p.id = e.participation
where ($1::uuid is null or p.institution = $1) and e.voided_at is null and e.reached_on between $2 and $3"""
# The person's referrals to the club: those sent by the club itself, and all of whoever sent the person here.
ATTENDED = """join referral_task t on t.receiver = p.institution and (t.participant = p.participant
 or t.participant = (select x.participant from referral_task x where x.id = p.task))
join enrolment e on e.task = t.id and e.state = 'enrolled' and e.attendance in ('came', 'late')
join meeting m on m.id = e.meeting and m.status = 'held'
join offer o on o.id = m.offer and o.institution = p.institution"""
"""SQL: from `participation p` to the meetings `m` of offers `o` where the person was, by enrolments `e`."""
DAY = "(m.starts_at at time zone 'Europe/Warsaw')::date"
WITHIN = f"{DAY} >= p.started_on and {DAY} <= coalesce(p.ended_on, 'infinity'::date)"
"""SQL: only meetings while the person took part."""
LASTED = "coalesce(e.hours, extract(epoch from m.ends_at - m.starts_at) / 3600.0)"
_HOURS = f"""select p.participant, o.form, m.id as meeting, max({LASTED})::float8 as hours
from participation p {ATTENDED} where ($1::uuid is null or p.institution = $1) and {WITHIN} and {DAY} between $2 and $3
group by p.participant, o.form, m.id"""  # noqa: S608 -- constants of ours


class Whose(Struct, frozen=True):
    """Whose figures somebody sees: one club's own, or (`institution` None) all clubs together, from outside."""

    institution: UUID | None
    inside: bool


async def whose_figures(actor: Actor) -> Whose:
    """The actor's own club from inside; a coordinator of no club sees all clubs together, small numbers hidden.

    Raises NotAllowed for anybody else.
    """
    if not actor.may(Permission.PARTICIPATION_READ) or actor.institution is None:
        raise NotAllowed
    if await is_club(actor.institution):
        return Whose(actor.institution, True)
    if not actor.may(Permission.REPORT_READ):
        raise NotAllowed
    return Whose(None, False)


async def figures_of(year: int, *, actor: Actor) -> Figures:
    """A year's figures as far as the actor may see them. Raises NotAllowed."""
    whose = await whose_figures(actor)
    span = (whose.institution, date(year, 1, 1), date(year, 12, 31))
    # Sex and group are read here for sums only: nothing of one person leaves this function.
    async with transaction(SYSTEM) as sql:
        parts = [
            Part(
                person=row["participant"],
                sex=row["sex"],
                group=group_of(row["main_group"], row["refused_group"]),
                started_on=row["started_on"],
                ended_on=row["ended_on"],
                end_reason=row["end_reason"],
            )
            for row in await sql.fetch(_PARTS, *span)
        ]
        reached = [
            Reached(
                person=row["participant"],
                effect=row["effect"],
                area=area_of(row["effect"]),
                employment=is_employment(row["effect"]),
            )
            for row in await sql.fetch(_REACHED, *span)
        ]
        hours = [
            Hours(**dict(zip(Hours.__struct_fields__, row, strict=True))) for row in await sql.fetch(_HOURS, *span)
        ]
    return figures(year, parts, reached, hours, inside=whose.inside)


def group_of(main_group: str, refused: bool) -> str:
    """What the report counts a main group as: 1 to 8, `none` of the eight, `refused` or `not_asked`."""
    if refused:
        return "refused"
    return (book.legal_group(main_group) or "none") if main_group else "not_asked"
