"""What the coordinator looks after here: changes to approve, entries to make better, numbers that do not agree."""

from typing import Final

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.care import Care
from referral_hub.directory.pending_queries import how_many_wait


async def edits_waiting(actor: Actor) -> int:
    """Changes of partners that wait for approval."""
    return await how_many_wait()


EDITS: Final = Care(
    "/edits",
    "Changes to approve",
    "What partners changed in public texts; the approved version stays public meanwhile.",
    count=edits_waiting,
)
BETTER: Final = Care("/better", "What would make entries better", "Missing phones, first steps and hours, worst first.")
OWN: Final = Care("/my-offers", "Our own offers", "Numbers, meetings and texts of the club itself.")
DOUBTFUL: Final = Care(
    "/readings/doubtful", "Numbers that do not agree", "Readings kept as given that contradict themselves."
)
