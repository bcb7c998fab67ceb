"""The capacity of an offer as every card, page and answer shows it, put together in one place. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from referral_hub import clock
from referral_hub.directory.freshness import freshness
from referral_hub.directory.places import available, capacity_status


class Capacity(Struct, frozen=True):
    """CONTRACT's capacity object. `free` is available now (None: unknown), `reported_free` as somebody gave it.

    `as_of` is the day (Europe/Warsaw) on which the reading was true; the rest is None without a reading.
    """

    status: str
    free: int | None
    reported_free: int | None
    held: int
    maximum: int | None
    waiting: int | None
    as_of: date | None
    freshness: str


def capacity(row: Mapping[str, Any], rhythm: str, today: date) -> Capacity:
    """From a row with the columns CAPACITY_COLUMNS names."""
    as_of = warsaw_day(row["as_of"])
    free = available(row["places_free"], row["held"] or 0, row["taken_since"] or 0)
    return Capacity(
        status=capacity_status(free, row["waiting"], row["said"] or "").value,
        free=free,
        reported_free=row["places_free"],
        held=row["held"] or 0,
        maximum=row["maximum"],
        waiting=row["waiting"],
        as_of=as_of,
        freshness=freshness(as_of, rhythm, today).value,
    )


CAPACITY_COLUMNS = """p.free as places_free, p.held, p.taken_since, p.reading,
 coalesce(r.maximum, p.maximum) as maximum, r.waiting, r.as_of,
 r.recorded_at, r.source as reading_source, r.free_women, r.free_men, r.from_when, r.status as said"""
CAPACITY_JOINS = "left join offer_places p on p.offer = o.id left join capacity_reading r on r.id = p.reading"
"""For a query over `offer o`."""


def warsaw_day(moment: datetime | None) -> date | None:
    """The day of a moment where the people are."""
    return None if moment is None else moment.astimezone(clock.WARSAW).date()
