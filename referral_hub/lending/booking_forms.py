"""What somebody types who asks for a time: days and hours as clocks in Warsaw show them."""

import re
from datetime import date, datetime, timedelta
from typing import Final

from msgspec import Struct

from referral_hub.directory.hours import MIDNIGHT
from referral_hub.lending.asking import MOST_PIECES, PURPOSE_MOST
from referral_hub.lending.intervals import local
from referral_hub.web.forms import Form

_HOUR: Final = re.compile(r"([01]?[0-9]|2[0-4])(?:[:.]([0-5][0-9]))?")


class Wish(Struct, frozen=True):
    """Aware moments, half-open, and what for."""

    start: datetime
    end: datetime
    pieces: int
    purpose: str


def empty_form(day: date, hour: int | None, pieces: int = 1) -> Form:
    """An hour on this day; without an hour the times are left to type."""
    shown: dict[str, object] = {"from_day": day, "pieces": str(pieces)}
    if hour is not None:
        shown |= {"from_hour": f"{hour:02d}:00", "to_hour": f"{hour + 1:02d}:00" if hour < 23 else "24:00"}
    return Form(shown)


def read_wish(form: Form, today: date) -> Wish:
    """What was typed; raises Refused("invalid") with every problem. A day left out at the end is the same day."""
    latest = today + timedelta(days=400)
    first = form.date("from_day", earliest=today, latest=latest)
    last = form.date("to_day", required=False, earliest=today, latest=latest) or first
    since, until = _minutes(form, "from_hour"), _minutes(form, "to_hour")
    pieces = form.whole("pieces", least=1, most=MOST_PIECES)
    purpose = form.text("purpose", required=False, most=PURPOSE_MOST, lines=True)
    start = local(first, since) if first and since is not None else None
    end = local(last, until, last=True) if last and until is not None else None
    for name, day, minutes, found in (("from_hour", first, since, start), ("to_hour", last, until, end)):
        if day is not None and minutes is not None and found is None:
            form.add(name, "no_such_hour")
    form.check()
    if start is None or end is None or pieces is None:
        raise AssertionError("a checked form has all of these")
    return Wish(start, end, pieces, purpose)


def _minutes(form: Form, name: str) -> int | None:
    typed = form.text(name, most=8)
    if not typed:
        return None
    found = _HOUR.fullmatch(typed)
    minutes = int(found[1]) * 60 + int(found[2] or 0) if found else MIDNIGHT + 1
    if minutes > MIDNIGHT:
        form.add(name, "not_an_hour")
        return None
    return minutes
