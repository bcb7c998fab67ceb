"""Ask many institutions at once who has a place, and take their answers: each one becomes a reading.

One transaction holds the question, a row for each offer asked about, every link and every mail. Nothing about a
person is ever in it, so it needs no basis and can be asked of anybody.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.links import make_links
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import retrying, transaction
from referral_hub.directory.reading_actions import Said, report_reading, undo_reading
from referral_hub.enquiries.emails import PLACE_WANTED, place_wanted, question_words
from referral_hub.enquiries.queries import candidates
from referral_hub.enquiries.schemas import Candidate, Question
from referral_hub.errors import NotAllowed, NotFound, Problem, Refused
from referral_hub.geography.units import unit
from referral_hub.mail.actions import Letter, queue_many
from referral_hub.mail.sms import queue_sms
from referral_hub.vocabularies.book import is_known

CHANNEL = "hub_enquiry"
MOST_ASKED = 3000
"""Institutions in one enquiry: more than any network of ours has."""
MOST_A_DAY = 20
"""Enquiries of one account within 24 hours; beyond that the partners would stop reading."""
LONGEST = timedelta(days=14)
WRITTEN = {"email", "sms"}
"""Ways of asking by a link; the others are the telephone's."""
BETWEEN_REMINDERS = timedelta(hours=20)

_ADD = """insert into enquiry_asked
 (id, enquiry, institution, offer, channel, answer, free, answered_at, answered_by, reading)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"""


@retrying
async def ask(question: Question, *, actor: Actor, leave_out: Collection[UUID] = (), known_too: bool = False) -> UUID:
    """Ask everybody who could answer, but the institutions in `leave_out`; the enquiry's id.

    Those who told a number today are not asked but answered for from it, unless `known_too`. Raises
    Refused("invalid"), `nobody_to_ask`, `too_many_to_ask`, `asked_often_today`.
    """
    problems = _problems(question)
    if problems:
        raise Refused("invalid", problems)
    asked = [one for one in await candidates(question, actor) if one.institution not in leave_out]
    if not asked:
        raise Refused("nobody_to_ask")
    if len({one.institution for one in asked}) > MOST_ASKED:
        raise Refused("too_many_to_ask", most=MOST_ASKED)
    made, moment = new_id(), clock.now()
    async with transaction(actor.scope) as sql:
        await _not_too_often(sql, actor, moment)
        name = await sql.fetchval("select name from institution where id = $1", actor.institution)
        await sql.execute(
            """insert into enquiry (id, institution, account, need, audiences, area, from_on, people, made_at, ends_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
            made,
            actor.institution,
            actor.account,
            question.need,
            question.audiences,
            question.area,
            question.from_on,
            question.people,
            moment,
            datetime.combine(question.ends_on, time(23, 59, 59), clock.WARSAW),
        )
        await sql.executemany(_ADD, [_row(made, one, moment, known_too) for one in asked])
        ways = WRITTEN | {"known"} if known_too else WRITTEN
        mailed = [one for one in asked if one.address and one.way in ways]
        await _mail(made, question, name or "", mailed, actor)
        facts = {"asked": len(asked), "mailed": len({one.institution for one in mailed})}
        await record(Event.ENQUIRY_ASK, by=actor.scope, subject=("enquiry", made), facts=facts)
    return made


async def _not_too_often(sql: asyncpg.Connection, actor: Actor, moment: datetime) -> None:
    # Behind the account's own lock, so that many requests at once do not slip past the count.
    await sql.execute("select 1 from account where id = $1 for update", actor.account)
    today = await sql.fetchval(
        "select count(*) from enquiry where account = $1 and made_at > $2", actor.account, moment - timedelta(days=1)
    )
    if today >= MOST_A_DAY:
        raise Refused("asked_often_today", most=MOST_A_DAY)


def _row(enquiry: UUID, one: Candidate, moment: datetime, known_too: bool) -> tuple[Any, ...]:
    known = one.way == "known" and not known_too
    if one.way == "known":
        channel = "known" if known else "email" if one.address else "phone"
    else:
        channel = "phone" if one.way == "often" else one.way
    answer = ("yes" if one.free else "no") if known else ""
    told = (one.free, one.recorded_at, "known", one.reading) if known else (None, None, "", None)
    return new_id(), enquiry, one.institution, one.offer, channel, answer, *told


async def _mail(
    enquiry: UUID, question: Question, asker: str, asked: Sequence[Candidate], actor: Actor, *, again: bool = False
) -> None:
    """One mail or text message to each institution among `asked`, with a link of its own and what is asked about."""
    titles: dict[UUID, list[str]] = {}
    first: dict[UUID, Candidate] = {}
    for one in asked:
        titles.setdefault(one.institution, []).append(one.title)
        first.setdefault(one.institution, one)
    addresses = {institution: one.address for institution, one in first.items()}
    if not addresses:
        return
    links = await make_links("e", addresses, by=actor.scope, subject=enquiry)
    words = {language: question_words(question, language) for language in {one.language for one in first.values()}}
    letters = []
    for institution, (secret, link) in links.items():
        one = first[institution]
        facts = place_wanted(words[one.language], asker, titles[institution], secret, again=again)
        if one.way == "sms":
            short = {"institution": asker, "link": facts["link"]}
            await queue_sms(one.address, PLACE_WANTED, one.language, short, institution=institution, subject_id=link.id)
        else:
            letters.append(Letter(one.address, one.language, facts, institution, link.id))
    await queue_many(PLACE_WANTED, letters)


@retrying
async def answer(enquiry: UUID, offer: UUID, said: Said, *, actor: Actor) -> UUID:
    """One offer's answer: a number of free places, 0, or 0 with the day from which; the id of its reading.

    By the holder of the institution's link, its own account, or whoever asked and heard it on the phone.
    Raises NotFound, Refused("invalid").
    """
    async with transaction(actor.scope) as sql:
        row = await sql.fetchrow(
            """select a.*, e.institution as asker from enquiry_asked a join enquiry e on e.id = a.enquiry
            where a.enquiry = $1 and a.offer = $2 for update of a""",
            enquiry,
            offer,
        )
        if row is None:
            raise NotFound
        by = _answers_as(actor, row["institution"], row["asker"])
        reading = await report_reading(offer, said, actor=actor)
        word = "yes" if said.free else "later" if said.from_when else "no"
        await sql.execute(
            """update enquiry_asked set answer = $2, free = $3, from_on = $4, answered_at = $5, answered_by = $6,
             reading = $7 where id = $1""",
            row["id"],
            word,
            said.free,
            said.from_when,
            clock.now(),
            by,
            reading,
        )
        await _tell(sql, enquiry, offer)
        facts = {"answer": word, "by": by}
        await record(Event.ENQUIRY_ANSWER, by=actor.scope, subject=("enquiry", enquiry), facts=facts)
        return reading


def _answers_as(actor: Actor, institution: UUID, asker: UUID) -> str:
    """`link`, `account` or `phone`. Raises NotFound for a stranger, NotAllowed for a holder of no such right."""
    if actor.kind == "capacity":
        if actor.institution != institution:
            raise NotFound
        return "link"
    if actor.institution == institution:
        return "account"
    if actor.institution != asker and not actor.may(Permission.DIRECTORY_MODERATE):
        raise NotFound
    if not actor.may(Permission.READING_REPORT):
        raise NotAllowed
    return "phone"


@retrying
async def take_back(enquiry: UUID, reading: UUID, *, actor: Actor) -> UUID:
    """Undo an answer and its reading; the offer. Raises NotFound and what `undo_reading` refuses."""
    async with transaction(actor.scope) as sql:
        row = await sql.fetchrow(
            """select a.*, e.institution as asker from enquiry_asked a join enquiry e on e.id = a.enquiry
            where a.enquiry = $1 and a.reading = $2 for update of a""",
            enquiry,
            reading,
        )
        if row is None or row["answered_by"] == "known":
            raise NotFound
        _answers_as(actor, row["institution"], row["asker"])
        offer = await undo_reading(reading, actor=actor)
        await sql.execute(
            """update enquiry_asked set answer = '', free = null, from_on = null, answered_at = null, answered_by = '',
             reading = null where id = $1""",
            row["id"],
        )
        await _tell(sql, enquiry, offer)
        facts = {"answer": "", "by": "undo"}
        await record(Event.ENQUIRY_ANSWER, by=actor.scope, subject=("enquiry", enquiry), facts=facts)
        return offer


@retrying
async def remind(enquiry: UUID, *, actor: Actor) -> int:
    """Mail once more to everybody silent; how many. At most once in 20 hours.

    Raises NotFound, Refused `enquiry_closed`, `reminded_already`, `nobody_to_ask`.
    """
    async with transaction(actor.scope) as sql:
        row = await _own(sql, enquiry, actor)
        moment = clock.now()
        if row["closed_at"] is not None or row["ends_at"] <= moment:
            raise Refused("enquiry_closed")
        if (row["reminded_at"] or row["made_at"]) > moment - BETWEEN_REMINDERS:
            raise Refused("reminded_already")
        silent = await sql.fetch(
            "select offer from enquiry_asked where enquiry = $1 and answer = '' and channel <> 'phone'", enquiry
        )
        question = Question(
            need=row["need"],
            audiences=list(row["audiences"]),
            area=list(row["area"]),
            from_on=row["from_on"],
            people=row["people"],
            ends_on=row["ends_at"].astimezone(clock.WARSAW).date(),
        )
        left = {one["offer"] for one in silent}
        again = [
            one for one in await candidates(question, actor) if one.offer in left and one.address and one.way in WRITTEN
        ]
        if not again:
            raise Refused("nobody_to_ask")
        await sql.execute("update enquiry set reminded_at = $2 where id = $1", enquiry, moment)
        name = await sql.fetchval("select name from institution where id = $1", row["institution"])
        await _mail(enquiry, question, name or "", again, actor, again=True)
        count = len({one.institution for one in again})
        facts = {"asked": len(again), "mailed": count, "again": True}
        await record(Event.ENQUIRY_ASK, by=actor.scope, subject=("enquiry", enquiry), facts=facts)
        return count


@retrying
async def close(enquiry: UUID, *, actor: Actor) -> None:
    """Wait for no more answers; one that still comes is still a reading. Raises NotFound."""
    async with transaction(actor.scope) as sql:
        row = await _own(sql, enquiry, actor)
        if row["closed_at"] is None:
            await sql.execute("update enquiry set closed_at = $2 where id = $1", enquiry, clock.now())
            await record(Event.ENQUIRY_CLOSE, by=actor.scope, subject=("enquiry", enquiry))
            await _tell(sql, enquiry)


async def _own(sql: asyncpg.Connection, enquiry: UUID, actor: Actor) -> asyncpg.Record:
    row = await sql.fetchrow("select * from enquiry where id = $1 for update", enquiry)
    if row is None or not (actor.institution == row["institution"] or actor.may(Permission.DIRECTORY_MODERATE)):
        raise NotFound
    return row


async def _tell(sql: asyncpg.Connection, enquiry: UUID, offer: UUID | None = None) -> None:
    """A hint to every open page of this enquiry, after the commit."""
    await sql.execute("select pg_notify($1, $2)", CHANNEL, f"{enquiry} {offer or ''}".strip())


def _problems(question: Question) -> list[Problem]:
    today, found = clock.today(), list[Problem]()
    if not is_known("need", question.need):
        found.append(Problem("need", "not_a_choice"))
    if not all(is_known("audience", code) for code in question.audiences):
        found.append(Problem("audiences", "not_a_choice"))
    if not all(unit(code) is not None for code in question.area):
        found.append(Problem("area", "area_not_known"))
    if not 1 <= question.people <= 99:
        found.append(Problem("people", "out_of_range", {"least": 1, "most": 99}))
    for field, day in (("ends_on", question.ends_on), ("from_on", question.from_on)):
        latest = today + (LONGEST if field == "ends_on" else timedelta(days=365))
        if day is not None and day < today:
            found.append(Problem(field, "date_too_early", {"earliest": today}))
        elif day is not None and day > latest:
            found.append(Problem(field, "date_too_late", {"latest": latest}))
    return found
