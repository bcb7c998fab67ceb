"""What a referral's page shows of a discrepancy: to its sender and the coordinator, nobody else."""

from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.closure.queries import item_of
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.case import in_each_role
from referral_hub.referrals.closing import AGREED


async def discrepancy_part(task: UUID, actor: Actor, language: str) -> Attachment | None:
    """The item of this referral in the first of the actor's roles that settles and sees it."""
    if actor.kind != "account" or not actor.may(Permission.DISCREPANCY_SETTLE):
        return None
    for one in in_each_role(actor):
        item = await item_of(task, one)
        if item is not None and item.verdict != AGREED:
            return Attachment("closure/part.html", {"item": item})
    return None
