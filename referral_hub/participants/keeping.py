"""The life of an entry in the institution's own register: who keeps it, closed and open again.

    hand_over(people, *, to, actor) -> int          one person, several, or
    hand_over_all(of, *, to, actor) -> int          everybody a leaver keeps
    close_person(person, why, *, actor)             with a reason; nothing may be going on
    reopen_person(person, *, actor)

What is kept for a person (referrals, participations, paths) follows: found in the tables' own metadata, so that no new
table is forgotten.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.absences import MAILED_TO
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.caseworkers import Caseworker, caseworkers_of
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.references import key_columns
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.errors import NotAllowed, NotFound, Problem, Refused
from referral_hub.mail.actions import queue
from referral_hub.settings import settings

CLOSE_REASONS: Final = ("goal_reached", "goes_elsewhere", "person_ended", "no_contact", "moved_away", "other")
"""Neutral: none says anything against the person."""
MOST: Final = 5000

_KEEPERS = """select p.keeper as id, coalesce(nullif(a.name, ''), a.email, '') as name,
 coalesce(a.active, false) as active, count(*) as people from participant p left join account a on a.id = p.keeper
where p.institution = $1 and p.closed_at is null and p.merged_into is null and p.keeper is not null
group by p.keeper, a.name, a.email, a.active order by coalesce(a.active, false), 2"""


class Keeper(Struct, frozen=True):
    """Somebody who keeps people now, perhaps with an account that has ended."""

    id: UUID
    name: str
    active: bool
    people: int


def _handing(actor: Actor) -> UUID:
    if not actor.may(Permission.PERSON_HAND_OVER) or actor.institution is None:
        raise NotAllowed
    return actor.institution


async def caseworkers_beside(actor: Actor) -> list[Caseworker]:
    """The open accounts that may keep people here, the actor's own among them."""
    return await caseworkers_of(_handing(actor))


async def keepers_beside(actor: Actor) -> list[Keeper]:
    """Who keeps how many people here; accounts that have ended first. Counts only, no person."""
    institution = _handing(actor)
    async with transaction(SYSTEM) as sql:
        return [Keeper(**row) for row in await sql.fetch(_KEEPERS, institution)]


async def left_behind(actor: Actor) -> int:
    """How many people here are kept by an account that has ended."""
    return sum(keeper.people for keeper in await keepers_beside(actor) if not keeper.active)


@retrying
async def hand_over(people: Sequence[UUID], *, to: UUID, actor: Actor) -> int:
    """Give these people to a colleague; how many went. Raises NotFound for anybody not of this institution,
    NotAllowed, Refused("invalid")."""
    institution = _handing(actor)
    wanted = list(dict.fromkeys(people))
    if not wanted or len(wanted) > MOST:
        raise Refused("invalid", [Problem("person", "choose_some")])
    await _check_colleague(to, actor)
    # The rows are those of the actor's own institution; a coordinator hands over without ever reading them.
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch(
            """select id, keeper from participant where id = any($1::uuid[]) and institution = $2
            and merged_into is null order by id for update""",
            wanted,
            institution,
        )
        if len(rows) != len(wanted):
            raise NotFound
        return await _give(sql, [row["id"] for row in rows if row["keeper"] != to], to, actor)


@retrying
async def hand_over_all(of: UUID, *, to: UUID, actor: Actor) -> int:
    """Give everybody this account keeps here to a colleague, closed entries too; how many went."""
    institution = _handing(actor)
    await _check_colleague(to, actor)
    if of == to:
        raise Refused("invalid", [Problem("to", "same_keeper")])
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch(
            """select id from participant where institution = $1 and keeper = $2 and merged_into is null order by id
            for update""",
            institution,
            of,
        )
        given = await _give(sql, [row["id"] for row in rows], to, actor)
        others = {}
        for table in kept_with_people():
            # Also what the leaver looked after for people of others.
            done = await sql.execute(
                f"update {table} set keeper = $2 where keeper = $1 and {_owner(table)} = $3",  # noqa: S608 -- names of ours, from the tables' metadata
                of,
                to,
                institution,
            )
            if moved := int(done.rpartition(" ")[2]):
                others[table] = moved
        if others:
            facts = {"to": str(to), "moved": others}
            await record(Event.PERSON_HAND_OVER, by=actor.scope, subject=("account", of), facts=facts)
        return given


async def _check_colleague(to: UUID, actor: Actor) -> None:
    if to not in {one.id for one in await caseworkers_beside(actor)}:
        raise Refused("invalid", [Problem("to", "not_a_choice")])


@cache
def kept_with_people() -> tuple[str, ...]:
    """Tables that name a participant and its keeper: they follow the person."""
    keeping = {place.table for place in key_columns() if place.column == "keeper"}
    of_people = {place.table for place in key_columns() if place.to == "participant" and place.column == "participant"}
    return tuple(sorted(keeping & of_people))


def _owner(table: str) -> str:
    """The column that says whose the row is."""
    sent = any(place.name == f"{table}.sender" for place in key_columns())
    return "sender" if sent else "institution"


async def _give(sql: asyncpg.Connection, people: list[UUID], to: UUID, actor: Actor) -> int:
    if not people:
        return 0
    for table in kept_with_people():
        # What a colleague looks after for the same person stays with that colleague.
        await sql.execute(
            f"update {table} t set keeper = $2 from participant p where p.id = t.participant "  # noqa: S608 -- names of ours, from the tables' metadata
            f"and p.id = any($1::uuid[]) and (t.keeper is null or t.keeper = p.keeper) and t.{_owner(table)} = $3",
            people,
            to,
            actor.institution,
        )
    await sql.execute("update participant set keeper = $2 where id = any($1::uuid[])", people, to)
    for person in people:
        await record(Event.PERSON_HAND_OVER, by=actor.scope, subject=("participant", person), facts={"to": str(to)})
    if to != actor.account:
        await _tell(sql, to, len(people), actor)
    return len(people)


async def _tell(sql: asyncpg.Connection, to: UUID, count: int, actor: Actor) -> None:
    """A number and a link: whom it is about stands nowhere in the mail."""
    row = await sql.fetchrow(
        f"select {MAILED_TO.format(today='$1')} as email, a.language from account a where a.id = $2 and a.active",  # noqa: S608 -- constants of ours
        clock.today(),
        to,
    )
    if row is not None:
        facts = {"count": count, "link": f"{settings().public_url}/people?mine=1"}
        await queue(row["email"], "people_handed_over", row["language"], facts, institution=actor.institution)


def _keeping(actor: Actor) -> Actor:
    if not actor.may(Permission.PERSON_EDIT) or actor.institution is None:
        raise NotAllowed
    return actor.acting_for(Permission.PERSON_EDIT)


_GOING_ON = """select (select count(*) from referral_task where participant = $1 and sender = $2
  and state not in ('declined', 'withdrawn', 'expired', 'not_delivered', 'delivered', 'void')) as referrals,
 (select count(*) from participation where participant = $1 and ended_on is null) as participations,
 (select count(*) from support_path where participant = $1 and closed_at is null) as paths"""


@retrying
async def close_person(person: UUID, why: str, *, actor: Actor) -> None:
    """The work with somebody is over; the entry goes out of the way and its time of keeping begins.

    Raises NotFound, NotAllowed, Refused: `invalid`, `work_goes_on` with what is still open.
    """
    actor = _keeping(actor)
    if why not in CLOSE_REASONS:
        raise Refused("invalid", [Problem("why", "choose_one" if not why else "not_a_choice")])
    async with transaction(actor.scope) as sql:
        closed_at = await _lock(sql, person, actor)
        if closed_at is not None:
            return
        open_now = await sql.fetchrow(_GOING_ON, person, actor.institution)
        if any(open_now.values()):
            raise Refused("work_goes_on", **dict(open_now))
        await sql.execute(
            "update participant set closed_at = $2, closed_why = $3 where id = $1", person, clock.now(), why
        )
        await record(Event.PERSON_CLOSE, by=actor.scope, subject=("participant", person))


@retrying
async def reopen_person(person: UUID, *, actor: Actor) -> None:
    """Somebody comes again. Raises NotFound, NotAllowed."""
    actor = _keeping(actor)
    async with transaction(actor.scope) as sql:
        if await _lock(sql, person, actor) is None:
            return
        await sql.execute(
            "update participant set closed_at = null, closed_why = '', last_used_at = $2 where id = $1",
            person,
            clock.now(),
        )
        await record(Event.PERSON_REOPEN, by=actor.scope, subject=("participant", person))


async def _lock(sql: asyncpg.Connection, person: UUID, actor: Actor) -> object:
    """When the entry was closed, None while it is open. Raises NotFound."""
    row = await sql.fetchrow(
        "select closed_at from participant where id = $1 and institution = $2 and merged_into is null for update",
        person,
        actor.institution,
    )
    if row is None:
        raise NotFound
    return row["closed_at"]
