"""Beside the free places of an offer: how they went lately, what does not agree, and the way to the whole history."""

from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.directory.history import history_of
from referral_hub.directory.panels import Panel


async def offer_panel(offer: UUID, actor: Actor, language: str) -> Panel | None:
    """The last numbers in words; None where nobody ever told one."""
    history = await history_of(offer, 1, per_page=1)
    if not history.total:
        return None
    against = history.ruling.against if history.ruling else []
    facts = {"offer": offer, "trend": history.trend, "against": against, "total": history.total}
    return Panel("directory/history_panel.html", facts, "now")
