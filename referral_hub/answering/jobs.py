"""Work of this room that comes round by itself."""

from datetime import timedelta
from typing import Any

from referral_hub.answering.due_links import ask_guests
from referral_hub.jobs.actions import Work


async def guests_asked(payload: dict[str, Any]) -> None:
    """Ask guests whether the person came, and later how it ended."""
    await ask_guests()


registry: dict[str, Work] = {"guests_asked": guests_asked}
schedule = {"guests_asked": timedelta(hours=1)}
