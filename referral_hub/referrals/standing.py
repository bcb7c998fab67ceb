"""Places that stand free, and who would be passed by: what the clock, a new number and an answer ask the line."""

from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.directory.places import available
from referral_hub.referrals.case import Case
from referral_hub.referrals.line import Waiting, passed_by
from referral_hub.referrals.states import State
from referral_hub.referrals.waiting import keep_standing, waiting_at

_STANDING = """select distinct t.offer from referral_task t join offer_places p on p.offer = t.offer
where t.state = 'waitlisted' and p.free - p.held - p.taken_since > 0"""


async def keep_standing_places() -> int:
    """Offer every place that stands free to those whose turn it is; how many. Safe to repeat and to run twice."""
    async with transaction(SYSTEM) as sql:
        offers = await sql.fetch(_STANDING)
    return sum([await _keep_at(row["offer"]) for row in offers])


@retrying
async def _keep_at(offer: UUID) -> int:
    async with transaction(SYSTEM, by_key=True) as sql:
        return await keep_standing(sql, offer)


async def keep_told_places(sql: asyncpg.Connection, offer: UUID) -> None:
    """A number was told: what it says is free is offered to the line in the transaction of the telling."""
    await keep_standing(sql, offer)


async def people_passed_by(case: Case) -> int:
    """How many before this one in line would be passed by if it were accepted now; a kept place passes nobody by."""
    if case["hold_state"] == "held":
        return 0
    async with transaction(SYSTEM, by_key=True) as sql:
        waiting = await waiting_at(sql, case["offer"])
    own = next((one for one in waiting if one.task == case["id"]), None)
    if own is None or case["state"] != State.WAITLISTED:
        own = Waiting(task=case["id"], number=case["number"], priority=case["priority"], since=clock.now())
    free = case["places_free"]
    full = free is not None and available(free, case["held"], case["taken_since"]) == 0
    return passed_by(waiting, own, clock.now(), full=full)
