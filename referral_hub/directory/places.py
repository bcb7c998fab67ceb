"""The arithmetic of places, the only one in the hub: who may still be sent, and what a new reading changes.

The rules (DOMAIN fact 2), in words:

* a reported `free` already leaves out everyone accepted before it was saved: a reading sets `taken` to 0;
* available = reported free − open holds − places taken since, never below 0; without a reading it is unknown;
* a hold is placed only if available > 0 at that moment; an offer without a reading gets no hold, no taking;
* a lower reading cancels no hold, it only stops new ones;
* a freed place comes back only if it was taken after the reading now in force: an older one is left out of
  the reported number already, and the next reading will tell;
* an undone reading never was: the one before is in force again, and whoever was taken under either counts.
  A place taken before the undone reading and freed under it counts too, until the next reading: rather one too few.

`referrals` does the same sums in SQL, in one conditional statement; its test compares the two.
"""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace


class NoPlace(Exception):
    """A hold or a taking was asked for where nothing is available."""


class Status(StrEnum):
    """The capacity status codes of HL7 SDOH Clinical Care."""

    UNKNOWN = "unknown"
    CAPACITY = "capacity"
    NO_CAPACITY = "no-capacity"
    WAITLIST = "waitlist"
    ASSESSMENT = "additional-assessment-required"


class Places(Struct, frozen=True):
    """The counters of one offer. `reading` numbers the reading in force (0 = none yet), `readings` the last one ever
    put in force: a later one has a higher number.
    """

    reported: int | None = None
    holds: int = 0
    taken: int = 0
    reading: int = 0
    readings: int = 0


def available(reported: int | None, holds: int, taken: int) -> int | None:
    """Places that may be held now; None when nobody has reported a number."""
    return None if reported is None else max(0, reported - holds - taken)


def free_now(places: Places) -> int | None:
    """`available` of the counters."""
    return available(places.reported, places.holds, places.taken)


def report(places: Places, free: int | None) -> Places:
    """Put a new reading in force; holds stay. ValueError when `free` is negative."""
    if free is not None and free < 0:
        raise ValueError("free places cannot be negative")
    return replace(places, reported=free, taken=0, reading=places.readings + 1, readings=places.readings + 1)


def undo(places: Places, free: int | None, reading: int, taken_before: int) -> Places:
    """Take back the reading in force: `reading` (with its `free`; 0 and None: no reading) is in force again.

    `taken_before` is what `taken` was when the undone reading was put in force.
    """
    return replace(places, reported=free, reading=reading, taken=places.taken + taken_before)


def place_is_free(places: Places) -> bool:
    """Whether a hold may be placed at this moment."""
    return (free_now(places) or 0) > 0


def hold(places: Places) -> Places:
    """Place a hold. NoPlace when nothing is available or nothing is known."""
    if not place_is_free(places):
        raise NoPlace
    return replace(places, holds=places.holds + 1)


def release(places: Places) -> Places:
    """Let a hold go."""
    return replace(places, holds=max(0, places.holds - 1))


def take_held(places: Places) -> Places:
    """An accepted referral turns its own hold into a taken place: available stays as it was."""
    return replace(places, holds=max(0, places.holds - 1), taken=places.taken + 1)


def take(places: Places) -> Places:
    """Take a place without a hold (from a waiting list). NoPlace when nothing is available."""
    if not place_is_free(places):
        raise NoPlace
    return replace(places, taken=places.taken + 1)


def give_back(places: Places, taken_under: int) -> Places:
    """Free a taken place; `taken_under` is the number of the reading that was in force when it was taken.

    A higher number than that in force is one of an undone reading: it was taken after the one now in force.
    """
    if taken_under < places.reading:
        return places
    return replace(places, taken=max(0, places.taken - 1))


def capacity_status(free: int | None, waiting: int | None, said: str = "") -> Status:
    """The status code of an offer.

    `free` is what is available now (None: nobody reported), `waiting` the reported number of people waiting,
    `said` the status the partner gave with the reading ("" if none): it tells a waiting list from a plain „no
    places”, and that people are seen before a place is promised.

    Vacancies and a queue stand side by side in real registers: a free place is `capacity` whatever the queue.
    """
    if free is None:
        return Status.WAITLIST if waiting or said == Status.WAITLIST else Status.UNKNOWN
    if free > 0:
        return Status.ASSESSMENT if said == Status.ASSESSMENT else Status.CAPACITY
    return Status.WAITLIST if waiting or said == Status.WAITLIST else Status.NO_CAPACITY
