"""Work of this room that comes round by itself, and the leaving of what could be taken back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from referral_hub.jobs.actions import Work
from referral_hub.referrals.holding_back import let_go
from referral_hub.referrals.observed import count_observed
from referral_hub.referrals.sweep import run_clocks
from referral_hub.referrals.undelivered import follow_undelivered
from referral_hub.upkeep.delivery import note_undelivered


async def referral_clocks(payload: dict[str, Any]) -> None:
    """End holds, remind, escalate, expire."""
    await run_clocks()


async def offer_observed(payload: dict[str, Any]) -> None:
    """Count what referrals show of each offer."""
    await count_observed()


async def referral_leaves(payload: dict[str, Any]) -> None:
    """Let one sending go whose time for being taken back is over."""
    await let_go(UUID(payload["task"]))


async def message_undelivered(payload: dict[str, Any]) -> None:
    """What the directory does about an address that refuses, and then what its referral needs."""
    await note_undelivered(payload)
    await follow_undelivered(payload)


# The worker takes the later of two jobs of one name: this one does what the room below would.
registry: dict[str, Work] = {
    "referral_clocks": referral_clocks,
    "offer_observed": offer_observed,
    "referral_leaves": referral_leaves,
    "message_undelivered": message_undelivered,
}
schedule = {
    "referral_clocks": timedelta(minutes=15),
    "offer_observed": timedelta(hours=1),
}
