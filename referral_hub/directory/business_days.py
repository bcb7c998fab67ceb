"""Polish business days: neither a weekend nor a public holiday. Pure; days are dates in Europe/Warsaw."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import count, islice

import holidays


@lru_cache
def _free_days(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("PL", years=year))


def is_business_day(day: date) -> bool:
    """Neither a weekend nor a Polish holiday (24 December is one from 2025)."""
    return day.weekday() < 5 and day not in _free_days(day.year)


def _business_days_after(day: date) -> Iterator[date]:
    return (later for step in count(1) if is_business_day(later := day + timedelta(days=step)))


@lru_cache(maxsize=1024)  # three clocks start with every referral of a day
def add_business_days(day: date, number: int) -> date:
    """The `number`-th business day after `day` (at least one)."""
    if number < 1:
        raise ValueError("a clock runs at least one business day")
    return next(islice(_business_days_after(day), number - 1, None))


def business_days_between(day: date, later: date) -> int:
    """Business days after `day` up to and including `later`; negative when `later` is earlier."""
    if later < day:
        return -business_days_between(later, day)
    return sum(is_business_day(day + timedelta(days=step)) for step in range(1, (later - day).days + 1))
