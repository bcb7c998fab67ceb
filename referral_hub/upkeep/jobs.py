"""Work of keeping numbers true that comes round by itself, and what follows when a message does not arrive."""

from datetime import timedelta
from typing import Any

from referral_hub.jobs.actions import Work
from referral_hub.upkeep.asking_actions import ask_everybody_due
from referral_hub.upkeep.delivery import note_delivered, note_undelivered


async def ask_for_readings(payload: dict[str, Any]) -> None:
    """Climb one rung with everybody whose turn it is; the ladder itself keeps to office hours."""
    await ask_everybody_due()


registry: dict[str, Work] = {
    "ask_for_readings": ask_for_readings,
    "message_undelivered": note_undelivered,
    "address_works": note_delivered,
}
schedule = {"ask_for_readings": timedelta(hours=1)}
