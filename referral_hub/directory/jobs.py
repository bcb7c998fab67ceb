"""Work of the directory that comes round by itself."""

from datetime import timedelta
from typing import Any

from referral_hub.directory.state_actions import turn_states
from referral_hub.jobs.actions import Work


async def turn_offer_states(payload: dict[str, Any]) -> None:
    """Show what was scheduled for today, open again what was closed until today; midnight in Warsaw is on a quarter."""
    await turn_states()


registry: dict[str, Work] = {"turn_offer_states": turn_offer_states}
schedule = {"turn_offer_states": timedelta(minutes=15)}
