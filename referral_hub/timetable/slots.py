"""The appointments that duty hours make: each slot of each week, but for holidays and days taken out. Pure."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

from msgspec import Struct

from referral_hub.timetable.rhythm import is_holiday, moment_of

AHEAD: Final = timedelta(weeks=6)
"""How far appointments stand open for booking."""


class Hours(Struct, frozen=True):
    """Duty hours: `weekday` 1 (Monday) to 7, "HH:MM" in Warsaw, `minutes` for each appointment."""

    weekday: int
    from_hour: str
    until_hour: str
    minutes: int
    starts_on: date
    ends_on: date | None = None


def duty_days(hours: Hours, first: date, last: date, blocked: Collection[date] = ()) -> Iterator[date]:
    """The days between `first` and `last`, both inside, on which somebody is there."""
    first = max(first, hours.starts_on)
    last = min(last, hours.ends_on) if hours.ends_on else last
    day = first + timedelta(days=(hours.weekday - first.isoweekday()) % 7)
    while day <= last:
        if day not in blocked and not is_holiday(day):
            yield day
        day += timedelta(days=7)


def slots(hours: Hours, first: date, last: date, blocked: Collection[date] = ()) -> list[tuple[datetime, datetime]]:
    """(from, until) of every appointment; what does not fit into the hours is left out."""
    return [slot for day in duty_days(hours, first, last, blocked) for slot in _of_day(hours, day)]


def _of_day(hours: Hours, day: date) -> Iterator[tuple[datetime, datetime]]:
    minute, end = _minutes(hours.from_hour), _minutes(hours.until_hour)
    while minute + hours.minutes <= end:
        begins, ends = moment_of(day, _hour(minute)), moment_of(day, _hour(minute + hours.minutes))
        # In the night the clocks change some hours do not exist; nobody is asked to come then.
        if begins is not None and ends is not None and begins < ends:
            yield begins, ends
        minute += hours.minutes


def _minutes(hour: str) -> int:
    known = time.fromisoformat(hour)
    return known.hour * 60 + known.minute


def _hour(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def together(one: Hours, other: Hours) -> bool:
    """Whether two duty hours fall on the same time of the same days."""
    same_days = (
        one.weekday == other.weekday
        and (other.ends_on is None or one.starts_on <= other.ends_on)
        and (one.ends_on is None or other.starts_on <= one.ends_on)
    )
    return same_days and one.from_hour < other.until_hour and other.from_hour < one.until_hour
