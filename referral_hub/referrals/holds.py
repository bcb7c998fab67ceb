"""Holds and taken places in SQL: the same sums as `directory/places.py`, each in one conditional statement.

No number is read first and written later, so any number of senders at once get as many holds as there are places.
Raises Refused `no_place` where a move needs a place and there is none.
"""

from datetime import date
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.database.writes import Write, write_all
from referral_hub.directory.places import Status, capacity_status
from referral_hub.errors import Refused
from referral_hub.institutions.changes import places_news
from referral_hub.referrals.case import Case
from referral_hub.referrals.states import Places, State
from referral_hub.referrals.waiting import place_was_freed, place_was_taken, take_from_line

_AVAILABLE = "free is not null and free - held - taken_since > 0"

_COUNT = f"update offer_places set held = held + 1 where offer = $1 and {_AVAILABLE} returning reading"  # noqa: S608 -- names of our own, values are parameters
_KEEP = """insert into hold (id, task, offer, reading, state, placed_at, ends_on)
select $1, $2, $3, place.reading, 'held', $4, $5 from place on conflict (task) do nothing returning id"""

_TURN = """with place as (
 update offer_places set held = held - 1, taken_since = taken_since + 1
 where offer = $2 and exists (select 1 from hold where task = $1 and state = 'held') returning reading)
update hold set state = 'taken', reading = place.reading, taken_at = $3, ends_on = null from place
where task = $1 and state = 'held' returning id"""

_TAKE = f"""with place as (
 update offer_places set taken_since = taken_since + 1 where offer = $3 and {_AVAILABLE} returning reading)
insert into hold (id, task, offer, reading, state, placed_at, taken_at)
select $1, $2, $3, place.reading, 'taken', $4, $4 from place
on conflict (task) do update set state = 'taken', reading = excluded.reading, taken_at = excluded.taken_at,
 ended_at = null, ends_on = null returning id"""  # noqa: S608 -- names of our own, values are parameters

# A place taken under an older reading is left out of the number now in force already: it does not come back. One
# taken under a reading that was undone does, unless the reading now in force was saved after the taking.
_FREE = """with mine as (
 update hold set state = 'freed', ended_at = $2, ends_on = null
 from (select id, state from hold where task = $1 and state <> 'freed' for update) was
 where hold.id = was.id returning hold.offer, hold.reading, hold.taken_at, was.state)
update offer_places p set
 held = p.held - case when mine.state = 'held' then 1 else 0 end,
 taken_since = greatest(0, p.taken_since - case when mine.state = 'taken'
   and (mine.reading is not distinct from p.reading or exists (
    select 1 from capacity_reading undone where undone.id = mine.reading and undone.voided_at is not null
    and not exists (select 1 from capacity_reading r where r.id = p.reading and r.recorded_at > mine.taken_at)))
   then 1 else 0 end)
from mine where p.offer = mine.offer returning p.offer"""

_LOCK = "select 1 from offer_places where offer = $1 for update"
_LAPSE = """with ended as (
 update hold set state = 'freed', ended_at = $2, ends_on = null
 where offer = $3 and state = 'held' and ends_on < $1 returning task),
counted as (update offer_places p set held = p.held - (select count(*) from ended) where p.offer = $3)
select task from ended order by task"""


def hold_writes(case: Case, ends_on: date | None) -> list[Write]:
    """The hold as writes that go along with the sending; none where nothing is counted.

    The batch answers the hold's id under `held`; see `check_hold` for what it means when there is none.
    """
    if case["no_data"] or case["places_free"] is None:
        return []
    offer = case["offer"]
    counted = Write(_COUNT, (offer,), name="place")
    kept = Write(_KEEP, (new_id(), case["id"], offer, clock.now(), ends_on), name="held", gives="id")
    return [counted, kept, places_news(offer)]


def check_hold(case: Case, held: UUID | None, *, override: bool) -> None:
    """No hold is right for a waiting list, or with a reason; else somebody was quicker: Refused `no_place`."""
    full = capacity_status(0, case["waiting"], case["said"] or "") is Status.NO_CAPACITY
    if held is None and full and not override:
        raise Refused("no_place")


async def apply_places(
    sql: asyncpg.Connection,
    effect: Places,
    case: Case,
    *,
    ends_on: date | None,
    out_of_order: bool = False,
    full: bool = False,
) -> None:
    """Do what a move other than sending does to the offer's places. `ends_on`: the hold's last day.

    A place that goes back is kept for the next in line at once, unless the receiver has just said that it is `full`;
    `out_of_order` may take one that is kept for somebody.
    """
    if effect is Places.POLICY:
        effect = Places.KEEP if case["keeps_place_on_hold"] else Places.FREE
    changed = False
    if effect is Places.TAKE and case["hold_state"] == "held":
        changed = await sql.fetchval(_TURN, case["id"], case["offer"], clock.now()) is not None
        if case["state"] == State.WAITLISTED:
            await place_was_taken(case["id"])
    elif effect is Places.TAKE or (effect is Places.RETAKE and _was_given_back(case)):
        changed = await _take(sql, case, out_of_order=out_of_order)
    elif effect is Places.FREE and case["hold_state"] in ("held", "taken"):
        changed = await sql.fetchval(_FREE, case["id"], clock.now()) is not None
        if changed:
            await place_was_freed(case["id"], case["offer"], goes_on=not full)
    elif effect is Places.KEEP and case["hold_state"] == "held":
        await sql.execute("update hold set ends_on = $2 where task = $1 and state = 'held'", case["id"], ends_on)
    if changed:
        await write_all(sql, [places_news(case["offer"])])


def _was_given_back(case: Case) -> bool:
    return case["hold_state"] == "freed" and case["hold_taken_at"] is not None


async def _take(sql: asyncpg.Connection, case: Case, *, out_of_order: bool) -> bool:
    if case["places_free"] is None:
        return False
    if await _taken(sql, case) or (
        out_of_order and await take_from_line(case["offer"], case["id"]) and await _taken(sql, case)
    ):
        return True
    raise Refused("no_place")


async def _taken(sql: asyncpg.Connection, case: Case) -> bool:
    return await sql.fetchval(_TAKE, new_id(), case["id"], case["offer"], clock.now()) is not None


async def lapse_holds(today: date) -> int:
    """End the holds whose last day has passed and let each place go on; how many. Safe to repeat."""
    async with transaction(SYSTEM) as sql:
        offers = await sql.fetch("select distinct offer from hold where state = 'held' and ends_on < $1", today)
    return sum([await _lapse_at(row["offer"], today) for row in offers])


@retrying
async def _lapse_at(offer: UUID, today: date) -> int:
    async with transaction(SYSTEM, by_key=True) as sql:
        await sql.execute(_LOCK, offer)
        ended = await sql.fetch(_LAPSE, today, clock.now(), offer)
        for row in ended:
            await place_was_freed(row["task"], offer, why="lapsed")
        if ended:
            await write_all(sql, [places_news(offer)])
        return len(ended)
