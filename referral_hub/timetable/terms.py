"""Terms of an offer: an edition of a course, a call for a traineeship, a vacancy with its period and places. Pure."""

from datetime import date, timedelta
from typing import Final, Literal

from msgspec import Struct

from referral_hub.errors import Problem

SHAPES: Final = frozenset({"training", "works", "vacancy", "cooperative", "volunteering"})
"""Of offers that have terms."""
STATUSES: Final = ("open", "closed", "cancelled")
MOST_PLACES: Final = 9999
MOST_HOURS: Final = 9999
LONGEST: Final = {"title": 160, "cost": 200, "stipend": 200, "papers": 400, "note": 600}
BACK: Final = timedelta(days=366)
AHEAD: Final = timedelta(days=5 * 366)

State = Literal["open", "full", "late", "over", "closed", "cancelled"]
"""`late`: the last day to apply has passed; `over`: it has ended, or begun without a day to apply by."""


class TermFacts(Struct, frozen=True, kw_only=True):
    """What is said of a term; None or '' where nothing is. `places` None: no limit; `hours` in all."""

    title: str = ""
    apply_by: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    places: int | None = None
    hours: int | None = None
    cost: str = ""
    stipend: str = ""
    papers: str = ""
    note: str = ""


class Placed(Struct, frozen=True):
    """What the state of a term hangs on."""

    status: str
    apply_by: date | None
    starts_on: date | None
    ends_on: date | None
    places: int | None
    taken: int


def state_of(term: Placed, today: date) -> State:
    """Whether one may apply today; it closes by itself, nobody has to press anything."""
    if term.status == "cancelled":
        return "cancelled"
    if term.ends_on is not None and term.ends_on < today:
        return "over"
    if term.status == "closed":
        return "closed"
    if term.apply_by is not None and term.apply_by < today:
        return "late"
    if term.apply_by is None and term.starts_on is not None and term.starts_on < today:
        return "over"
    return "full" if free_of(term) == 0 else "open"


def free_of(term: Placed) -> int | None:
    """Places left, never below 0; None where there is no limit."""
    return None if term.places is None else max(0, term.places - term.taken)


def term_problems(facts: TermFacts, today: date, *, taken: int = 0) -> list[Problem]:
    """What cannot be taken; a new number of places may not be below those already given."""
    found = [
        Problem(name, "too_long", {"most": most, "length": len(getattr(facts, name))})
        for name, most in LONGEST.items()
        if len(getattr(facts, name)) > most
    ]
    found += [Problem(name, "bad_characters") for name in LONGEST if "\x00" in getattr(facts, name)]
    if facts.starts_on is None and facts.apply_by is None:
        found.append(Problem("starts_on", "term_needs_a_day"))
    for name in ("apply_by", "starts_on", "ends_on"):
        found += _far(name, getattr(facts, name), today)
    if facts.starts_on and facts.ends_on and facts.ends_on < facts.starts_on:
        found.append(Problem("ends_on", "days_crossed"))
    if facts.apply_by and facts.ends_on and facts.apply_by > facts.ends_on:
        found.append(Problem("apply_by", "apply_after_the_end"))
    if facts.places is not None and not max(1, taken) <= facts.places <= MOST_PLACES:
        code = "fewer_than_taken" if 1 <= facts.places < taken else "out_of_range"
        found.append(Problem("places", code, {"least": max(1, taken), "most": MOST_PLACES, "taken": taken}))
    if facts.hours is not None and not 1 <= facts.hours <= MOST_HOURS:
        found.append(Problem("hours", "out_of_range", {"least": 1, "most": MOST_HOURS}))
    return found


def _far(name: str, day: date | None, today: date) -> list[Problem]:
    if day is None:
        return []
    if day < today - BACK:
        return [Problem(name, "date_too_early", {"earliest": today - BACK})]
    return [Problem(name, "date_too_late", {"latest": today + AHEAD})] if day > today + AHEAD else []
