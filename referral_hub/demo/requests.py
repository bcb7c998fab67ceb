"""Requests of the demonstration beside the usual ones: issued „skierowania”, receivers asked side by side, a group."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.composing.group_referral import Member, refer_group
from referral_hub.composing.papers_actions import set_papers
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.marks import NETWORK, RUN, mark, marks
from referral_hub.demo.people import hands
from referral_hub.participants.basis import USUAL_FIELDS
from referral_hub.referrals.actions import ask_also, draft, perform
from referral_hub.referrals.papers import Papers
from referral_hub.referrals.states import UNDER_WAY
from referral_hub.vocabularies import book

DONE: Final = "requests"
CLUB, ISSUER = "kis-razem", "ops-przyklad"
SPOKEN: Final[dict[str, object]] = {
    "kind": "consent",
    "ground": "zgoda",
    "given_how": "spoken",
    "fields": list(USUAL_FIELDS),
}
WHY: Final = "Telefonicznie: są miejsca."
SIDE_BY_SIDE, TOGETHER = "prawo", "izolacja"

_OPEN = """select id, version from referral_task
where sender = $1 and keeper = $2 and state = any($3::text[]) order by number desc limit 3"""
_PEOPLE = """select p.id from participant p where p.institution = $1 and p.closed_at is null
order by p.id limit 6"""
_OFFERS = """select distinct on (o.institution) o.id from offer o join institution i on i.id = o.institution
join offer_places p on p.offer = o.id where o.status = 'published' and i.status = 'published' and not i.club
and o.form = any($1) and p.free - p.held - p.taken_since > 1 order by o.institution, o.id limit 2"""


async def fill_requests(now: datetime) -> None:
    """All of it, once."""
    if DONE in await marks(RUN):
        return
    worker = (await hands())[CLUB, "caseworker"]
    async with transaction(SYSTEM) as sql:
        people = [row["id"] for row in await sql.fetch(_PEOPLE, worker.institution)]
        await _issued(sql, worker, now)
        await _side_by_side(sql, worker, people[0], now)
        await _group(sql, worker, people[1:5], now)
        await mark(RUN, DONE, {})


async def _issued(sql: asyncpg.Connection, worker: Actor, now: datetime) -> None:
    """The club applied, the social assistance centre gave its opinion and issued."""
    issuer = UUID((await marks(NETWORK))[ISSUER]["institution"])
    today = now.astimezone(clock.WARSAW).date()
    for days, row in enumerate(await sql.fetch(_OPEN, worker.institution, worker.account, sorted(UNDER_WAY)), start=1):
        papers = Papers(
            applicant=worker.institution,
            applied_on=today - timedelta(days=days + 9),
            applicant_document=f"KIS/{days}/W",
            opinion_giver=issuer,
            opinion="positive",
            opinion_on=today - timedelta(days=days + 4),
            issuer=issuer,
            issued_on=today - timedelta(days=days),
            issue_document=f"OPS.{days}.S",
        )
        with clock.at(now):
            await set_papers(row["id"], papers, actor=worker, version=row["version"])


async def _offers(sql: asyncpg.Connection, need: str) -> list[UUID]:
    return [row["id"] for row in await sql.fetch(_OFFERS, list(book.forms_for(need)))]


async def _side_by_side(sql: asyncpg.Connection, worker: Actor, person: UUID, now: datetime) -> None:
    """Two asked; one has accepted by phone, and the caseworker has still to decide about the other."""
    offers = await _offers(sql, SIDE_BY_SIDE)
    if len(offers) < 2:
        return
    with clock.at(now - timedelta(days=2)):
        asked: dict[str, Any] = {"actor": worker, "basis": SPOKEN}
        first = await draft(person=person, offer=offers[0], need=SIDE_BY_SIDE, together=True, **asked)
        request = await sql.fetchval("select request from referral_task where id = $1", first)
        second = await ask_also(request, offer=offers[1], together=True, **asked)
        for task in (first, second):
            await perform(task, actor=worker, verb="send", version=1, fields={"text": WHY})
    with clock.at(now - timedelta(hours=3)):
        day = (now + timedelta(days=5)).date().isoformat()
        await perform(first, actor=worker, verb="accept", version=2, fields={"date": day}, channel="phone")


async def _group(sql: asyncpg.Connection, worker: Actor, people: list[UUID], now: datetime) -> None:
    """Four people to one group; the last of them has given no consent yet."""
    offers = await _offers(sql, TOGETHER)
    if not offers:
        return
    members = [Member(person=one, basis=SPOKEN) for one in people[:-1]] + [Member(person=people[-1])]
    with clock.at(now - timedelta(days=1)):
        await refer_group(actor=worker, offer=offers[0], need=TOGETHER, people=members, why=WHY)
