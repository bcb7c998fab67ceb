"""Hours of an offer by month, for the yearly report: meetings held, people counted once, hours. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

SMALLEST: Final = 5
"""Fewer people than this are shown to nobody outside the club."""
THERE: Final = frozenset({"came", "late"})


class Held(Struct, frozen=True):
    """A meeting whose list is closed: its day in Warsaw, its length in hours, and who was there without a referral."""

    id: UUID
    day: date
    hours: float
    others: int = 0


class Mark(Struct, frozen=True):
    """One person's mark at one meeting; `hours` None: as long as the meeting."""

    meeting: UUID
    person: UUID
    attendance: str
    hours: float | None = None


class Month(Struct, frozen=True):
    """`meeting_hours`: how long the meetings were; `person_hours`: hours of all people together.

    None where the number would tell of fewer than SMALLEST people.
    """

    first: date
    meetings: int
    meeting_hours: float
    people: int | None
    person_hours: float | None
    others: int | None


def months(held: Sequence[Held], marks: Iterable[Mark], *, inside: bool) -> list[Month]:
    """The months with a meeting held, the newest first, and under them nothing: a person counts once a month.

    `inside` the club small numbers are shown.
    """
    by_meeting = {one.id: one for one in held}
    there: dict[date, dict[UUID, float]] = {}
    for mark in marks:
        meeting = by_meeting.get(mark.meeting)
        if meeting is None or mark.attendance not in THERE:
            continue
        people = there.setdefault(_first(meeting.day), {})
        hours = meeting.hours if mark.hours is None else mark.hours
        people[mark.person] = people.get(mark.person, 0.0) + hours
    found = []
    for first in sorted({_first(one.day) for one in held}, reverse=True):
        of_month = [one for one in held if _first(one.day) == first]
        found.append(_month(first, of_month, there.get(first, {}), inside))
    return found


def whole(held: Sequence[Held], marks: Sequence[Mark], *, inside: bool) -> Month | None:
    """The same for everything together: whoever came in two months is one person.

    Where a month is hidden its total is too: taking the other months from it would tell the month.
    """
    if not held:
        return None
    lengths = {one.id: one.hours for one in held}
    there: dict[UUID, float] = {}
    for mark in marks:
        if mark.meeting in lengths and mark.attendance in THERE:
            hours = lengths[mark.meeting] if mark.hours is None else mark.hours
            there[mark.person] = there.get(mark.person, 0.0) + hours
    together = _month(min(one.day for one in held), held, there, inside)
    by_month = months(held, marks, inside=inside)
    if any(one.people is None for one in by_month):
        together = replace(together, people=None, person_hours=None)
    if any(one.others is None for one in by_month):
        together = replace(together, others=None)
    return together


def _month(first: date, held: Sequence[Held], people: dict[UUID, float], inside: bool) -> Month:
    others = sum(one.others for one in held)
    shown = inside or len(people) >= SMALLEST
    return Month(
        first=first,
        meetings=len(held),
        meeting_hours=round(sum(one.hours for one in held), 2),
        people=len(people) if shown else None,
        person_hours=round(sum(people.values()), 2) if shown else None,
        others=others if inside or others >= SMALLEST or others == 0 else None,
    )


def _first(day: date) -> date:
    return day.replace(day=1)
