"""How old a reading may grow: fresh → ask first → not suggested → intake closed, by the rhythm of the offer.

Freshness changes label, rank, suggestion and sending, never whether search finds the offer. Ages are whole
days from the day the number was true (`as_of`), not from the day it was typed in. Pages, matching, sending, the
ladder of mails and the coordinator's board all ask here. Pure.
"""

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from referral_hub.directory.business_days import business_days_between


class Freshness(StrEnum):
    """The label of a reading's age."""

    FRESH = "fresh"
    ASK_FIRST = "ask_first"
    NOT_SUGGESTED = "not_suggested"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class Rhythm(StrEnum):
    """How often an offer promises to report."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class Limits(Struct, frozen=True):
    """The last age in days at which each label still holds."""

    fresh: int
    ask_first: int
    not_suggested: int


# One rhythm, two, four; a day's rhythm gets a long weekend, since offices rest and shelters do not.
LIMITS: dict[str, Limits] = {
    Rhythm.DAY: Limits(1, 4, 8),
    Rhythm.WEEK: Limits(7, 14, 28),
    Rhythm.MONTH: Limits(31, 62, 124),
    Rhythm.QUARTER: Limits(92, 184, 368),
}


class Lead(Struct, frozen=True):
    """When the next number is asked for. `rest`: days after a reading in which nobody is asked again; `days`: business
    days, the day of asking included, that are left until the number is no longer fresh."""

    rest: int
    days: int


# Early enough that mail and reminders fall on fresh days, late enough to keep near the rhythm that was promised; the
# simulated year (`bench year`, docs/freshness.md) is what they were weighed with.
LEADS: dict[str, Lead] = {
    Rhythm.DAY: Lead(1, 1),
    Rhythm.WEEK: Lead(4, 3),
    Rhythm.MONTH: Lead(18, 10),
    Rhythm.QUARTER: Lead(60, 21),
}


class Ahead(Struct, frozen=True):
    """The first day of each later label, for „zapytaj od …” on the page and for the mail that is due."""

    ask_first: date
    not_suggested: date
    closed: date


def freshness(as_of: date | None, rhythm: str, today: date) -> Freshness:
    """The label today; `unknown` without a reading. A reading dated ahead of today counts as of today."""
    if as_of is None:
        return Freshness.UNKNOWN
    age, limits = (today - as_of).days, LIMITS[rhythm]
    if age <= limits.fresh:
        return Freshness.FRESH
    if age <= limits.ask_first:
        return Freshness.ASK_FIRST
    return Freshness.NOT_SUGGESTED if age <= limits.not_suggested else Freshness.CLOSED


def ahead(as_of: date, rhythm: str) -> Ahead:
    """When the label of a reading will change."""
    limits = LIMITS[rhythm]
    return Ahead(
        as_of + timedelta(days=limits.fresh + 1),
        as_of + timedelta(days=limits.ask_first + 1),
        as_of + timedelta(days=limits.not_suggested + 1),
    )


@lru_cache(maxsize=4096)  # a page of a network asks about the same few hundred days
def asked_from(as_of: date, rhythm: str) -> date:
    """The first day on which the partner is asked for the next number; never after the last fresh day."""
    lead, last = LEADS[rhythm], as_of + timedelta(days=LIMITS[rhythm].fresh)
    day = as_of + timedelta(days=lead.rest)
    while day < last and business_days_between(day, last) >= lead.days:
        day += timedelta(days=1)
    return day


def due(as_of: date | None, rhythm: str, today: date) -> bool:
    """Whether the partner is asked for a new number: no reading, or the day for it is here."""
    return as_of is None or today >= asked_from(as_of, rhythm)


def silent(as_of: date | None, rhythm: str, today: date) -> bool:
    """Whether the coordinator should phone: mail was not enough, the reading is past `ask_first`."""
    return freshness(as_of, rhythm, today) in {
        Freshness.NOT_SUGGESTED,
        Freshness.CLOSED,
        Freshness.UNKNOWN,
    }


def suggested(label: Freshness) -> bool:
    """Whether matching may put the offer forward."""
    return label in {Freshness.FRESH, Freshness.ASK_FIRST, Freshness.UNKNOWN}


def takes_referrals(label: Freshness) -> bool:
    """Whether a referral may be sent without a reason for overriding (unknown: yes, without a hold)."""
    return label in {Freshness.FRESH, Freshness.ASK_FIRST, Freshness.UNKNOWN}
