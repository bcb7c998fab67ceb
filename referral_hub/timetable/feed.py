"""The iCalendar feed of an offer: its meetings and duty hours, and nothing about anybody who comes. Pure."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from icalendar import Calendar, Event, vDuration, vRecur

from referral_hub.clock import WARSAW
from referral_hub.timetable.queries import Duty, Met, ShownOffer
from referral_hub.timetable.rhythm import is_holiday, moment_of
from referral_hub.timetable.slots import Hours, duty_days

PRODUCT: Final = "-//Referral Hub//timetable//PL"
BACK: Final = timedelta(days=31)
"""Meetings over stand in the feed for a month, so that a calendar does not lose them the same evening."""
_STATUS: Final = {"cancelled": "CANCELLED"}


def feed(
    offer: ShownOffer,
    meetings: Sequence[Met],
    duties: Sequence[Duty],
    blocked: Sequence[date],
    *,
    address: str,
    host: str,
    leader: Callable[[str], str],
    words: Callable[[str], str],
) -> bytes:
    """The calendar as bytes. `address`: the offer's page; `leader` and `words` say a role and a sentence."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    # Written as it is, unescaped: a line break would begin a line of its own.
    calendar.add("x-wr-calname", " ".join(f"{offer.title} – {offer.institution_name}".split()))
    calendar.add("refresh-interval", vDuration(timedelta(hours=12)), parameters={"VALUE": "DURATION"})
    for met in meetings:
        if met.kind == "meeting":
            calendar.add_component(_meeting(offer, met, address, host, leader, words))
    for duty in duties:
        event = _duty(offer, duty, blocked, address, host, leader)
        if event is not None:
            calendar.add_component(event)
    calendar.add_missing_timezones()
    body: bytes = calendar.to_ical()
    return body


def _meeting(
    offer: ShownOffer,
    met: Met,
    address: str,
    host: str,
    leader: Callable[[str], str],
    words: Callable[[str], str],
) -> Event:
    event = _event(offer, f"{met.id}@{host}", met.version, met.updated_at, address)
    event.add("summary", f"{offer.title}: {met.topic}" if met.topic else offer.title)
    event.add("dtstart", met.starts_at.astimezone(WARSAW))
    event.add("dtend", met.ends_at.astimezone(WARSAW))
    event.add("status", _STATUS.get(met.status, "CONFIRMED"))
    if met.where:
        event.add("location", met.where)
    told = [leader(met.leader), met.note]
    if offer.intake_mode == "open":
        told.append(words("No referral needed"))
    if any(told):
        event.add("description", "\n".join(part for part in told if part))
    return event


def _duty(
    offer: ShownOffer, duty: Duty, blocked: Sequence[date], address: str, host: str, leader: Callable[[str], str]
) -> Event | None:
    """Duty hours as one weekly event without the days on which nobody is there."""
    hours = Hours(duty.weekday, duty.from_hour, duty.until_hour, duty.minutes, duty.starts_on, duty.ends_on)
    last = duty.ends_on or duty.starts_on + timedelta(days=2 * 366)
    first = next(duty_days(hours, duty.starts_on, last), None)
    begins, ends = (moment_of(first, hour) if first else None for hour in (duty.from_hour, duty.until_hour))
    if first is None or begins is None or ends is None:
        return None
    event = _event(offer, f"{duty.id}@{host}", duty.version, duty.updated_at, address)
    event.add("summary", f"{offer.title}: {leader(duty.leader)}" if duty.leader else offer.title)
    event.add("dtstart", begins.astimezone(WARSAW))
    event.add("dtend", ends.astimezone(WARSAW))
    until = moment_of(duty.ends_on, "23:59") if duty.ends_on else None
    event.add("rrule", vRecur({"freq": "weekly", **({"until": until} if until else {})}))
    for day in _out(hours, first, last, blocked):
        out = moment_of(day, duty.from_hour)
        if out is not None:
            event.add("exdate", out.astimezone(WARSAW))
    where = ", ".join(part for part in (duty.place, duty.room) if part)
    if where:
        event.add("location", where)
    return event


def _out(hours: Hours, first: date, last: date, blocked: Sequence[date]) -> list[date]:
    """The weeks left out: holidays and days taken out."""
    days = [first + timedelta(weeks=number) for number in range((last - first).days // 7 + 1)]
    return [day for day in days if is_holiday(day) or day in blocked]


def _event(offer: ShownOffer, uid: str, version: int, changed: datetime, address: str) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("sequence", version - 1)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("url", address)
    event.add("class", "PUBLIC")
    return event
