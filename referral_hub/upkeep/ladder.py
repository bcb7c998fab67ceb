"""How a partner is asked for its places: a mail, reminders, the same again, and then the telephone's turn. Pure.

Facts of one institution go in, the next act comes out; the job that mails, the simulated year and the tests read the
same rule. Times are office hours, taken from the shortest rhythm among the offers that are due; any answer starts the
ladder anew. Nothing here ever sets a number to zero: an offer nobody tells about is phoned about, and its label ages.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from referral_hub.clock import WARSAW
from referral_hub.directory.business_days import add_business_days
from referral_hub.directory.freshness import LIMITS, Rhythm, ahead, asked_from, due
from referral_hub.upkeep.office_hours import A_DAY, add_office_hours, morning, next_office_moment


class Why(StrEnum):
    """Why it is the telephone's turn."""

    SILENT = "silent"
    NO_ADDRESS = "no_address"
    BOUNCED = "bounced"
    PREFERS_PHONE = "prefers_phone"


# Office hours from each rung to the next: first mail → reminder → second reminder → the mails of the second rhythm;
# after the last as long again until the call. The first three fit around the last fresh day (freshness.LEADS).
GAPS: Final[dict[str, tuple[int, ...]]] = {
    Rhythm.DAY: (4, 4, A_DAY, A_DAY),
    Rhythm.WEEK: (A_DAY, A_DAY, 2 * A_DAY, 2 * A_DAY),
    Rhythm.MONTH: (3 * A_DAY, 3 * A_DAY, 5 * A_DAY, 5 * A_DAY, 5 * A_DAY),
    Rhythm.QUARTER: (5 * A_DAY, 5 * A_DAY, *(10 * A_DAY,) * 5),
}
REMINDERS: Final = 2
"""How many reminders follow the first mail; whatever comes later belongs to the second silent rhythm."""
PAUSES: Final = (1, 2, 5, 10, 20)
"""Business days until the next call, after the first, second … time nobody answered; the last holds on."""
_ORDER: Final[dict[str, int]] = {rhythm: place for place, rhythm in enumerate(Rhythm)}


class Counted(Struct, frozen=True):
    """A published offer: the day its number was true, and how often it promises one."""

    as_of: date | None
    rhythm: str


class Way(Struct, frozen=True):
    """Where a link can go: `channel` email or sms, `to` an address or number."""

    channel: str
    to: str


class Asked(Struct, frozen=True):
    """A rung that was climbed: the message went out at `at`."""

    rung: int
    at: datetime


class Standing(Struct, frozen=True, kw_only=True):
    """Where an institution stands. `asked`: oldest first, without those that came back; `ways`: best first, without
    addresses that fail (`bounced` says there were some); `away_until`: the last day on which nobody is there nor in
    their place; `every_day`: open at weekends; `call_open`: a call task waits."""

    offers: tuple[Counted, ...]
    ways: tuple[Way, ...] = ()
    asked: tuple[Asked, ...] = ()
    answered_at: datetime | None = None
    bounced: bool = False
    prefers_phone: bool = False
    away_until: date | None = None
    every_day: bool = False
    call_open: bool = False


class Ask(Struct, frozen=True):
    """Send the link. `rung`: 0 first, 1 and 2 reminders, later ones in the second silent rhythm."""

    rung: int
    way: Way


class Call(Struct, frozen=True):
    """Give the coordinator a call task."""

    why: Why


class CallOff(Struct, frozen=True):
    """Everything has been told meanwhile: the call task that waits is done."""


class Wait(Struct, frozen=True):
    """Nothing now; not before `until` unless something changes (None: not by itself)."""

    until: datetime | None


Act = Ask | Call | CallOff | Wait


def next_act(standing: Standing, now: datetime) -> Act:
    """What to do about an institution now."""
    today = now.astimezone(WARSAW).date()
    pending = [offer for offer in standing.offers if due(offer.as_of, offer.rhythm, today)]
    if standing.call_open:
        return Wait(None) if pending else CallOff()
    if not pending:
        return Wait(_next_due(standing, today))
    act, when = _planned(standing, pending, now)
    if standing.away_until is not None and standing.away_until >= today:
        when = max(when, morning(standing.away_until + timedelta(days=1), standing.every_day))
    # What was planned for an earlier hour is late, and still no reason to write at night.
    when = next_office_moment(max(when, now), standing.every_day)
    if when <= now:
        return act
    # Another offer that falls due meanwhile may quicken the pace.
    sooner = _next_due(standing, today)
    return Wait(when if sooner is None else min(when, sooner))


def _next_due(standing: Standing, today: date) -> datetime | None:
    """The morning on which the next offer falls due that is not due today."""
    days = [asked_from(offer.as_of, offer.rhythm) for offer in standing.offers if offer.as_of is not None]
    ahead_of_us = [day for day in days if day > today]
    return morning(min(ahead_of_us), standing.every_day) if ahead_of_us else None


def _planned(standing: Standing, pending: Sequence[Counted], now: datetime) -> tuple[Act, datetime]:
    """The act that comes next and when."""
    if standing.prefers_phone:
        return Call(Why.PREFERS_PHONE), now
    if not standing.ways:
        # Nothing can be mailed, so the telephone is the first rung, in time for the last fresh day.
        return Call(Why.BOUNCED if standing.bounced else Why.NO_ADDRESS), now
    gaps = GAPS[min((offer.rhythm for offer in pending), key=_ORDER.__getitem__)]
    since = standing.answered_at
    climbed = [one for one in standing.asked if since is None or one.at > since]
    if not climbed:
        # Half an answer is an answer: what it left open is asked about later, not at once.
        last = max((one.at for one in standing.asked), default=None)
        first = now if last is None else add_office_hours(last, gaps[0], standing.every_day)
        return Ask(0, standing.ways[0]), first
    return _further(standing, pending, climbed, gaps)


def _further(
    standing: Standing, pending: Sequence[Counted], climbed: Sequence[Asked], gaps: Sequence[int]
) -> tuple[Act, datetime]:
    """The next rung, or the call once two rhythms were silent and the reminders are spent; whichever comes first."""
    last, rung = climbed[-1], climbed[-1].rung + 1
    after = add_office_hours(last.at, gaps[min(rung, len(gaps)) - 1], standing.every_day)
    if rung <= REMINDERS:
        return Ask(rung, standing.ways[0]), after
    asked_on = climbed[0].at.astimezone(WARSAW).date()
    silent = morning(min(_silent_from(offer, asked_on) for offer in pending), standing.every_day)
    call = max(silent, after)
    if rung > len(gaps) or call <= after:
        return Call(Why.SILENT), call
    # A mail of the second rhythm waits until that rhythm has begun.
    second = min(_stale_from(offer, climbed[0].at) for offer in pending)
    again = max(after, second)
    return (Ask(rung, standing.ways[0]), again) if again < call else (Call(Why.SILENT), call)


def _stale_from(offer: Counted, otherwise: datetime) -> datetime:
    return otherwise if offer.as_of is None else morning(ahead(offer.as_of, offer.rhythm).ask_first)


def _silent_from(offer: Counted, asked_on: date) -> date:
    """The first day after two silent rhythms; of a number never given they begin with the first mail."""
    if offer.as_of is not None:
        return ahead(offer.as_of, offer.rhythm).not_suggested
    return asked_on + timedelta(days=LIMITS[offer.rhythm].ask_first + 1)


def call_again_on(tries: int, today: date) -> date:
    """When to call again after nobody answered for the `tries`-th time (from 1)."""
    return add_business_days(today, PAUSES[min(max(tries, 1), len(PAUSES)) - 1])
