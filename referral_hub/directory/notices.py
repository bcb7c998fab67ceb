"""Notices („w piątek nieczynne”): an institution says something for some days, and it ends by itself."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import connection, retrying, transaction
from referral_hub.directory.notice_words import names_somebody, problems_of
from referral_hub.directory.ownership import looks_after
from referral_hub.errors import NotFound, Problem, Refused
from referral_hub.institutions.changes import tell_directory

MOST: Final = 20
"""So many may stand for one institution: more is a description, not a notice."""


class NoticeRow(Struct, frozen=True):
    """A notice that has not ended; `about` the title or place it speaks of, '' for the whole institution."""

    id: UUID
    text: str
    from_on: date
    until_on: date
    about: str
    made_at: datetime


_ABOUT: Final = """coalesce((select o.title from offer o where o.id = n.belongs_to),
 (select coalesce(nullif(s.name, ''), nullif(s.street, ''), s.place) from site s where s.id = n.belongs_to), '')"""


async def notices_to_care_for(institution: UUID, actor: Actor) -> list[NoticeRow]:
    """What stands now or is still to come, the next to begin first. Raises NotFound where it is not the actor's."""
    if not looks_after(actor, institution):
        raise NotFound
    async with connection() as sql:
        rows = await sql.fetch(
            f"""select n.id, n.text, n.from_on, n.until_on, {_ABOUT} as about, n.made_at from notice n
            where n.institution = $1 and n.ended_at is null and n.until_on >= $2
            order by n.from_on, n.until_on, n.id""",  # noqa: S608 -- an expression of ours
            institution,
            clock.today(),
        )
    return [NoticeRow(**dict(row)) for row in rows]


async def notices_today(offer: UUID) -> list[str]:
    """The words that hold today for an offer: of its institution, its places, itself; for the printed card."""
    async with connection() as sql:
        rows = await sql.fetch(
            """select n.text from notice n join offer o on o.id = $1 and o.institution = n.institution
            where n.ended_at is null and n.from_on <= $2 and n.until_on >= $2 and (n.belongs_to is null
             or n.belongs_to = o.id or n.belongs_to in (select site from offer_site where offer = o.id))
            order by n.from_on, n.id""",
            offer,
            clock.today(),
        )
    return [row["text"] for row in rows]


@retrying
async def add_notice(
    institution: UUID,
    text: str,
    *,
    from_on: date,
    until_on: date,
    actor: Actor,
    about: UUID | None = None,
    sure: bool = False,
) -> UUID:
    """Say something until its last day; `about` one site or offer of the institution. The notice's id.

    Raises NotFound, Refused("invalid"): besides days and length, `notice_names_somebody` unless the writer is `sure`,
    `notices_too_many`.
    """
    if not looks_after(actor, institution):
        raise NotFound
    problems = problems_of(text, from_on, until_on, clock.today())
    if not sure and names_somebody(text):
        problems.append(Problem("text", "notice_names_somebody"))
    made = new_id()
    async with transaction(actor.scope) as sql:
        if await sql.fetchval("select true from institution where id = $1 for no key update", institution) is None:
            raise NotFound
        problems += await _problems_there(sql, institution, about)
        if problems:
            raise Refused("invalid", problems)
        await sql.execute(
            """insert into notice (id, institution, belongs_to, text, from_on, until_on, made_at, made_by)
            values ($1, $2, $3, $4, $5, $6, $7, $8)""",
            made,
            institution,
            about,
            text,
            from_on,
            until_on,
            clock.now(),
            actor.account,
        )
        await tell_directory(sql, institution=institution)
        facts = {"from": from_on.isoformat(), "until": until_on.isoformat()}
        await record(Event.NOTICE_ADD, by=actor.scope, subject=("institution", institution), facts=facts)
    return made


async def _problems_there(sql: asyncpg.Connection, institution: UUID, about: UUID | None) -> Sequence[Problem]:
    found = []
    standing = await sql.fetchval(
        "select count(*) from notice where institution = $1 and ended_at is null and until_on >= $2",
        institution,
        clock.today(),
    )
    if standing >= MOST:
        found.append(Problem("", "notices_too_many", {"most": MOST}))
    if about is not None and not await sql.fetchval(_OWN, institution, about):
        found.append(Problem("about", "not_a_choice"))
    return found


_OWN: Final = """select exists (select 1 from offer where id = $2 and institution = $1 and status <> 'archived')
 or exists (select 1 from site where id = $2 and institution = $1 and status <> 'archived')"""


@retrying
async def end_notice(notice: UUID, *, actor: Actor) -> UUID:
    """Take it back before its last day; twice is the same. Its institution. Raises NotFound."""
    async with transaction(actor.scope) as sql:
        row = await sql.fetchrow("select institution, ended_at from notice where id = $1 for update", notice)
        if row is None or not looks_after(actor, row["institution"]):
            raise NotFound
        institution: UUID = row["institution"]
        if row["ended_at"] is None:
            await sql.execute("update notice set ended_at = $2 where id = $1", notice, clock.now())
            await tell_directory(sql, institution=institution)
            await record(Event.NOTICE_END, by=actor.scope, subject=("institution", institution))
    return institution
