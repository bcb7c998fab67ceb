"""Where the numbers of one reading do not agree, found and said, never mended. Pure.

Real registers are full of it: homes hold more people than places, vacancies stand beside a queue, women and men do
not add up to the whole. Each is said in words beside the numbers (catalogue key `contradiction.<code>`), because
whoever knows the place can tell which number is meant; the hub cannot.

| code | what does not agree |
|---|---|
| women_men_total | free for women and for men do not add up to what is free |
| part_over_free | one sex or one group alone has more free places than there are in all |
| free_over_maximum | more is free than there are places |
| free_not_maximum_less_taken | what is free is not the places less those taken (or allocated, or arrived) |
| over_capacity | more are taken (allocated, arrived) than there are places |
| arrived_over_allocated | more have arrived than were allocated |
| allocated_over_referred | more are allocated than were referred |
| queue_beside_vacancies | places are free, yet people wait |
| list_beside_vacancies | places are free, yet people are put on a waiting list |
| days_without_queue | a time of waiting, yet nobody waits |
| queue_without_days | people wait, yet no time at all |
| first_day_passed | the first free day had passed when this was said |
| free_before_first_day | places are free, yet the first free day comes later |
| older_than_known | said later than another reading, yet true earlier than that one |
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from msgspec import Struct

CODES = (
    "women_men_total", "part_over_free", "free_over_maximum", "free_not_maximum_less_taken", "over_capacity",
    "arrived_over_allocated", "allocated_over_referred", "queue_beside_vacancies", "list_beside_vacancies",
    "days_without_queue", "queue_without_days", "first_day_passed", "free_before_first_day", "older_than_known",
)  # fmt: skip
_OCCUPIED = ("taken", "allocated", "arrived")


class Contradiction(Struct, frozen=True):
    """What does not agree, with the numbers as they were given (for the sentence of the code)."""

    code: str
    facts: dict[str, int | date]


def contradictions(told: Mapping[str, Any], *, day: date, newer_known: date | None = None) -> list[Contradiction]:
    """Every disagreement within one reading, in the order of CODES.

    `told`: the numbers of a reading by column (None or absent: not given), `by_group`, `from_when`, `status`; `day`:
    its as-of day; `newer_known`: the as-of day of a newer reading that was there before this one came.
    """
    found = [*_parts(told), *_sums(told), *_people(told), *_queue(told), *_days(told, day)]
    if newer_known is not None:
        found.append(Contradiction("older_than_known", {"day": day, "newer": newer_known}))
    return sorted(found, key=lambda one: CODES.index(one.code))


def _parts(told: Mapping[str, Any]) -> Iterator[Contradiction]:
    free, women, men = told.get("free"), told.get("free_women"), told.get("free_men")
    if free is None:
        return
    if women is not None and men is not None and women + men != free:
        yield Contradiction("women_men_total", {"women": women, "men": men, "free": free})
    elif (women or 0) > free or (men or 0) > free:
        yield Contradiction("part_over_free", {"part": max(women or 0, men or 0), "free": free})
    # One person may be of two groups: their numbers need not add up, but none may be larger than the whole.
    largest = max((told.get("by_group") or {}).values(), default=0)
    if largest > free:
        yield Contradiction("part_over_free", {"part": largest, "free": free})


def _sums(told: Mapping[str, Any]) -> Iterator[Contradiction]:
    free, maximum = told.get("free"), told.get("maximum")
    if maximum is None:
        return
    occupied = [told[name] for name in _OCCUPIED if told.get(name) is not None]
    if free is not None and free > maximum:
        yield Contradiction("free_over_maximum", {"free": free, "maximum": maximum})
    # A home over its capacity has nothing free whatever the sum says: that is told by `over_capacity` alone.
    elif free is not None and occupied and all(free != max(0, maximum - number) for number in occupied):
        yield Contradiction("free_not_maximum_less_taken", {"free": free, "maximum": maximum, "taken": occupied[0]})
    if occupied and max(occupied) > maximum:
        yield Contradiction("over_capacity", {"taken": max(occupied), "maximum": maximum})


def _people(told: Mapping[str, Any]) -> Iterator[Contradiction]:
    referred, allocated, arrived = (told.get(name) for name in ("referred", "allocated", "arrived"))
    if allocated is not None and arrived is not None and arrived > allocated:
        yield Contradiction("arrived_over_allocated", {"arrived": arrived, "allocated": allocated})
    if referred is not None and allocated is not None and allocated > referred:
        yield Contradiction("allocated_over_referred", {"allocated": allocated, "referred": referred})


def _queue(told: Mapping[str, Any]) -> Iterator[Contradiction]:
    free, waiting, days = told.get("free") or 0, told.get("waiting"), told.get("waiting_days")
    if free and waiting:
        yield Contradiction("queue_beside_vacancies", {"free": free, "waiting": waiting})
    elif free and told.get("status") == "waitlist":
        yield Contradiction("list_beside_vacancies", {"free": free})
    if days and waiting == 0:
        yield Contradiction("days_without_queue", {"days": days})
    if waiting and days == 0:
        yield Contradiction("queue_without_days", {"waiting": waiting})


def _days(told: Mapping[str, Any], day: date) -> Iterator[Contradiction]:
    first = told.get("from_when")
    if first is not None and first < day:
        yield Contradiction("first_day_passed", {"first": first, "day": day})
    elif first is not None and first > day and told.get("free"):
        yield Contradiction("free_before_first_day", {"free": told["free"], "first": first})
