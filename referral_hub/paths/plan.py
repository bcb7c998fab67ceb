"""The rules of a path: what a step shows, which one is next, how steps change places, what may be typed. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from referral_hub.errors import Problem
from referral_hub.participants.free_text import holds_pesel
from referral_hub.referrals.states import FINAL, State

STEP_STATES: Final = ("planned", "under_way", "done", "dropped")
RESULTS: Final = ("reached", "partly", "not_reached", "changed")
MOST_STEPS: Final = 30
MOST_OPEN: Final = 5
"""Open paths of one person: more is a mistake."""
GOAL, WORDS, NUMBER = 600, 400, 60
"""Characters at most: of the goal, of the words of a step, of a contract's number."""
YEARS: Final = timedelta(days=3653)
"""How far from today a day may lie, before and after."""


def wrong_words(name: str, words: str | None, most: int) -> list[Problem]:
    """What is wrong with words about a person."""
    if words and len(words) > most:
        return [Problem(name, "too_long", {"most": most, "length": len(words)})]
    return [Problem(name, "text_holds_pesel")] if words and holds_pesel(words) else []


def wrong_day(name: str, day: date | None, earliest: date, latest: date) -> list[Problem]:
    """What is wrong with a day."""
    if day is None or earliest <= day <= latest:
        return []
    return [
        Problem(name, "date_too_early" if day < earliest else "date_too_late", {"earliest": earliest, "latest": latest})
    ]


def shown_state(kept: str, task: str | None) -> str:
    """What a step shows: its own word where somebody said it, else what became of the referral that carries it out.

    "again": the referral ended without help, and the step needs another way.
    """
    if kept in ("done", "dropped") or task is None or task == State.VOID:
        return kept
    state = State(task)
    if state is State.DELIVERED:
        return "done"
    if state is State.DRAFT:
        return "planned"
    return "again" if state in FINAL else "under_way"


def next_step(shown: Sequence[str]) -> int | None:
    """The place of the first step that is neither done nor dropped; None at the end of the way."""
    return next((place for place, state in enumerate(shown) if state not in ("done", "dropped")), None)


def swapped(order: Sequence[UUID], step: UUID, way: str) -> list[UUID]:
    """The order after a step went one place `up` or `down`; at the end it stays. Raises ValueError for a stranger."""
    place = order.index(step)
    other = place + (-1 if way == "up" else 1)
    found = list(order)
    if 0 <= other < len(found):
        found[place], found[other] = found[other], found[place]
    return found
