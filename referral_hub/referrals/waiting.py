"""The line of an offer in the database: who waits, who is kept a place, and how a place goes from hand to hand.

Everything here runs inside the caller's transaction and for the hub itself: whoever frees a place may not see who is
next. The counter of the offer is locked first (`lock_places`), so nobody else gets the place meanwhile; an offer
without a reading has no counter, and keeps nothing.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.audit.actions import audit_line
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.database.writes import Write, write_all
from referral_hub.directory.business_days import add_business_days
from referral_hub.institutions.changes import places_news
from referral_hub.referrals.case import load_case, times_of
from referral_hub.referrals.emails import letters_to_keeper, letters_to_receiver
from referral_hub.referrals.line import Waiting, in_order, next_for, next_for_standing

_LOCK = "select 1 from offer_places where offer = (select offer from referral_task where id = $1) for update"
_LOCK_OFFER = "select 1 from offer_places where offer = $1 for update"
_WAITING = """select t.id as task, t.number, q.priority,
 coalesce(t.waiting_since, t.first_answer_at, t.made_at) as since,
 (select k.ends_on from place_offered k where k.task = t.id and k.answer = '') as kept_until,
 array(select k.place from place_offered k where k.task = t.id and k.answer in ('passed', 'lapsed')) as asked,
 (select max(k.answered_at) from place_offered k where k.task = t.id and k.answer in ('passed', 'lapsed')) as passed_at
from referral_task t join referral_request q on q.id = t.request
where t.offer = $1 and t.state = 'waitlisted'"""
_KEEP = """with counted as (
 update offer_places set held = held + 1 where offer = $3 and free is not null and free - held - taken_since > 0
 and not exists (select 1 from hold where task = $2 and state <> 'freed') returning reading)
insert into hold (id, task, offer, reading, state, placed_at, ends_on)
select $1, $2, $3, counted.reading, 'held', $4, $5 from counted
on conflict (task) do update set state = 'held', reading = excluded.reading, placed_at = excluded.placed_at,
 ends_on = excluded.ends_on, taken_at = null, ended_at = null returning id"""
_OFFER = """insert into place_offered (id, task, offer, place, offered_at, ends_on, answer)
values ($1, $2, $3, $4, $5, $6, '')"""
_CLOSE = """update place_offered set answer = $2, answered_at = $3 where task = $1 and answer = ''
returning place"""
_LET_GO = """with mine as (update hold set state = 'freed', ended_at = $2, ends_on = null
 where task = $1 and state = 'held' returning offer)
update offer_places p set held = p.held - 1 from mine where p.offer = mine.offer returning p.offer"""
_TOLD_AT = """select r.recorded_at from offer_places p join capacity_reading r on r.id = p.reading
where p.offer = $1"""


async def lock_places(sql: asyncpg.Connection, task: UUID) -> None:
    """Moves at one offer follow one another from here on: the counter first, tasks after it, everywhere."""
    await sql.execute(_LOCK, task)


async def waiting_at(sql: asyncpg.Connection, offer: UUID, *, lock: bool = False) -> list[Waiting]:
    """Everybody on the list of an offer, in no order. `lock`: and nobody leaves it until the transaction ends."""
    rows = await sql.fetch(f"{_WAITING} for update of t" if lock else _WAITING, offer)
    return [Waiting(**{**dict(row), "asked": frozenset(row["asked"])}) for row in rows]


async def place_was_freed(task: UUID, offer: UUID, *, why: str = "gone", goes_on: bool = True) -> None:
    """A hold or a taken place went back: it is kept for the next in line, in the transaction of the move.

    If it was itself kept for `task`, that ends with `why` (passed, lapsed, gone), and the place goes on to those who
    were not asked about it. `goes_on` is False where the receiver has just said that there is no room.
    """
    async with transaction(SYSTEM, by_key=True) as sql:
        place = await sql.fetchval(_CLOSE, task, why, clock.now())
        if place is not None and why == "lapsed":
            # Nobody did it: no move and no press of a button tells of it.
            await write_all(sql, [_audited(Event.PLACE_LAPSE, task, "")])
        if not goes_on:
            return
        await _go_on(sql, offer, place or new_id(), but=task)


async def place_was_taken(task: UUID) -> None:
    """Whoever was kept a place has it now."""
    async with transaction(SYSTEM, by_key=True) as sql:
        await sql.fetchval(_CLOSE, task, "taken", clock.now())


async def let_go(task: UUID, offer: UUID, *, why: str) -> None:
    """End the keeping of a place without a move of its referral, and let the place go on; the counter is locked."""
    async with transaction(SYSTEM, by_key=True) as sql:
        if await sql.fetchval(_LET_GO, task, clock.now()) is not None:
            await place_was_freed(task, offer, why=why)


async def take_from_line(offer: UUID, by: UUID) -> bool:
    """Free the place kept for the last of those who are kept one, for somebody taken out of order; False: none."""
    async with transaction(SYSTEM, by_key=True) as sql:
        kept = [one for one in await waiting_at(sql, offer, lock=True) if one.kept_until is not None and one.task != by]
        if not kept:
            return False
        last = in_order(kept)[-1].task
        await sql.fetchval(_CLOSE, last, "gone", clock.now())
        await sql.fetchval(_LET_GO, last, clock.now())
        case = await load_case(sql, last)
        if case is not None:
            await write_all(
                sql, [_audited(Event.PLACE_GO_ON, last, "gone"), *await letters_to_keeper(sql, case, "referral_news")]
            )
        return True


async def keep_standing(sql: asyncpg.Connection, offer: UUID) -> int:
    """Keep every place that stands free for those in line whose turn it is; how many. Safe to repeat."""
    kept = 0
    async with transaction(SYSTEM, by_key=True) as system:
        await system.execute(_LOCK_OFFER, offer)
        told_at: datetime | None = await system.fetchval(_TOLD_AT, offer)
        while (
            chosen := next_for_standing(await waiting_at(system, offer, lock=True), told_at=told_at, now=clock.now())
        ) and await _keep(system, offer, chosen, new_id()):
            kept += 1
    return kept


async def _go_on(sql: asyncpg.Connection, offer: UUID, place: UUID, *, but: UUID) -> None:
    """Keep the place for whoever is next, `but` the one who gives it back: its own row is only just being written."""
    waiting = [one for one in await waiting_at(sql, offer, lock=True) if one.task != but]
    chosen = next_for(place, waiting)
    if chosen is not None:
        await _keep(sql, offer, chosen, place)


async def _keep(sql: asyncpg.Connection, offer: UUID, chosen: Waiting, place: UUID) -> bool:
    """Keep a place for somebody and tell both sides; False where there is none."""
    case = await load_case(sql, chosen.task)
    if case is None:
        return False
    ends_on = add_business_days(clock.today(), times_of(case).kept)
    if await sql.fetchval(_KEEP, new_id(), chosen.task, offer, clock.now(), ends_on) is None:
        return False
    more: dict[str, Any] = {"until": ends_on}
    letters = await letters_to_keeper(sql, case, "place_kept", more)
    letters += await letters_to_receiver(sql, case, "place_kept", by=SYSTEM, more=more)
    offered = Write(_OFFER, (new_id(), chosen.task, offer, place, clock.now(), ends_on))
    audited = _audited(Event.PLACE_KEEP, chosen.task, "")
    await write_all(sql, [offered, audited, places_news(offer), *letters])
    return True


def _audited(event: Event, task: UUID, why: str) -> Write:
    return audit_line(event, by=SYSTEM, subject=("referral", task), facts={"why": why} if why else {})
