"""Work of this room that comes round by itself."""

from datetime import timedelta
from typing import Any

from referral_hub.jobs.actions import Work
from referral_hub.referrals.sweep import run_clocks


async def referral_clocks(payload: dict[str, Any]) -> None:
    """End holds, remind, escalate, expire."""
    await run_clocks()


registry: dict[str, Work] = {"referral_clocks": referral_clocks}
schedule = {"referral_clocks": timedelta(minutes=15)}
