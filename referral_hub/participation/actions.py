"""Taking part in the club, by its caseworkers: start, contract, effects, end, and back when it was a mistake.

start(person, described, *, actor, task=None) -> UUID
change(participation, described, *, actor, version)
add_effect(participation, effect, reached_on, *, actor, source="club") -> UUID
void_effect(participation, effect, *, actor)
end(participation, ended, *, actor, version)
reopen(participation, *, actor, version)           ended by mistake
"""

from datetime import date
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import NotAllowed, NotFound, Problem, Refused, Stale
from referral_hub.participation.clubs import CLUB
from referral_hub.participation.course import Described, Ended, problems_of, problems_of_effect, problems_of_end


def working(actor: Actor) -> Actor:
    """The actor as a caseworker of a club. Raises NotAllowed."""
    if not actor.may(Permission.PARTICIPATION_EDIT) or actor.institution is None:
        raise NotAllowed
    return actor.acting_for(Permission.PARTICIPATION_EDIT)


@retrying
async def start(person: UUID, described: Described, *, actor: Actor, task: UUID | None = None) -> UUID:
    """Somebody of the own institution takes part from a day on; `task` is the referral they came by. Its id.

    Raises NotFound, NotAllowed, Refused: `invalid`, `not_a_club`, `takes_part_already`, `participation_overlaps`,
    `person_is_closed`, `referral_led_here_already`.
    """
    actor = working(actor)
    _check(problems_of(described, clock.today()))
    made = new_id()
    async with transaction(actor.scope) as sql:
        known = await sql.fetchrow(
            f"""select p.closed_at, {CLUB} as club from participant p join institution i on i.id = p.institution
            where p.id = $1 and p.institution = $2 and p.merged_into is null for update of p""",  # noqa: S608 -- a constant of ours
            person,
            actor.institution,
        )
        if known is None:
            raise NotFound
        if not known["club"]:
            raise Refused("not_a_club")
        if known["closed_at"] is not None:
            raise Refused("person_is_closed")
        if task is not None and await sql.fetchval("select true from participation where task = $1", task):
            raise Refused("referral_led_here_already")
        await _check_no_overlap(sql, person, described.started_on)
        await sql.execute(
            """insert into participation (id, participant, institution, task, contract_number, contract_on, started_on,
             main_group, refused_group, keeper) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
            made,
            person,
            actor.institution,
            task,
            described.contract_number,
            described.contract_on,
            described.started_on,
            described.main_group,
            described.refused_group,
            actor.account,
        )
        await sql.execute("update participant set last_used_at = $2 where id = $1", person, clock.now())
        facts = {"by_referral": task is not None}
        await record(Event.PARTICIPATION_START, by=actor.scope, subject=("participation", made), facts=facts)
    return made


async def _check_no_overlap(
    sql: asyncpg.Connection, person: UUID, started_on: date, but: UUID | None = None, ended_on: date | None = None
) -> None:
    """A person takes part once at a time; who ended may come again the day after."""
    other = await sql.fetchrow(
        """select ended_on from participation where participant = $1 and id is distinct from $3
        and coalesce(ended_on, 'infinity') >= $2 and started_on <= coalesce($4, 'infinity'::date)
        order by started_on desc limit 1""",
        person,
        started_on,
        but,
        ended_on,
    )
    if other is None:
        return
    if other["ended_on"] is None:
        raise Refused("takes_part_already")
    raise Refused("invalid", [Problem("started_on", "participation_overlaps", {"until": other["ended_on"]})])


def _check(problems: list[Problem]) -> None:
    if problems:
        raise Refused("invalid", problems)


async def _locked(
    sql: asyncpg.Connection, participation: UUID, actor: Actor, version: int | None = None
) -> asyncpg.Record:
    row = await sql.fetchrow(
        "select * from participation where id = $1 and institution = $2 for update", participation, actor.institution
    )
    if row is None:
        raise NotFound
    if version is not None and row["version"] != version:
        raise Stale
    return row


@retrying
async def change(participation: UUID, described: Described, *, actor: Actor, version: int) -> None:
    """Put contract, start and main group right. Raises NotFound, Stale, Refused as `start` does."""
    actor = working(actor)
    _check(problems_of(described, clock.today()))
    async with transaction(actor.scope) as sql:
        row = await _locked(sql, participation, actor, version)
        if row["ended_on"] is not None and described.started_on > row["ended_on"]:
            raise Refused("invalid", [Problem("started_on", "date_too_late", {"latest": row["ended_on"]})])
        await _check_no_overlap(sql, row["participant"], described.started_on, participation, row["ended_on"])
        first = await sql.fetchval(
            "select min(reached_on) from participation_effect where participation = $1 and voided_at is null",
            participation,
        )
        if first is not None and described.started_on > first:
            raise Refused("invalid", [Problem("started_on", "date_too_late", {"latest": first})])
        facts = {name: getattr(described, name) for name in Described.__struct_fields__}
        changed = sorted(name for name, value in facts.items() if row[name] != value)
        if not changed:
            return
        await sql.execute(
            """update participation set contract_number = $2, contract_on = $3, started_on = $4, main_group = $5,
             refused_group = $6, version = version + 1 where id = $1""",
            participation,
            described.contract_number,
            described.contract_on,
            described.started_on,
            described.main_group,
            described.refused_group,
        )
        subject = ("participation", participation)
        await record(Event.PARTICIPATION_EDIT, by=actor.scope, subject=subject, facts={"fields": changed})


@retrying
async def add_effect(participation: UUID, effect: str, reached_on: date, *, actor: Actor, source: str = "club") -> UUID:
    """Record an effect; also after the end, since a job may come later. Its id. Refused `effect_known_already`."""
    actor, made = working(actor), new_id()
    async with transaction(actor.scope) as sql:
        row = await _locked(sql, participation, actor)
        _check(problems_of_effect(effect, reached_on, source, row["started_on"], clock.today()))
        if await sql.fetchval(
            """select true from participation_effect where participation = $1 and effect = $2 and reached_on = $3
            and voided_at is null""",
            participation,
            effect,
            reached_on,
        ):
            raise Refused("effect_known_already")
        await sql.execute(
            """insert into participation_effect (id, participation, effect, reached_on, source, made_at, made_by)
            values ($1, $2, $3, $4, $5, $6, $7)""",
            made,
            participation,
            effect,
            reached_on,
            source,
            clock.now(),
            actor.account,
        )
        await record(Event.EFFECT_ADD, by=actor.scope, subject=("participation", participation))
    return made


@retrying
async def void_effect(participation: UUID, effect: UUID, *, actor: Actor) -> None:
    """A wrong effect counts no more and stays to be seen; a second press changes nothing. Raises NotFound."""
    actor = working(actor)
    async with transaction(actor.scope) as sql:
        await _locked(sql, participation, actor)
        row = await sql.fetchrow(
            "select voided_at from participation_effect where id = $1 and participation = $2", effect, participation
        )
        if row is None:
            raise NotFound
        if row["voided_at"] is not None:
            return
        await sql.execute("update participation_effect set voided_at = $2 where id = $1", effect, clock.now())
        await record(Event.EFFECT_VOID, by=actor.scope, subject=("participation", participation))


@retrying
async def end(participation: UUID, ended: Ended, *, actor: Actor, version: int) -> None:
    """The person no longer takes part. Raises NotFound, Stale, Refused: `invalid`, `participation_is_over`."""
    actor = working(actor)
    async with transaction(actor.scope) as sql:
        row = await _locked(sql, participation, actor, version)
        if row["ended_on"] is not None:
            raise Refused("participation_is_over")
        _check(problems_of_end(ended, row["started_on"], clock.today()))
        await sql.execute(
            """update participation set ended_on = $2, end_reason = $3, certificate_number = $4, certificate_on = $5,
             version = version + 1 where id = $1""",
            participation,
            ended.ended_on,
            ended.reason,
            ended.certificate_number,
            ended.certificate_on,
        )
        await record(Event.PARTICIPATION_END, by=actor.scope, subject=("participation", participation))


@retrying
async def reopen(participation: UUID, *, actor: Actor, version: int) -> None:
    """Take an end back that was a mistake.

    Raises NotFound, Stale, Refused: `takes_part_already`, `person_is_closed`.
    """
    actor = working(actor)
    async with transaction(actor.scope) as sql:
        row = await _locked(sql, participation, actor, version)
        if row["ended_on"] is None:
            return
        if await sql.fetchval("select closed_at from participant where id = $1 for share", row["participant"]):
            raise Refused("person_is_closed")
        await _check_no_overlap(sql, row["participant"], row["started_on"], participation)
        await sql.execute(
            """update participation set ended_on = null, end_reason = '', certificate_number = '',
             certificate_on = null, version = version + 1 where id = $1""",
            participation,
        )
        await record(Event.PARTICIPATION_REOPEN, by=actor.scope, subject=("participation", participation))
