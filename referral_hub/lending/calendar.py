"""A week by hours and a month by days, as a page draws them: busy or free, never whose. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal

from msgspec import Struct

from referral_hub.directory.hours import MIDNIGHT, Week
from referral_hub.lending.intervals import Part, Span, day_span, local, most_at_once, parts, within_hours

EARLIEST: Final = 7
LATEST: Final = 21
"""Hours of a week drawn where nobody said when the resource is lent."""

State = Literal["free", "partly", "busy", "past", "none", "shut"]
"""`none`: the clocks leave the hour out; `shut`: outside the hours of lending, where one may still ask."""


class Cell(Struct, frozen=True):
    """An hour of a day."""

    day: date
    hour: int
    state: State
    free: int


class DayCell(Struct, frozen=True):
    """A day of a month with the times when not all is free."""

    day: date
    state: State
    busy: list[Part]


def monday_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def hours_drawn(week: Week | None, spans: Sequence[Span], first: date) -> range:
    """From the earliest to the latest hour at which something is lent or taken in the week from `first`."""
    open_hours = [interval for day in week.days for interval in day] if week else []
    since = min((one.start // 60 for one in open_hours), default=EARLIEST)
    until = max((-(-one.end // 60) for one in open_hours), default=LATEST)
    for number in range(7):
        start, end = day_span(first + timedelta(days=number))
        for part in parts(spans, 1, start, end):
            if part.free == 0:
                since = min(since, int((part.start - start).total_seconds()) // 3600)
                until = max(until, -(-int((part.end - start).total_seconds()) // 3600))
    return range(max(since, 0), min(until, 24))


def week_of(
    first: date, spans: Sequence[Span], owned: int, drawn: range, now: datetime, hours: Week | None = None
) -> list[list[Cell]]:
    """A row for each hour, a cell for each of the seven days from `first`."""
    days = [first + timedelta(days=number) for number in range(7)]
    return [[_cell(day, hour, spans, owned, now, hours) for day in days] for hour in drawn]


def _cell(day: date, hour: int, spans: Sequence[Span], owned: int, now: datetime, hours: Week | None) -> Cell:
    start = local(day, hour * 60)
    end = local(day, (hour + 1) * 60) or local(day, min((hour + 2) * 60, MIDNIGHT))
    if start is None or end is None:
        return Cell(day, hour, "none", 0)
    free = max(0, owned - most_at_once(spans, start, end))
    if end > now and free == owned and hours is not None and not within_hours(hours, start, end):
        return Cell(day, hour, "shut", free)
    return Cell(day, hour, "past" if end <= now else _state(free, owned), free)


def _state(free: int, owned: int) -> State:
    return "busy" if free == 0 else "free" if free == owned else "partly"


def month_of(
    day: date, spans: Sequence[Span], owned: int, now: datetime, hours: Week | None = None
) -> list[list[DayCell | None]]:
    """Weeks of the month of `day`, Monday first; None outside the month."""
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    weeks, monday = list[list[DayCell | None]](), monday_of(first)
    while monday < after:
        week = [monday + timedelta(days=number) for number in range(7)]
        weeks.append([day_of(one, spans, owned, now, hours) if first <= one < after else None for one in week])
        monday += timedelta(days=7)
    return weeks


def day_of(day: date, spans: Sequence[Span], owned: int, now: datetime, hours: Week | None = None) -> DayCell:
    """One day: `busy` are the times when not every piece is free."""
    start, end = day_span(day)
    busy = [part for part in parts(spans, owned, start, end) if part.free < owned]
    if end <= now:
        return DayCell(day, "past", busy)
    if not busy and hours is not None and not hours.days[day.weekday()]:
        return DayCell(day, "shut", busy)
    whole = len(busy) == 1 and busy[0].free == 0 and (busy[0].start, busy[0].end) == (start, end)
    return DayCell(day, "busy" if whole else "partly" if busy else "free", busy)
