"""A meeting as somebody plans it: what is said of it, and what is wrong with that. Pure."""

import re
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct

from referral_hub.errors import Problem
from referral_hub.timetable.rhythm import MOST, ONCE, RHYTHMS, days_of, moment_of

LONGEST: Final = timedelta(hours=12)
"""Of one meeting: a whole day of training fits, a slip of the pen does not."""
HORIZON: Final = timedelta(days=2 * 366)
MOST_PLACES: Final = 5000
_HOUR = re.compile(r"\d{2}:\d{2}")
_NAME = re.compile(r"\b[A-ZĄĆĘŁŃÓŚŹŻ][a-ząćęłńóśźż]+ [A-ZĄĆĘŁŃÓŚŹŻ][a-ząćęłńóśźż]+(?:-[A-ZĄĆĘŁŃÓŚŹŻ]\w+)?\b")
_TITLED = re.compile(r"\b(mgr|dr|pani?|inż|ks)\b\.? ?[A-ZĄĆĘŁŃÓŚŹŻ]", re.IGNORECASE)
_INITIAL = re.compile(r"\b[A-ZĄĆĘŁŃÓŚŹŻ]\. ?[A-ZĄĆĘŁŃÓŚŹŻ][a-ząćęłńóśźż]+")


class Planned(Struct, frozen=True, kw_only=True):
    """One meeting: a day, hours "HH:MM" in Warsaw, where, who leads (a code of `leader` or own words), places."""

    day: date
    from_hour: str
    until_hour: str
    site: UUID | None = None
    room: str = ""
    topic: str = ""
    leader_role: str = ""
    led_by_member: bool = False
    places: int | None = None
    note: str = ""


class Span(Struct, frozen=True):
    """From one UTC moment to a later one."""

    starts_at: datetime
    ends_at: datetime


def is_hour(text: str) -> bool:
    """Whether `text` is an hour of the day, "07:30"."""
    if not _HOUR.fullmatch(text):
        return False
    try:
        time.fromisoformat(text)
    except ValueError:
        return False
    return True


def span_of(day: date, from_hour: str, until_hour: str) -> Span | Problem:
    """The two moments, or what is wrong: reversed, longer than LONGEST, an hour the clocks leave out."""
    for field, hour in (("from_hour", from_hour), ("until_hour", until_hour)):
        if not is_hour(hour):
            return Problem(field, "not_an_hour")
    begins, ends = moment_of(day, from_hour), moment_of(day, until_hour)
    if begins is None or ends is None:
        return Problem("from_hour" if begins is None else "until_hour", "hour_left_out", {"day": day})
    if ends <= begins:
        return Problem("until_hour", "ends_before_it_begins")
    if ends - begins > LONGEST:
        return Problem("until_hour", "meeting_too_long", {"most": int(LONGEST.total_seconds() // 3600)})
    return Span(begins, ends)


def names_a_person(text: str) -> bool:
    """Whether words about who leads look like somebody's name; a function is meant."""
    return any(shape.search(text) for shape in (_NAME, _TITLED, _INITIAL))


def spans(
    plan: Planned, rhythm: str, until: date | None, *, on_holidays: bool, now: datetime, today: date
) -> tuple[list[Span], list[Problem]]:
    """The moments of a series in order, and everything wrong with it."""
    problems = rhythm_problems(plan.day, rhythm, until, today)
    if plan.places is not None and not 1 <= plan.places <= MOST_PLACES:
        problems.append(Problem("places", "out_of_range", {"least": 1, "most": MOST_PLACES}))
    first = span_of(plan.day, plan.from_hour, plan.until_hour)
    if isinstance(first, Problem):
        problems.append(first)
    elif first.starts_at <= now:
        problems.append(Problem("day" if plan.day < today else "from_hour", "meeting_in_the_past"))
    if problems:
        return [], problems
    days = days_of(plan.day, rhythm, until, on_holidays=on_holidays)
    if len(days) > MOST:
        return [], [Problem("until", "too_many_meetings", {"most": MOST})]
    if not days:
        return [], [Problem("until", "no_day_of_the_series")]
    # A later night may be the one without the hour: that meeting is left out and the rest stays.
    found = [span_of(day, plan.from_hour, plan.until_hour) for day in days]
    return [span for span in found if isinstance(span, Span)], []


def rhythm_problems(first: date, rhythm: str, until: date | None, today: date) -> list[Problem]:
    """What is wrong with how often and until when."""
    if rhythm not in RHYTHMS:
        return [Problem("rhythm", "not_a_choice")]
    if first > today + HORIZON:
        return [Problem("day", "date_too_late", {"latest": today + HORIZON})]
    if rhythm == ONCE:
        return []
    if until is None:
        return [Problem("until", "required")]
    if until < first:
        return [Problem("until", "date_too_early", {"earliest": first})]
    if until > today + HORIZON:
        return [Problem("until", "date_too_late", {"latest": today + HORIZON})]
    return []
