"""How long receivers of a kind have to answer, a place is kept for the next in line, and a request to cancel waits.

The network's own times, for clocks that start after they were set.

clock_table() -> list[ClockRow]          the usual times, those of slow kinds, and kinds with times of their own
clock_row(kind) -> ClockRow              NotFound for a kind nobody knows
times_of_kind(kind) -> {priority: Times}
set_clocks(kind, times, *, actor)        Refused("invalid") with every problem
reset_clocks(kind, *, actor)             back to what the kind would have without times of its own
"""

from collections.abc import Mapping
from typing import Final

import asyncpg
from msgspec import Struct, structs

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.errors import NotFound, Problem, Refused
from referral_hub.referrals.clocks import Times, times_for
from referral_hub.vocabularies import book

PRIORITIES: Final = ("ordinary", "priority", "urgent")
PARTS: Final = Times.__struct_fields__
ALL, SLOW = "", book.SLOW
MOST_DAYS: Final = 250
"""A year of business days."""
_IN_ORDER: Final = (("answer", "escalate"), ("escalate", "expire"), ("cancel_escalate", "cancel_expire"))


class ClockRow(Struct, frozen=True):
    """The times of one kind by priority; `own` where the network set them. `kind` is "" for all and "slow"."""

    kind: str
    times: dict[str, Times]
    own: bool


async def clock_table() -> list[ClockRow]:
    """All that differ: the usual, the slow kinds', then kinds with their own in the order of their words."""
    async with transaction(SYSTEM) as sql:
        kept = await _kept(sql)
    own = [word.code for word in book.words("kind", retired=True) if word.code in kept]
    return [_row(kind, kept) for kind in (ALL, SLOW, *own)]


async def clock_row(kind: str) -> ClockRow:
    """The times of one kind as they are now. Raises NotFound."""
    if kind not in (ALL, SLOW) and book.word("kind", kind) is None:
        raise NotFound
    async with transaction(SYSTEM) as sql:
        return _row(kind, await _kept(sql))


async def times_of_kind(kind: str) -> dict[str, Times]:
    """What holds now for an institution of this kind, by priority."""
    async with transaction(SYSTEM) as sql:
        return _row(kind, await _kept(sql)).times


@retrying
async def set_clocks(kind: str, times: Mapping[str, Times], *, actor: Actor) -> None:
    """Set the times of a kind for every priority; clocks that run already go on as they were started."""
    if problems := [problem for priority in PRIORITIES for problem in _problems(priority, times[priority])]:
        raise Refused("invalid", problems)
    before = await clock_row(kind)
    async with transaction(actor.scope) as sql:
        for priority in PRIORITIES:
            one = times[priority]
            await sql.execute(
                """insert into clock_setting (id, kind, priority, answer_days, escalate_days, expire_days, kept_days,
                 cancel_escalate_days, cancel_expire_days, updated_at, updated_by)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                on conflict (kind, priority) do update set answer_days = $4, escalate_days = $5, expire_days = $6,
                 kept_days = $7, cancel_escalate_days = $8, cancel_expire_days = $9, updated_at = $10,
                 updated_by = $11""",
                *(new_id(), kind, priority, *structs.astuple(one), clock.now(), actor.account),
            )
        await _recorded(actor, kind, before.times, times)


@retrying
async def reset_clocks(kind: str, *, actor: Actor) -> None:
    """Take the network's own times of a kind away."""
    before = await clock_row(kind)
    async with transaction(actor.scope) as sql:
        if await sql.fetch("delete from clock_setting where kind = $1 returning priority", kind):
            await _recorded(actor, kind, before.times, _row(kind, await _kept(sql)).times)


def _problems(priority: str, times: Times) -> list[Problem]:
    days = structs.asdict(times)
    bounds: dict[str, object] = {"least": 1, "most": MOST_DAYS}
    found = [
        Problem(f"{priority}_{name}", "out_of_range", bounds) for name in PARTS if not 1 <= days[name] <= MOST_DAYS
    ]
    return found + out_of_order(priority, days)


def out_of_order(priority: str, days: Mapping[str, int | None]) -> list[Problem]:
    """Days that come before those they have to follow, as far as they are known; beside `<priority>_<part>`."""
    return [
        Problem(f"{priority}_{later}", "clock_out_of_order")
        for earlier, later in _IN_ORDER
        if (before := days[earlier]) is not None and (after := days[later]) is not None and after < before
    ]


async def _kept(sql: asyncpg.Connection) -> dict[str, dict[str, Times]]:
    kept: dict[str, dict[str, Times]] = {}
    for row in await sql.fetch("select * from clock_setting"):
        times = Times(*(row[f"{part}_days"] for part in PARTS))
        kept.setdefault(row["kind"], {})[row["priority"]] = times
    return kept


def _row(kind: str, kept: Mapping[str, Mapping[str, Times]]) -> ClockRow:
    slow = kind == SLOW or book.clock_class(kind) == SLOW
    times = {}
    for priority in PRIORITIES:
        settings = {of: one[priority] for of, one in kept.items() if priority in one}
        times[priority] = times_for(settings, priority, kind, slow=slow)
    return ClockRow(kind, times, kind in kept)


async def _recorded(actor: Actor, kind: str, before: Mapping[str, Times], after: Mapping[str, Times]) -> None:
    def told(times: Mapping[str, Times]) -> dict[str, str]:
        return {name: "/".join(map(str, structs.astuple(one))) for name, one in times.items()}

    facts = {"kind": kind, "before": told(before), "after": told(after)}
    await record(Event.CLOCK_SET, by=actor.scope, subject=("clock", None), facts=facts)
