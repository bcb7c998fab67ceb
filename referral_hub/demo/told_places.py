"""How the free places of an invented offer were reported over time, so that every age of a number is seen. Pure."""

from datetime import datetime, timedelta
from random import Random

from msgspec import Struct

from referral_hub.demo.network import Offer
from referral_hub.directory.freshness import LIMITS, Limits

LONGEST = timedelta(days=540)


class Told(Struct, frozen=True):
    """One reading, told at a moment. `source`: declared, reported or imported."""

    at: datetime
    free: int
    maximum: int
    waiting: int | None
    waiting_days: int | None
    source: str


def rhythm_of(days: int) -> str:
    """The rhythm nearest to a number of days."""
    if days <= 3:
        return "day"
    return "week" if days <= 14 else "month" if days <= 45 else "quarter"


def _last_age(state: str, limits: Limits, rng: Random) -> int:
    """Days since the last reading, for the label that the offer shows today."""
    if state == "ask":
        return rng.randint(limits.fresh + 1, limits.ask_first)
    if state == "old":
        return rng.randint(limits.ask_first + 1, limits.not_suggested)
    if state == "silent":
        return limits.not_suggested + rng.randint(3, 20)
    return rng.randint(0, limits.fresh // 2)


def _free(places: int, rng: Random) -> int:
    return min(places, max(3, round(places * rng.uniform(0.25, 0.5))))


def told_places(offer: Offer, now: datetime, rng: Random) -> list[Told]:
    """The readings of an offer, oldest first; none where nobody counts places."""
    if offer.places is None or offer.state in ("none", "real"):
        return []
    limits = LIMITS[rhythm_of(offer.rhythm)]
    at = now - timedelta(days=_last_age(offer.state, limits, rng), minutes=rng.randint(3, 200))
    full = offer.state == "full"
    found: list[Told] = []
    for turn in range(rng.randint(3, 6)):
        if turn and now - at > LONGEST:
            break
        free = 0 if full and turn < 2 else _free(offer.places, rng)
        waiting = rng.randint(1, 7) if free == 0 else None
        source = "reported" if turn and rng.random() < 0.2 else "declared"
        days = waiting * 9 if waiting else None
        found.append(Told(at, free, offer.places, waiting, days, source))
        at -= timedelta(days=round(limits.fresh * rng.uniform(0.7, 1.6)) + 1, minutes=rng.randint(0, 300))
    return found[::-1]
