"""A person's days to come as iCalendar (RFC 5545), with a reminder on the own phone and nothing that says what for.

Whoever opened the page with the code gets the place as well; the title stays neutral in either case, and so do the
identifiers: a calendar is often shared, and shown on a locked screen.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from icalendar import Alarm, Calendar, Event
from msgspec import Struct

from referral_hub.clock import WARSAW

HOUR = timedelta(hours=1)
BEFORE = timedelta(days=-1)


class OwnDay(Struct, frozen=True):
    """A day agreed: `starts` a moment, or a date where no hour was said; `place` '' where it is not to be named."""

    key: str
    starts: datetime | date
    ends: datetime | None
    place: str


def appointment_moment(kept: str) -> datetime | date | None:
    """An appointment as it is kept ("2026-05-13" or "2026-05-13T10:30", Warsaw); None where there is none."""
    if not kept:
        return None
    moment = datetime.fromisoformat(kept).replace(tzinfo=WARSAW)
    return moment if "T" in kept else moment.date()


def is_ahead(starts: datetime | date, now: datetime) -> bool:
    """Whether the day is still to come, or is today."""
    day = starts.astimezone(WARSAW).date() if isinstance(starts, datetime) else starts
    return day >= now.astimezone(WARSAW).date()


def own_days_ical(days: Sequence[OwnDay], title: str, now: datetime) -> bytes:
    """Each day under the same neutral title, with an alarm one day before."""
    calendar = Calendar()
    calendar.add("prodid", "-//days//PL")
    calendar.add("version", "2.0")
    for day in days:
        event = Event()
        event.add("uid", f"{day.key}@days.invalid")
        event.add("dtstamp", now)
        if isinstance(day.starts, datetime):
            event.add("dtstart", day.starts.astimezone(UTC))
            event.add("dtend", (day.ends or day.starts + HOUR).astimezone(UTC))
        else:
            event.add("dtstart", day.starts)
            event.add("dtend", day.starts + timedelta(days=1))
        event.add("summary", title)
        event.add("class", "PRIVATE")
        if day.place:
            event.add("location", " ".join(day.place.split()))
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", BEFORE)
        event.add_component(alarm)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
