"""Work of this room that comes round by itself, and the leaving of what could be taken back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from referral_hub.jobs.actions import Work
from referral_hub.referrals.holding_back import JOB, let_go
from referral_hub.referrals.observed import count_observed
from referral_hub.referrals.sweep import run_clocks


async def referral_clocks(payload: dict[str, Any]) -> None:
    """End holds, remind, escalate, expire."""
    await run_clocks()


async def offer_observed(payload: dict[str, Any]) -> None:
    """Count what referrals show of each offer."""
    await count_observed()


async def referral_leaves(payload: dict[str, Any]) -> None:
    """Let one sending go whose time for being taken back is over."""
    await let_go(UUID(payload["task"]))


registry: dict[str, Work] = {"referral_clocks": referral_clocks, "offer_observed": offer_observed, JOB: referral_leaves}
schedule = {"referral_clocks": timedelta(minutes=15), "offer_observed": timedelta(hours=1)}
