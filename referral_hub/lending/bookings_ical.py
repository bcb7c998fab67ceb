"""Bookings as iCalendar (RFC 5545) for the owner: institutions and times, in UTC."""

from collections.abc import Sequence
from datetime import UTC, datetime

from icalendar import Calendar, Event

from referral_hub.lending.schemas import Booked, Lent

_STATUS = {"asked": "TENTATIVE", "confirmed": "CONFIRMED"}


def bookings_ical(one: Lent, bookings: Sequence[Booked], now: datetime) -> bytes:
    """Everything asked for or confirmed."""
    calendar = Calendar()
    calendar.add("prodid", "-//Referral Hub//bookings//PL")
    calendar.add("version", "2.0")
    # Written as it is, unescaped: a line break would begin a line of its own.
    calendar.add("x-wr-calname", " ".join(one.title.split()))
    for booked in bookings:
        if booked.state not in _STATUS:
            continue
        event = Event()
        event.add("uid", f"{booked.id}@referral-hub")
        event.add("dtstamp", now)
        event.add("dtstart", booked.starts_at.astimezone(UTC))
        event.add("dtend", booked.ends_at.astimezone(UTC))
        event.add("summary", f"{one.title}: {booked.borrower_name}")
        event.add("description", booked.purpose)
        event.add("status", _STATUS[booked.state])
        calendar.add_component(event)
    return bytes(calendar.to_ical())
