"""The next meetings and duty hours beside an offer, on its public page."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.directory.ownership import looks_after
from referral_hub.directory.panels import OwnLink, Panel
from referral_hub.errors import NotFound
from referral_hub.timetable.queries import (
    blocked_days,
    duties_of,
    first_free,
    leader_text,
    meetings_of,
    offer_seen,
    sees_of,
)

NEXT: Final = 5
MEETINGS = OwnLink("meetings", "Meetings", frozenset({"group", "training", "initiative", "volunteering", ""}))
DUTY = OwnLink("duty", "Duty hours and appointments", frozenset({"expert"}))


async def offer_panel(offer: UUID, actor: Actor, language: str) -> Panel | None:
    """The next meetings with their free places, when an expert is there and the first free appointment."""
    try:
        shown = await offer_seen(offer, actor)
    except NotFound:
        # The page around is a moment older than the change that took the offer away.
        return None
    sees = sees_of(actor, shown.institution)
    meetings = await meetings_of(offer, sees=sees, kind="meeting", until=clock.now() + timedelta(days=120))
    coming = [met for met in meetings if met.status in ("planned", "cancelled")]
    duties = await duties_of(offer, sees=sees)
    if not coming and not duties:
        return None
    facts = {
        "offer": shown,
        "meetings": coming[:NEXT],
        "more": len(coming) > NEXT,
        "duties": duties,
        "blocked": (await blocked_days(offer))[:6] if duties else [],
        "first_free": await first_free(offer) if duties else None,
        "feed": not shown.quiet,
        "leader": lambda code: leader_text(code, language),
        "refers": actor.may(Permission.REFERRAL_SEND),
        "own": looks_after(actor, shown.institution),
    }
    return Panel("timetable/panel.html", facts)
