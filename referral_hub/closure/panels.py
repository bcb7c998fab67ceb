"""What a referral's page shows of a discrepancy, and an offer's page of how its referrals end."""

from typing import Final
from uuid import UUID

from referral_hub.accounts.actor import SYSTEM_ACTOR, Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.closure.figure_queries import groups_seen_by
from referral_hub.closure.figures import lines
from referral_hub.closure.queries import item_of
from referral_hub.cooperation.network import ALL_TIME
from referral_hub.cooperation.queries import is_of_the_club
from referral_hub.directory.observed import Figure
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.case import in_each_role
from referral_hub.referrals.closing import AGREED
from referral_hub.referrals.referral import Referral

OF_OFFER: Final = ("closed", "helped", "again")
"""What the offer's page does not count itself: answers and acceptances stand there already."""


async def closing_figures(offer: UUID, actor: Actor) -> list[Figure]:
    """How referrals to this offer ended, each side of a share none or at least five.

    Whoever reads the table of all offers with its small numbers hidden finds it there only: together with its totals
    these figures would give away what it hides.
    """
    if actor.may(Permission.COOPERATION_READ) and not await is_of_the_club(actor.institution):
        return []
    told = lines(await groups_seen_by(SYSTEM_ACTOR, "offer", offer=offer), ALL_TIME, "", [])
    shares = next((line.shares for line in told if line.key == str(offer)), {})
    return [Figure(code, share.n, share=share.share) for code in OF_OFFER if (share := shares.get(code)) and share.n]


async def discrepancy_part(found: Referral, actor: Actor, language: str) -> Attachment | None:
    """The item of this referral in the first of the actor's roles that settles and sees it."""
    # Nothing differs before the person has said something.
    if found.opinion is None or actor.kind != "account" or not actor.may(Permission.DISCREPANCY_SETTLE):
        return None
    for one in in_each_role(actor):
        item = await item_of(found.id, one)
        if item is not None and item.verdict != AGREED:
            return Attachment("closure/part.html", {"item": item}, "rest" if item.verdict else "next")
    return None
