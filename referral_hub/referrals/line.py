"""The waiting list of an offer in its written, fair order, and whose turn a place is. Pure; see docs/waiting-list.md.

The order: urgent before priority before ordinary; within one urgency whoever was put on the list first. Nothing else
counts: not the sender, not the receiver's wish, not how often somebody asked. A place is changed only by somebody ahead
who leaves, or somebody more urgent who comes; whoever lets a place pass keeps theirs.

Moments are aware, days are dates in Europe/Warsaw.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from referral_hub.clock import WARSAW
from referral_hub.directory.business_days import business_days_between

RANK: Final = {"urgent": 0, "priority": 1, "ordinary": 2}
ASKED_AGAIN: Final = 5
"""Business days after which somebody who let a place pass is asked about one that still stands free."""
OUT_OF_ORDER: Final = ("place_fits", "acute", "others_cannot_now", "law_demands")
"""Why a receiver may take somebody before their turn."""


class Waiting(Struct, frozen=True, kw_only=True):
    """Somebody on the list of one offer. `kept_until`: the last day of a place kept for them now.

    `asked`: the places they were asked about and did not take; `passed_at`: when they last let one pass.
    """

    task: UUID
    number: str
    priority: str
    since: datetime
    kept_until: date | None = None
    asked: frozenset[UUID] = frozenset()
    passed_at: datetime | None = None


class InLine(Struct, frozen=True, kw_only=True):
    """One's place in line, and what it consists of: `more_urgent` and `earlier` stand before."""

    position: int
    of: int
    more_urgent: int
    earlier: int


def _key(one: Waiting) -> tuple[int, datetime, UUID]:
    return RANK[one.priority], one.since, one.task


def in_order(waiting: Iterable[Waiting]) -> list[Waiting]:
    """The line, its first one first; two of one moment stand as their referrals were made."""
    return sorted(waiting, key=_key)


def place_in_line(waiting: Sequence[Waiting], task: UUID) -> InLine | None:
    """Where somebody stands, and why; None for who is not in line."""
    line = in_order(waiting)
    for index, one in enumerate(line):
        if one.task == task:
            urgent = sum(RANK[other.priority] < RANK[one.priority] for other in line[:index])
            return InLine(position=index + 1, of=len(line), more_urgent=urgent, earlier=index - urgent)
    return None


def next_for(place: UUID, waiting: Iterable[Waiting]) -> Waiting | None:
    """Whose turn a freed place is: the first in line with none kept yet who was not asked about this very place."""
    return next((one for one in in_order(waiting) if one.kept_until is None and place not in one.asked), None)


def next_for_standing(waiting: Iterable[Waiting], *, told_at: datetime | None, now: datetime) -> Waiting | None:
    """Whose turn a place is that nobody freed just now: a number says so (`told_at`: when it was told)."""
    return next((one for one in in_order(waiting) if _may_be_asked(one, told_at, now)), None)


def _may_be_asked(one: Waiting, told_at: datetime | None, now: datetime) -> bool:
    """Not again and again about a place just let pass, nor about one that was there when the receiver said "wait"."""
    if one.kept_until is not None:
        return False
    if one.passed_at is None and told_at is not None and told_at > one.since:
        return True
    return _business_days(one.passed_at or one.since, now) >= ASKED_AGAIN


def _business_days(since: datetime, now: datetime) -> int:
    return business_days_between(since.astimezone(WARSAW).date(), now.astimezone(WARSAW).date())


def passed_by(waiting: Iterable[Waiting], taken: Waiting, now: datetime, *, full: bool = False) -> int:
    """How many would be passed by if `taken` had a place now: before them in line, none kept, none just let pass.

    Where nothing else is free (`full`) the place would be taken from somebody it is kept for: they count as well.
    """
    before = [one for one in waiting if one.task != taken.task and _key(one) < _key(taken)]
    return sum(full if one.kept_until is not None else not _rests(one, now) for one in before)


def _rests(one: Waiting, now: datetime) -> bool:
    return one.passed_at is not None and _business_days(one.passed_at, now) < ASKED_AGAIN
