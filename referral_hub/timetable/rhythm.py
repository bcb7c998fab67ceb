"""On which days a series meets, and at which moment an hour in Warsaw is: 17:00 stays 17:00 all year. Pure."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

import holidays

from referral_hub.clock import WARSAW

ONCE, WEEK, TWO_WEEKS, MONTH = "once", "week", "two_weeks", "month"
RHYTHMS: Final = (ONCE, WEEK, TWO_WEEKS, MONTH)
MOST: Final = 200
"""Meetings made at once; a slip of the pen in a year does not fill a table."""


@lru_cache
def _free_days(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("PL", years=year))


def is_holiday(day: date) -> bool:
    """A public holiday in Poland; an ordinary Sunday is none, groups may meet then."""
    return day in _free_days(day.year)


def nth_weekday(day: date) -> int:
    """Which of its weekday in the month: 1 to 4; a fifth counts as the last (-1)."""
    number = (day.day - 1) // 7 + 1
    return number if number < 5 else -1


def _in_month(year: int, month: int, weekday: int, nth: int) -> date:
    if nth < 0:
        last = date(year, month, monthrange(year, month)[1])
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _days(first: date, rhythm: str) -> Iterator[date]:
    yield first
    if rhythm == MONTH:
        nth, month = nth_weekday(first), first.year * 12 + first.month - 1
        while True:
            month += 1
            yield _in_month(month // 12, month % 12 + 1, first.weekday(), nth)
    step = timedelta(days={WEEK: 7, TWO_WEEKS: 14}.get(rhythm, 0))
    while step:
        first += step
        yield first


def days_of(first: date, rhythm: str, until: date | None, *, on_holidays: bool = False) -> list[date]:
    """The days of a series from `first` until `until`; public holidays are left out unless the group meets then too.

    One day more than MOST is given at most, so that too long a series is seen. A single day stays, holiday or not:
    who chose it meant it.
    """
    if rhythm == ONCE or until is None:
        return [first]
    found: list[date] = []
    for day in _days(first, rhythm):
        if day > until or len(found) > MOST:
            break
        if on_holidays or not is_holiday(day):
            found.append(day)
    return found


def left_out(first: date, rhythm: str, until: date | None) -> list[date]:
    """The holidays on which a series would have met."""
    every = days_of(first, rhythm, until, on_holidays=True)
    return [day for day in every if is_holiday(day)] if rhythm != ONCE else []


def moment_of(day: date, hour: str) -> datetime | None:
    """The UTC moment of "HH:MM" in Warsaw on that day; None for an hour the clocks leave out in March.

    Of the hour that comes twice in October the first is meant.
    """
    there = datetime.combine(day, time.fromisoformat(hour), WARSAW)
    found = there.astimezone(UTC)
    same = found.astimezone(WARSAW)
    return found if (same.date(), same.time()) == (day, there.time()) else None
