"""Say what is offered and wanted; propose an exchange, agree, be done, let go. Each is one transaction."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.barter.course import AMOUNT_MOST, COURSE, MOST_LINES, RUNNING, SIDES, TEXT_MOST, acts_open
from referral_hub.barter.emails import tell_other_side
from referral_hub.barter.queries import own_exchange
from referral_hub.barter.schemas import NewLine
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import NotFound, Problem, Refused
from referral_hub.institutions.changes import tell_directory
from referral_hub.vocabularies import book

_LINE = """select l.id, l.side, l.subject, l.offer, o.institution, l.until, l.ended_at, o.status from barter_line l
join offer o on o.id = l.offer where l.id = any($1::uuid[]) order by l.id for no key update of l"""


@retrying
async def add_line(offer: UUID, line: NewLine, *, actor: Actor) -> UUID:
    """A thing offered or wanted; its id. Raises NotFound, Refused("invalid"), Refused `too_many_lines`."""
    problems = line_problems(line, clock.today())
    if problems:
        raise Refused("invalid", problems)
    async with transaction(actor.scope) as sql:
        await own_exchange(offer, actor)
        await sql.fetchval("select true from offer where id = $1 for no key update", offer)
        count = await sql.fetchval("select count(*) from barter_line where offer = $1 and ended_at is null", offer)
        if count >= MOST_LINES:
            raise Refused("too_many_lines", most=MOST_LINES)
        made = new_id()
        await sql.execute(
            """insert into barter_line (id, offer, side, subject, text, amount, until, made_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)""",
            made, offer, line.side, line.subject, line.text, line.amount, line.until, clock.now(),
        )  # fmt: skip
        await tell_directory(sql, offer=offer)
        facts = {"side": line.side, "subject": line.subject}
        await record(Event.BARTER_EDIT, by=actor.scope, subject=("offer", offer), facts=facts)
        return made


def line_problems(line: NewLine, today: date) -> list[Problem]:
    """What cannot be taken of a line."""
    found = []
    if line.side not in SIDES:
        found.append(Problem("side", "not_a_choice"))
    if not book.is_known("barter_subject", line.subject):
        found.append(Problem("subject", "not_a_choice"))
    for name, text, most in (("text", line.text, TEXT_MOST), ("amount", line.amount, AMOUNT_MOST)):
        if len(text) > most:
            found.append(Problem(name, "too_long", {"most": most, "length": len(text)}))
        if "\x00" in text:
            found.append(Problem(name, "bad_characters"))
    if line.until is not None and line.until < today:
        found.append(Problem("until", "date_too_early", {"earliest": today}))
    return found


@retrying
async def end_line(offer: UUID, line: UUID, *, actor: Actor) -> None:
    """No longer offered or wanted; what was agreed on it goes on. Again changes nothing. Raises NotFound."""
    async with transaction(actor.scope) as sql:
        await own_exchange(offer, actor)
        row = await sql.fetchrow("select offer, ended_at from barter_line where id = $1 for no key update", line)
        if row is None or row["offer"] != offer:
            raise NotFound
        if row["ended_at"] is not None:
            return
        await sql.execute("update barter_line set ended_at = $2 where id = $1", line, clock.now())
        await tell_directory(sql, offer=offer)
        await record(Event.BARTER_EDIT, by=actor.scope, subject=("offer", offer), facts={"ended": True})


@retrying
async def propose(offer: UUID, offered: UUID, wanted: UUID, *, actor: Actor, word: str = "") -> UUID:
    """Propose, for the institution of `offer`, that what is offered meets what is wanted; the exchange's id.

    Proposed twice it is one. Raises NotFound, Refused `lines_do_not_meet`, `line_ended`.
    """
    async with transaction(actor.scope) as sql:
        own = await own_exchange(offer, actor)
        rows = {row["id"]: row for row in await sql.fetch(_LINE, [offered, wanted])}
        if offered not in rows or wanted not in rows or offer not in {row["offer"] for row in rows.values()}:
            raise NotFound
        given, taken = rows[offered], rows[wanted]
        if not _meet(given, taken):
            raise Refused("lines_do_not_meet")
        running = await sql.fetchval(
            "select id from barter_exchange where offered = $1 and wanted = $2 and state = any($3::text[])",
            offered,
            wanted,
            list(RUNNING),
        )
        if running is not None:
            return UUID(str(running))
        if any(_ended(row) for row in (given, taken)):
            raise Refused("line_ended")
        made, moment = new_id(), clock.now()
        await sql.execute(
            """insert into barter_exchange (id, offered, wanted, proposed_by, state, word, made_at, changed_at)
            values ($1, $2, $3, $4, 'proposed', $5, $6, $6)""",
            made, offered, wanted, own["institution"], word, moment,
        )  # fmt: skip
        other = taken if given["institution"] == own["institution"] else given
        await _tell(sql, made, "proposed", own["institution"], other, actor)
        return made


def _meet(given: Mapping[str, Any], taken: Mapping[str, Any]) -> bool:
    fits = given["subject"] == taken["subject"] and given["institution"] != taken["institution"]
    return fits and (given["side"], taken["side"]) == ("offered", "wanted")


def _ended(row: Mapping[str, Any]) -> bool:
    over = row["until"] is not None and row["until"] < clock.today()
    return row["ended_at"] is not None or over or row["status"] != "published"


@retrying
async def go_on(offer: UUID, exchange: UUID, act: str, *, actor: Actor, word: str = "") -> str:
    """Agree, be done or let go, for the institution of `offer`; the state after it. Again changes nothing.

    Raises NotFound, Refused `exchange_moved_on` where it can no longer be done, `own_proposal` for agreeing to it.
    """
    async with transaction(actor.scope) as sql:
        own = await own_exchange(offer, actor)
        row = await sql.fetchrow("select * from barter_exchange where id = $1 for no key update", exchange)
        lines = {one["id"]: one for one in await sql.fetch(_LINE, [row["offered"], row["wanted"]])} if row else {}
        if row is None or act not in COURSE or offer not in {line["offer"] for line in lines.values()}:
            raise NotFound
        after = COURSE[act][1]
        if row["state"] == after:
            return after
        if act not in acts_open(row["state"], row["proposed_by"], own["institution"]):
            own_words = act == "agree" and row["state"] == "proposed"
            raise Refused("own_proposal" if own_words else "exchange_moved_on")
        await sql.execute(
            "update barter_exchange set state = $2, word = case when $3 = '' then word else $3 end, changed_at = $4 "
            "where id = $1",
            exchange,
            after,
            word,
            clock.now(),
        )
        # None where a merge has made both sides one institution: nobody else is to be told.
        other = next((line for line in lines.values() if line["institution"] != own["institution"]), None)
        await _tell(sql, exchange, after, own["institution"], other, actor)
        return after


async def _tell(
    sql: asyncpg.Connection, exchange: UUID, state: str, side: UUID, other: Mapping[str, Any] | None, actor: Actor
) -> None:
    await record(Event.EXCHANGE_CHANGE, by=actor.scope, subject=("exchange", exchange), facts={"state": state})
    if other is not None:
        await tell_other_side(sql, state, side, other)
