"""What may be asked for, and what may become of it. Pure."""

from datetime import datetime, timedelta
from typing import Final

from referral_hub.errors import Problem

LONGEST: Final = timedelta(days=14)
AHEAD: Final = timedelta(days=366)
MOST_PIECES: Final = 1000
MOST_WAITING: Final = 20
"""Unanswered requests of one institution at one offer: nobody holds a room by asking for every day of the year."""
PURPOSE_MOST: Final = 500
WORD_MOST: Final = 300

# What each side may do with a booking: act → (states it may be in, state after).
OWNER_ACTS: Final = {
    "confirm": (("asked",), "confirmed"),
    "refuse": (("asked",), "refused"),
    "cancel": (("confirmed",), "cancelled"),
}
BORROWER_ACTS: Final = {"cancel": (("asked", "confirmed"), "cancelled")}


def asking_problems(start: datetime, end: datetime, pieces: int, owned: int, now: datetime) -> list[Problem]:
    """Everything that is wrong with what was asked for, whatever others have."""
    found = []
    if start < now:
        found.append(Problem("from_hour", "booking_in_the_past"))
    if end <= start:
        found.append(Problem("to_hour", "booking_reversed"))
    elif end - start > LONGEST:
        found.append(Problem("to_day", "booking_too_long", {"days": LONGEST.days}))
    if start > now + AHEAD:
        found.append(Problem("from_day", "booking_too_far"))
    if not 1 <= pieces <= owned:
        found.append(Problem("pieces", "out_of_range", {"least": 1, "most": owned}))
    return found
