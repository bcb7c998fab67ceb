"""The line as somebody may see it: a receiver the numbers and case codes, everybody else only their own place in it."""

from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import SYSTEM, connection, transaction
from referral_hub.errors import NotFound
from referral_hub.institutions.agreements import is_bound
from referral_hub.referrals.clock_settings import times_of_kind
from referral_hub.referrals.line import InLine, Waiting, in_order, place_in_line
from referral_hub.referrals.person_seen import SHOWN
from referral_hub.referrals.states import State
from referral_hub.referrals.waiting import waiting_at

_OFFER = """select o.id, o.title, o.institution, i.kind, p.free,
 greatest(0, p.free - p.held - p.taken_since) as available
from offer o join institution i on i.id = o.institution left join offer_places p on p.offer = o.id
where o.id = $1 and o.status <> 'archived'"""
_SEEN = f"""select t.id, case when $3 or {SHOWN.format(today="$2")} then q.case_code else '' end as case_code,
 t.review_on, t.version, t.sharing_ended from referral_task t
join referral_request q on q.id = t.request where t.offer = $1 and t.state = 'waitlisted'"""  # noqa: S608 -- our own words
_BEFORE_OTHERS = """select t.number, e.at, e.facts->>'out_of_order' as why from task_event e
join referral_task t on t.id = e.task
where t.offer = $1 and e.verb = 'accept' and e.facts->>'out_of_order' is not null and e.at > $2
order by e.at desc limit 20"""
_OWN = "select offer, state, sender, receiver, waiting_since, first_answer_at from referral_task where id = $1"
_KEPT = """select id, ends_on, answer, coalesce(answered_at, offered_at) as at from place_offered
where task = $1 order by offered_at"""
_LOOKS_BACK = timedelta(days=90)


class LineRow(Struct, frozen=True, kw_only=True):
    """One person in line, to the receiver: number and, where its basis holds, the case code.

    `may_accept`: whoever looks may take the person; a place has to be kept, or free.
    """

    task: UUID
    number: str
    case_code: str
    priority: str
    since: datetime
    kept_until: date | None
    review_on: date | None
    version: int
    may_accept: bool


class BeforeOthers(Struct, frozen=True):
    """Somebody who was accepted before their turn, and the coded reason."""

    number: str
    at: datetime
    why: str


class Line(Struct, frozen=True, kw_only=True):
    """The line of one offer. `free` is what nobody holds (None: never told); `rows` only for whoever answers.

    `kept_days`: for how many business days a place is kept now, by urgency.
    """

    offer: UUID
    title: str
    free: int | None
    waiting: int
    kept: int
    kept_days: dict[str, int]
    rows: list[LineRow]
    before_others: list[BeforeOthers]


async def line_of(offer: UUID, actor: Actor) -> Line:
    """The line of an offer, to those who answer for it, keep its entry or coordinate. Raises NotFound.

    Who keeps the entry only sees how many wait: referrals are not theirs to read.
    """
    async with connection() as sql:
        row = await sql.fetchrow(_OFFER, offer)
    if row is None:
        raise NotFound
    # Whoever answers elsewhere and coordinates as well looks at another's line as the coordinator.
    coordinates = actor.institution != row["institution"]
    if coordinates and "coordinator" not in actor.by_role:
        raise NotFound
    if coordinates:
        actor = actor.acting_as("coordinator")
    elif actor.may(Permission.REFERRAL_ANSWER):
        actor = actor.acting_for(Permission.REFERRAL_ANSWER)
    reads = coordinates or actor.may(Permission.REFERRAL_ANSWER)
    async with transaction(SYSTEM) as sql:
        waiting = in_order(await waiting_at(sql, offer))
        kept = sum(one.kept_until is not None for one in waiting)
    rows, before = await _seen(offer, actor, waiting) if reads else ([], [])
    return Line(
        offer=offer,
        title=row["title"],
        free=None if row["free"] is None else row["available"],
        waiting=len(waiting),
        kept=kept,
        kept_days={priority: times.kept for priority, times in (await times_of_kind(row["kind"])).items()},
        rows=rows,
        before_others=before,
    )


async def _seen(offer: UUID, actor: Actor, waiting: list[Waiting]) -> tuple[list[LineRow], list[BeforeOthers]]:
    bound = actor.role == "coordinator" or (actor.institution is not None and await is_bound(actor.institution))
    async with transaction(actor.scope) as sql:
        seen = {row["id"]: row for row in await sql.fetch(_SEEN, offer, clock.today(), actor.role == "coordinator")}
        early = await sql.fetch(_BEFORE_OTHERS, offer, clock.now() - _LOOKS_BACK)
    rows = [
        LineRow(
            task=one.task,
            number=one.number,
            case_code=seen[one.task]["case_code"] if bound else "",
            priority=one.priority,
            since=one.since,
            kept_until=one.kept_until,
            review_on=seen[one.task]["review_on"],
            version=seen[one.task]["version"],
            may_accept=bound and actor.role != "coordinator" and not seen[one.task]["sharing_ended"],
        )
        for one in waiting
        if one.task in seen
    ]
    return rows, [BeforeOthers(row["number"], row["at"], row["why"]) for row in early]


class Kept(Struct, frozen=True):
    """A place kept for one referral: until when, and what became of it ('' while it waits)."""

    id: UUID
    until: date
    answer: str
    at: datetime


class OwnPlace(Struct, frozen=True, kw_only=True):
    """One referral's place in line and the places kept for it; `passed_by`: taken before their turn since it waits."""

    offer: UUID
    receives: bool
    place: InLine | None
    since: datetime | None
    kept: Kept | None
    before: list[Kept]
    passed_by: int
    may_pass: bool


async def own_place(task: UUID, actor: Actor) -> OwnPlace | None:
    """A referral's place in line as far as this actor may see it; None where it never waited or is not theirs."""
    async with transaction(actor.scope) as sql:
        own = await sql.fetchrow(_OWN, task)
        if own is None:
            return None
        kept = [Kept(row["id"], row["ends_on"], row["answer"], row["at"]) for row in await sql.fetch(_KEPT, task)]
    if own["state"] != State.WAITLISTED:
        return None
    async with transaction(SYSTEM) as sql:
        place = place_in_line(await waiting_at(sql, own["offer"]), task)
        since = own["waiting_since"] or own["first_answer_at"]
        passed_by = await _passed_by(sql, own["offer"], since, task)
    sends = actor.role == "caseworker" and actor.institution == own["sender"] and actor.may(Permission.REFERRAL_SEND)
    return OwnPlace(
        offer=own["offer"],
        receives=actor.institution == own["receiver"] and actor.may(Permission.REFERRAL_ANSWER),
        place=place,
        since=since,
        kept=next((one for one in kept if not one.answer), None),
        before=[one for one in kept if one.answer],
        passed_by=passed_by,
        may_pass=sends,
    )


async def _passed_by(sql: asyncpg.Connection, offer: UUID, since: datetime | None, task: UUID) -> int:
    """How many were accepted before their turn since this one waits, whoever they are."""
    return int(
        await sql.fetchval(
            """select count(*) from task_event e join referral_task t on t.id = e.task
            where t.offer = $1 and e.verb = 'accept' and e.facts->>'out_of_order' is not null
            and e.at >= $2 and t.id <> $3""",
            offer,
            since or clock.now(),
            task,
        )
    )
