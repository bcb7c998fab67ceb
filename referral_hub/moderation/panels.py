"""On public pages: the way to suggest a change; for staff also what waits and what their own colleagues noted."""

from typing import Any
from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import connection
from referral_hub.directory.panels import Panel
from referral_hub.moderation.notes import notes_about
from referral_hub.moderation.queries import open_about

_TEMPLATE = "moderation/panel.html"


async def offer_panel(offer: UUID, actor: Actor, language: str) -> Panel | None:
    """At the side of an offer's page."""
    facts: dict[str, Any] = {"suggest": f"/offers/{offer}/suggest", "waiting": 0, "notes": [], "institution": None}
    if actor.may(Permission.DIRECTORY_STAFF):
        facts["waiting"] = await open_about("offer", offer)
    if _keeps(actor):
        async with connection() as sql:
            institution = await sql.fetchval("select institution from offer where id = $1", offer)
        if institution is not None:
            facts |= {"institution": institution, "offer": offer, "notes": await notes_about(institution, actor)}
    return Panel(_TEMPLATE, {**facts, "may_moderate": actor.may(Permission.DIRECTORY_MODERATE)}, "more")


async def institution_panel(institution: UUID, actor: Actor, language: str) -> Panel | None:
    """At the side of an institution's page."""
    path = f"/institutions/{institution}/suggest"
    facts: dict[str, Any] = {"suggest": path, "waiting": 0, "notes": [], "institution": None, "offer": None}
    if actor.may(Permission.DIRECTORY_STAFF):
        facts["waiting"] = await open_about("institution", institution)
    if _keeps(actor):
        facts |= {"institution": institution, "notes": await notes_about(institution, actor)}
    return Panel(_TEMPLATE, {**facts, "may_moderate": actor.may(Permission.DIRECTORY_MODERATE)}, "more")


def _keeps(actor: Actor) -> bool:
    return actor.kind == "account" and not actor.by_key and actor.may(Permission.NOTE_KEEP)
