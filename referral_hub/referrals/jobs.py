"""Work of this room that comes round by itself."""

from datetime import timedelta
from typing import Any

from referral_hub.jobs.actions import Work
from referral_hub.referrals.observed import count_observed
from referral_hub.referrals.sweep import run_clocks


async def referral_clocks(payload: dict[str, Any]) -> None:
    """End holds, remind, escalate, expire."""
    await run_clocks()


async def offer_observed(payload: dict[str, Any]) -> None:
    """Count what referrals show of each offer."""
    await count_observed()


registry: dict[str, Work] = {"referral_clocks": referral_clocks, "offer_observed": offer_observed}
schedule = {"referral_clocks": timedelta(minutes=15), "offer_observed": timedelta(hours=1)}
