"""Terms as iCalendar (RFC 5545): whole days, from the first to the last."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from referral_hub.timetable.terms_queries import Term


def terms_ical(title: str, institution: str, terms: Sequence[Term], now: datetime) -> bytes:
    """Every term that has a first day; `dtend` is the day after the last, as the standard wants it."""
    calendar = Calendar()
    calendar.add("prodid", "-//Referral Hub//terms//PL")
    calendar.add("version", "2.0")
    # Written as it is, unescaped: a line break would begin a line of its own.
    calendar.add("x-wr-calname", " ".join(title.split()))
    for term in terms:
        first = term.facts.starts_on
        if first is None:
            continue
        event = Event()
        event.add("uid", f"{term.id}@referral-hub")
        event.add("dtstamp", now)
        event.add("dtstart", first)
        event.add("dtend", (term.facts.ends_on or first) + timedelta(days=1))
        event.add("summary", f"{title}: {term.facts.title}" if term.facts.title else title)
        event.add("location", institution)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
