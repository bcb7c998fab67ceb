"""The fields that came with a move, read by the row's needs: typed values, or every problem. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from uuid import UUID

from referral_hub.errors import Problem
from referral_hub.participants.free_text import holds_pesel
from referral_hub.referrals.lifecycle import Need, Row
from referral_hub.referrals.line import OUT_OF_ORDER
from referral_hub.web.forms import CONTROL

LONGEST = 2000
MOST_HOURS = 5000
ATTENDANCE = ("came", "late", "absent_told", "absent", "excused")
FIXED: Mapping[str, tuple[str, ...]] = {"attendance": ATTENDANCE, "out_of_order": OUT_OF_ORDER}
"""Codes that are no vocabulary: they mean the same everywhere."""
Codes = Mapping[str, frozenset[str]]
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2})?")


class _Wrong(Exception):
    def __init__(self, code: str, **facts: object) -> None:
        self.code, self.facts = code, facts


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Wrong("wrong_type", expected="text")
    if len(value) > LONGEST:
        raise _Wrong("too_long", most=LONGEST, length=len(value))
    if CONTROL.search(value):
        raise _Wrong("bad_characters")
    if holds_pesel(value):
        raise _Wrong("text_holds_pesel")
    return value.strip()


def _date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        found = date.fromisoformat(str(value))
    except ValueError:
        raise _Wrong("not_a_date") from None
    if not 2000 <= found.year <= 2100:
        raise _Wrong("not_a_date")
    return found


def _moment(value: object) -> str:
    """A day, or a day and hour in Warsaw, as text: "2026-05-13" or "2026-05-13T10:30"."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return _date(value).isoformat()
    _date(value[:10])
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise _Wrong("not_a_date") from None
    return value.replace(" ", "T")


def _whole(value: object) -> int:
    number = value if isinstance(value, int) and not isinstance(value, bool) else None
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        number = int(value.strip()[:9])
    if number is None:
        raise _Wrong("not_a_number")
    if not 0 <= number <= 100_000:
        raise _Wrong("out_of_range", least=0, most=100_000)
    return number


def _hours(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _Wrong("not_a_number")
    try:
        number = float(str(value).replace(",", ".")[:20])
    except ValueError:
        raise _Wrong("not_a_number") from None
    if not 0 <= number <= MOST_HOURS:
        raise _Wrong("out_of_range", least=0, most=MOST_HOURS)
    return round(number, 2)


def _id(value: object) -> UUID:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError:
        raise _Wrong("not_a_choice") from None


def _as_given(value: object) -> object:
    if not isinstance(value, Mapping):
        raise _Wrong("wrong_type", expected="object")
    return value


_READERS: dict[str, Callable[[object], object]] = {
    "text": _text,
    "date": _date,
    "moment": _moment,
    "whole": _whole,
    "hours": _hours,
    "id": _id,
    "basis": _as_given,
}


def _code(value: object, choices: frozenset[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise _Wrong("not_a_choice", choices=sorted(choices))
    return value


def _read_one(need: Need, value: object, codes: Codes) -> object:
    if need.type == "code":
        return _code(value, frozenset(FIXED[need.codes]) if need.codes in FIXED else codes[need.codes])
    return _READERS[need.type](value)


def read_fields(row: Row, given: Mapping[str, object], codes: Codes) -> tuple[dict[str, object], list[Problem]]:
    """The values of the row's needs, and all problems; blank means absent.

    `codes` holds the codes open to the row's party today under `reason` and `outcome`. A field that the row
    does not know is a problem: silently dropping it would lose what somebody meant to say.
    """
    values: dict[str, object] = {}
    problems = [Problem(name, "unknown_field") for name in given if name not in {need.name for need in row.needs}]
    for need in row.needs:
        value = given.get(need.name)
        if isinstance(value, str):
            value = value.strip()
        if value is None or value == "":
            values[need.name] = None
            if need.required:
                problems.append(Problem(need.name, "required"))
            continue
        try:
            values[need.name] = _read_one(need, value, codes)
        except _Wrong as wrong:
            problems.append(Problem(need.name, wrong.code, wrong.facts))
    return values, problems
