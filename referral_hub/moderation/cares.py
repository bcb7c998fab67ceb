"""What the coordinator looks after here: corrections, conflicts of sources, and who is believed first."""

from typing import Final

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.care import Care
from referral_hub.moderation.frame import count_waiting


async def queue_waiting(actor: Actor) -> int:
    """Suggestions that wait, and conflicts as they were last counted."""
    return await count_waiting()


QUEUE: Final = Care(
    "/moderation",
    "Corrections and conflicts",
    "What visitors and caseworkers suggest, and where sources disagree.",
    count=queue_waiting,
)
SOURCES: Final = Care("/moderation/sources", "Whom to believe", "Which source is believed first, field by field.")
