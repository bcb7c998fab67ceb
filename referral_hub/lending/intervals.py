"""Who has how many pieces when: half-open spans [start, end), swept in order of time. Pure."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from msgspec import Struct

from referral_hub.clock import WARSAW
from referral_hub.directory.hours import MIDNIGHT, Week


class Span(Struct, frozen=True, order=True):
    """So many pieces are away from `start` until `end` (aware moments)."""

    start: datetime
    end: datetime
    pieces: int = 1


class Part(Struct, frozen=True):
    """A part of time in which `free` pieces are there."""

    start: datetime
    end: datetime
    free: int


def most_at_once(spans: Iterable[Span], start: datetime, end: datetime) -> int:
    """The largest number of pieces away at one moment of [start, end)."""
    steps: list[tuple[datetime, int]] = []
    for span in spans:
        if span.start < end and start < span.end:
            steps += [(max(span.start, start), span.pieces), (span.end, -span.pieces)]
    away = most = 0
    # What comes back at a moment is there for whoever comes at that moment: the minus sorts first.
    for _, change in sorted(steps):
        away += change
        most = max(most, away)
    return most


def parts(spans: Sequence[Span], owned: int, start: datetime, end: datetime) -> list[Part]:
    """[start, end) cut where the number of free pieces changes; in order, without gaps."""
    inside = [span for span in spans if span.start < end and start < span.end]
    cuts = sorted(
        {start, end, *(moment for span in inside for moment in (span.start, span.end) if start < moment < end)}
    )
    found: list[Part] = []
    for first, last in pairwise(cuts):
        free = max(0, owned - most_at_once(inside, first, last))
        if found and found[-1].free == free:
            found[-1] = Part(found[-1].start, last, free)
        else:
            found.append(Part(first, last, free))
    return found


def local(day: date, minutes: int, *, last: bool = False) -> datetime | None:
    """The moment (in UTC: moments of one zone compare by their clocks) of a clock in Warsaw.

    `minutes` after midnight, 1440 is the next midnight. None for an hour that the change to summer time leaves out.
    Of an hour that comes twice the first one, as an end (`last`) the second: who is there until half past two is
    there until the later one.
    """
    if minutes == MIDNIGHT:
        day, minutes = day + timedelta(days=1), 0
    said = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, fold=int(last), tzinfo=WARSAW)
    there = datetime.fromtimestamp(said.timestamp(), WARSAW)
    return said.astimezone(UTC) if (there.hour, there.minute) == (said.hour, said.minute) else None


def day_span(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight, 23 or 25 hours when the clocks change."""
    after = day + timedelta(days=1)
    first, last = (datetime(one.year, one.month, one.day, tzinfo=WARSAW) for one in (day, after))
    return first.astimezone(UTC), last.astimezone(UTC)


def within_hours(week: Week | None, start: datetime, end: datetime) -> bool:
    """Whether all of [start, end) lies in the hours of the week; a week nobody could read holds nothing."""
    if week is None:
        return False
    first, last = start.astimezone(WARSAW), end.astimezone(WARSAW)
    day = first.date()
    while day <= last.date():
        since = first.hour * 60 + first.minute if day == first.date() else 0
        until = last.hour * 60 + last.minute if day == last.date() else MIDNIGHT
        open_then = any(one.start <= since and until <= one.end for one in week.days[day.weekday()])
        if until > since and not open_then:
            return False
        day += timedelta(days=1)
    return True
