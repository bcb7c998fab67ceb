"""What would make an offer better, in words and in the order of how much it helps. Pure.

A weight says how often the lack stops somebody: without a phone or first step nobody comes at all, a missing
translation stops some. The sum over an offer orders the network, worst first; it is a sorting key, not a mark.
"""

from datetime import date, timedelta
from typing import Any

from msgspec import Struct

from referral_hub.directory.freshness import Freshness
from referral_hub.directory.plain_words import years_of_school

LONG_DESCRIPTION = 1500
"""Letters: about a minute and a half of reading, twice what a card and a phone call need."""
HARD_FROM = 13.0
"""Years of school: below it a text is understood after secondary school."""
PHONE_HOLDS = timedelta(days=365)


class Known(Struct, frozen=True):
    """What is known of an offer that could be better. `phone_confirmed_on`: the newest day anybody knew it right."""

    first_step: str = ""
    description: str = ""
    needs: bool = True
    for_whom: bool = True
    where: bool = True
    phone: bool = True
    phone_doubted: bool = False
    phone_confirmed_on: date | None = None
    freshness: str = Freshness.FRESH
    hours: bool = True
    remote: bool = False
    in_english: bool = True
    in_ukrainian: bool = True
    accessibility: bool = True


class Advice(Struct, frozen=True):
    """One thing to do: its sentence is `better.<code>`, `field` where it is done, `facts` for the sentence."""

    code: str
    field: str
    weight: int
    facts: dict[str, Any] = {}


def advice(known: Known, today: date) -> list[Advice]:
    """Everything that would help, the most helpful first."""
    found = [*_reaching(known, today), *_fitting(known), *_reading(known)]
    return sorted(found, key=lambda one: -one.weight)


def _reaching(known: Known, today: date) -> list[Advice]:
    """Can somebody get there: number, first step, hours, and whether any of it is still true."""
    found = []
    if not known.phone:
        found.append(Advice("no_phone", "phone", 100))
    elif known.phone_doubted:
        found.append(Advice("phone_doubted", "phone", 95))
    elif known.phone_confirmed_on is None:
        found.append(Advice("phone_never_confirmed", "phone", 40))
    elif today - known.phone_confirmed_on > PHONE_HOLDS:
        found.append(Advice("phone_old", "phone", 45, {"day": known.phone_confirmed_on}))
    if not known.first_step:
        found.append(Advice("no_first_step", "first_step", 90))
    if known.freshness in (Freshness.NOT_SUGGESTED, Freshness.CLOSED):
        found.append(Advice("reading_old", "reading", 85))
    elif known.freshness == Freshness.UNKNOWN:
        found.append(Advice("no_reading", "reading", 60))
    if not known.hours and not known.remote:
        found.append(Advice("no_hours", "hours_text", 50))
    return found


def _fitting(known: Known) -> list[Advice]:
    """Can somebody tell whether it is for them."""
    found = []
    if not known.for_whom:
        found.append(Advice("for_whom_unclear", "audiences", 75))
    if not known.needs:
        found.append(Advice("no_needs", "needs", 65))
    if not known.where:
        found.append(Advice("no_place", "sites", 70))
    if not known.accessibility and not known.remote:
        found.append(Advice("access_unknown", "access", 35))
    return found


def _reading(known: Known) -> list[Advice]:
    """Can somebody read it."""
    found = []
    if not known.description:
        found.append(Advice("no_description", "description", 25))
    elif len(known.description) > LONG_DESCRIPTION:
        found.append(Advice("description_long", "description", 20, {"letters": len(known.description)}))
    years = years_of_school(known.description)
    if years is not None and years >= HARD_FROM:
        found.append(Advice("description_hard", "description", 30, {"years": round(years)}))
    if not known.in_ukrainian:
        found.append(Advice("no_ukrainian", "title_uk", 15))
    if not known.in_english:
        found.append(Advice("no_english", "title_en", 10))
    return found


def weight(found: list[Advice]) -> int:
    """How much is lacking altogether."""
    return sum(one.weight for one in found)
