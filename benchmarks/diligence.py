"""How partners behave in the simulated year: every assumption, in one place. docs/freshness.md says where from."""

from datetime import datetime
from random import Random

from msgspec import Struct

from referral_hub.upkeep.office_hours import A_DAY, add_office_hours


class Diligence(Struct, frozen=True):
    """Chances of one kind of partner.

    `by_mail`: that this mail is answered, by its rung; the last holds for all later ones. `by_call`: that somebody
    answers the phone and knows the numbers. `unasked`: that an offer's number is renewed once in a rhythm by the
    partner's own wish, signing in without being asked.
    """

    by_mail: tuple[float, ...]
    by_call: float
    unasked: float


DILIGENCES = {
    "diligent": Diligence((0.80, 0.60, 0.50, 0.40), 0.80, 0.60),
    "ordinary": Diligence((0.50, 0.40, 0.30, 0.25), 0.60, 0.20),
    "careless": Diligence((0.20, 0.15, 0.10, 0.10), 0.40, 0.05),
}
CALLS_A_DAY = 4
"""Calls a coordinator makes on a business day: about an hour of it."""
CALLED_AT = 10
_SAME_DAY, _NEXT_DAY = 0.60, 0.85


def answered_at(sent: datetime, rng: Random, every_day: bool = False) -> datetime:
    """When a mail that is answered at all is answered: most on the same day, some on the next, few on the third."""
    draw = rng.random()
    # Half past, so that no answer falls on the moment of the hourly job.
    wait = rng.randrange(0, 6) if draw < _SAME_DAY else A_DAY if draw < _NEXT_DAY else 2 * A_DAY
    later = add_office_hours(sent, wait, every_day)
    return later.replace(minute=30)
