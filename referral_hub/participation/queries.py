"""Questions about taking part in the club, scoped by who asks: a coordinator sees case codes, dates and effects."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.errors import NotAllowed, NotFound
from referral_hub.participation.figure_queries import ATTENDED, DAY, LASTED, WITHIN

PER_PAGE: Final = 20
STATES: Final = ("now", "ended", "all")


class PartRow(Struct, frozen=True, kw_only=True):
    """A participation in a list, under the case code. `effects` counts those not voided."""

    id: UUID
    participant: UUID
    case_code: str
    contract_on: date | None
    started_on: date
    ended_on: date | None
    end_reason: str
    keeper: UUID | None
    effects: int


class Parts(Struct, frozen=True):
    """One page of them; `pages` is at least 1."""

    total: int
    page: int
    pages: int
    items: list[PartRow]


class EffectRow(Struct, frozen=True):
    """An effect as recorded; voided ones stay to be seen."""

    id: UUID
    effect: str
    reached_on: date
    source: str
    made_at: datetime
    voided_at: datetime | None


class GroupHours(Struct, frozen=True):
    """What an offer of the club gave this person: meetings attended, hours, first and last day."""

    offer: UUID
    title: str
    form: str
    meetings: int
    hours: float
    first: date
    last: date


class CameBy(Struct, frozen=True):
    """The referral somebody came by."""

    task: UUID
    number: str
    sender: str
    sent_at: datetime | None
    state: str


class Participation(Struct, frozen=True, kw_only=True):
    """One participation whole; `main_group` and `refused_group` are not there for a coordinator."""

    id: UUID
    participant: UUID
    case_code: str
    contract_number: str
    contract_on: date | None
    started_on: date
    ended_on: date | None
    end_reason: str
    main_group: str
    refused_group: bool
    certificate_number: str
    certificate_on: date | None
    keeper: UUID | None
    version: int
    effects: list[EffectRow]
    groups: list[GroupHours]
    came_by: CameBy | None
    edits: bool

    @property
    def hours(self) -> float:
        """Everything attended."""
        return round(sum(one.hours for one in self.groups), 2)


_LIST = """select p.id, p.participant, p.contract_on, p.started_on, p.ended_on, p.end_reason, p.keeper,
 (select count(*) from participation_effect e where e.participation = p.id and e.voided_at is null) as effects
from participation p where {where} order by p.ended_on is not null, p.started_on desc, p.id desc limit {most}
offset {skip}"""
_GROUPS = f"""select o.id as offer, o.title, o.form, count(distinct m.id) as meetings, sum({LASTED})::float8 as hours,
 min({DAY}) as first, max({DAY}) as last
from participation p {ATTENDED} where p.id = $1 and {WITHIN} group by o.id, o.title, o.form order by min({DAY}), o.id"""  # noqa: S608 -- constants of ours


def reader(actor: Actor) -> Actor:
    """The actor in the role that reads participations: as caseworker, where it is one. Raises NotAllowed."""
    if not actor.may(Permission.PARTICIPATION_READ) or actor.institution is None:
        raise NotAllowed
    wanted = (
        Permission.PARTICIPATION_EDIT if actor.may(Permission.PARTICIPATION_EDIT) else Permission.PARTICIPATION_READ
    )
    return actor.acting_for(wanted)


async def participations_seen_by(
    actor: Actor, *, state: str = "now", year: int | None = None, mine: bool = False, page: int = 1
) -> Parts:
    """Participations of the own club, those going on first. Raises NotAllowed."""
    actor = reader(actor)
    where, arguments = ["p.institution = $1"], [actor.institution]
    if state in ("now", "ended"):
        where.append(f"p.ended_on is {'' if state == 'now' else 'not '}null")
    if year is not None:
        arguments += [date(year, 1, 1), date(year, 12, 31)]  # type: ignore[list-item]
        where.append("p.started_on <= $3 and coalesce(p.ended_on, $2) >= $2")
    if mine:
        arguments.append(actor.account)
        where.append(f"p.keeper = ${len(arguments)}")
    page, condition = max(1, min(page, 100_000)), " and ".join(where)
    question = _LIST.format(where=condition, most=PER_PAGE, skip=(page - 1) * PER_PAGE)
    async with transaction(actor.scope) as sql:
        total = await sql.fetchval(f"select count(*) from participation p where {condition}", *arguments)  # noqa: S608 -- our own words and places
        found = await sql.fetch(question, *arguments)
    rows = await _with_codes(found)
    return Parts(total, page, max(1, -(-total // PER_PAGE)), rows)


async def participations_of(actor: Actor, person: UUID) -> list[PartRow]:
    """A person's own, the newest first."""
    actor = reader(actor)
    question = _LIST.format(where="p.institution = $1 and p.participant = $2", most=100, skip=0)
    async with transaction(actor.scope) as sql:
        found = await sql.fetch(question, actor.institution, person)
    return await _with_codes(found)


async def _with_codes(rows: list[Any]) -> list[PartRow]:
    """Case codes say nothing of anybody; whoever sees a participation may see its code."""
    async with transaction(SYSTEM) as sql:
        codes = dict(
            await sql.fetch(
                "select id, case_code from participant where id = any($1::uuid[])", [row["participant"] for row in rows]
            )
        )
    return [PartRow(**row, case_code=codes[row["participant"]]) for row in rows]


async def participation_seen_by(actor: Actor, participation: UUID) -> Participation:
    """One of the own club. Raises NotFound for anybody else's, NotAllowed."""
    actor = reader(actor)
    async with transaction(actor.scope) as sql:
        row = await sql.fetchrow(
            "select * from participation where id = $1 and institution = $2", participation, actor.institution
        )
        if row is None:
            raise NotFound
        effects = await sql.fetch(
            """select id, effect, reached_on, source, made_at, voided_at from participation_effect
            where participation = $1 order by reached_on, made_at""",
            participation,
        )
        groups = await sql.fetch(_GROUPS, participation)
        came_by = await _came_by(sql, row)
    async with transaction(SYSTEM) as sql:
        code = await sql.fetchval("select case_code from participant where id = $1", row["participant"])
    edits = actor.may(Permission.PARTICIPATION_EDIT)
    return Participation(
        id=row["id"],
        participant=row["participant"],
        case_code=code,
        contract_number=row["contract_number"],
        contract_on=row["contract_on"],
        started_on=row["started_on"],
        ended_on=row["ended_on"],
        end_reason=row["end_reason"],
        main_group=row["main_group"] if edits else "",
        refused_group=row["refused_group"] if edits else False,
        certificate_number=row["certificate_number"],
        certificate_on=row["certificate_on"],
        keeper=row["keeper"],
        version=row["version"],
        effects=[EffectRow(**one) for one in effects],
        groups=[GroupHours(**one) for one in groups],
        came_by=came_by,
        edits=edits,
    )


async def _came_by(sql: Any, row: Mapping[str, Any]) -> CameBy | None:
    if row["task"] is None:
        return None
    task = await sql.fetchrow(
        """select t.id as task, t.number, i.name as sender, t.sent_at, t.state
        from referral_task t join institution i on i.id = t.sender where t.id = $1""",
        row["task"],
    )
    return CameBy(**task) if task is not None else None


_REPORTED = """select t.number, t.outcome, t.outcome_on, i.name as receiver from referral_task t
join institution i on i.id = t.receiver where t.participant = $1 and t.sender = $2 and t.receiver <> $2
and t.state = 'delivered' and t.outcome = any($3::text[]) and t.outcome_on >= $4 and not exists (
 select 1 from participation_effect e join participation p on p.id = e.participation
 where p.participant = $1 and e.effect = t.outcome and e.reached_on = t.outcome_on and e.voided_at is null)
order by t.outcome_on limit 10"""


class Reported(Struct, frozen=True):
    """An outcome of a referral of ours that is an effect and stands in no participation yet."""

    number: str
    outcome: str
    outcome_on: date
    receiver: str


async def reported_effects(actor: Actor, part: Participation, effects: tuple[str, ...]) -> list[Reported]:
    """What partners said that the person reached since the start, to be taken over with one press."""
    actor = reader(actor)
    if not part.edits:
        return []
    async with transaction(actor.scope) as sql:
        rows = await sql.fetch(_REPORTED, part.participant, actor.institution, list(effects), part.started_on)
    return [Reported(**row) for row in rows]
