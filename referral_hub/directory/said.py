"""What somebody says about places, and what cannot be taken. Pure.

Numbers are kept as given, even where they contradict one another (see `contradictions`); refused is only what no
reading can mean: below nought, absurdly many, a day ahead or long past, codes nobody knows.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from msgspec import Struct

from referral_hub import clock
from referral_hub.errors import Problem
from referral_hub.vocabularies.book import is_known

MOST = 9999
"""More places than any unit has: above it a number is a slip of the finger."""
OLDEST = timedelta(days=3660)
FARTHEST = timedelta(days=730)
LONGEST_NOTE = 500
MOST_GROUPS = 40
UNITS = ("place", "bed", "hour", "appointment", "vacancy", "item", "person", "group")
STATUSES = ("", "waitlist", "additional-assessment-required")
NUMBERS = (
    "free", "maximum", "taken", "referred", "allocated", "arrived", "waiting", "waiting_days", "free_women", "free_men",
)  # fmt: skip


class Said(Struct, frozen=True, kw_only=True):
    """What somebody says about places, kept as given: sums need not agree, units may be over capacity.

    `unit`: what is counted, "" for the offer's own. `by_group`: free places by audience code. `as_of`: when it was
    true (a day is its noon in Warsaw; None: now). `from_when`: the first free day. `status`: "" or how people get in
    beyond the number (waitlist, additional-assessment-required). `note`: for staff. `source_ref`: an import's row;
    the same one twice is one reading.
    """

    free: int | None
    unit: str = ""
    maximum: int | None = None
    taken: int | None = None
    referred: int | None = None
    allocated: int | None = None
    arrived: int | None = None
    waiting: int | None = None
    waiting_days: int | None = None
    free_women: int | None = None
    free_men: int | None = None
    by_group: dict[str, int] = {}
    from_when: date | None = None
    status: str = ""
    note: str = ""
    as_of: date | datetime | None = None
    source_ref: str | None = None


def moment_of(as_of: date | datetime | None, moment: datetime) -> datetime:
    """When it was true; a moment without a zone is one of Warsaw."""
    if as_of is None:
        return moment
    if isinstance(as_of, datetime):
        return as_of if as_of.tzinfo else as_of.replace(tzinfo=clock.WARSAW)
    if as_of == moment.astimezone(clock.WARSAW).date():
        return moment
    return datetime.combine(as_of, time(12), clock.WARSAW)


def problems_of(said: Said, as_of: datetime, moment: datetime) -> list[Problem]:
    """Every problem, beside its field; of a split `by_group.<code>`."""
    numbers: dict[str, Any] = {name: getattr(said, name) for name in NUMBERS}
    found = _out_of_range(numbers) + _groups(said.by_group) + _choices(said) + _days(said, as_of, moment)
    if len(said.note) > LONGEST_NOTE:
        found.append(Problem("note", "too_long", {"most": LONGEST_NOTE, "length": len(said.note)}))
    if "\0" in said.note:
        found.append(Problem("note", "wrong_pattern"))
    return found


def _out_of_range(numbers: Mapping[str, int | None]) -> list[Problem]:
    return [
        Problem(name, "out_of_range", {"least": 0, "most": MOST})
        for name, number in numbers.items()
        if number is not None and not 0 <= number <= MOST
    ]


def _groups(by_group: Mapping[str, int]) -> list[Problem]:
    if len(by_group) > MOST_GROUPS:
        return [Problem("by_group", "too_many", {"most": MOST_GROUPS})]
    unknown = [Problem(f"by_group.{code}"[:80], "not_a_choice") for code in by_group if not is_known("audience", code)]
    return unknown + _out_of_range({f"by_group.{code}": number for code, number in by_group.items()})


def _choices(said: Said) -> list[Problem]:
    pairs = (("unit", said.unit, ("", *UNITS)), ("status", said.status, STATUSES))
    return [Problem(field, "not_a_choice") for field, value, known in pairs if value not in known]


def _days(said: Said, as_of: datetime, moment: datetime) -> list[Problem]:
    found = []
    if as_of > moment:
        found.append(Problem("as_of", "as_of_in_future"))
    elif as_of < moment - OLDEST:
        found.append(Problem("as_of", "date_too_early", {"earliest": (moment - OLDEST).date()}))
    if said.from_when is not None and said.from_when > moment.date() + FARTHEST:
        found.append(Problem("from_when", "date_too_late", {"latest": moment.date() + FARTHEST}))
    elif said.from_when is not None and said.from_when < (moment - OLDEST).date():
        found.append(Problem("from_when", "date_too_early", {"earliest": (moment - OLDEST).date()}))
    return found
