"""Work of the directory that comes round by itself."""

from datetime import timedelta
from typing import Any

from referral_hub import clock
from referral_hub.jobs.actions import Work
from referral_hub.upkeep.asking_actions import ask_everybody_due


async def ask_for_readings(payload: dict[str, Any]) -> None:
    """On working days between 8 and 16, mail whoever has a number to confirm."""
    now = clock.now().astimezone(clock.WARSAW)
    if now.weekday() < 5 and 8 <= now.hour < 16:
        await ask_everybody_due()


registry: dict[str, Work] = {"ask_for_readings": ask_for_readings}
schedule = {"ask_for_readings": timedelta(hours=1)}
