"""How an exchange goes: proposed by one side, agreed by the other, done, or let go. Pure."""

from typing import Final
from uuid import UUID

SIDES: Final = ("offered", "wanted")
TEXT_MOST: Final = 500
AMOUNT_MOST: Final = 100
WORD_MOST: Final = 300
MOST_LINES: Final = 50
"""Open lines of one offer."""

COURSE: Final = {
    "agree": (("proposed",), "agreed"),
    "done": (("agreed",), "done"),
    "let_go": (("proposed", "agreed"), "let_go"),
}
"""Act → (states it may be in, state after)."""
RUNNING: Final = ("proposed", "agreed")


def acts_open(state: str, proposed_by: UUID, side: UUID) -> list[str]:
    """What this side (an institution) may do now: only the other one agrees to a proposal."""
    return [act for act, (before, _) in COURSE.items() if state in before and (act != "agree" or side != proposed_by)]
