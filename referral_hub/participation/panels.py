"""What an incoming referral's page shows of taking part in the club."""

from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.errors import NotFound
from referral_hub.participation.taking_in import offered_person
from referral_hub.referrals.attachments import Attachment


async def take_in_attachment(task: UUID, actor: Actor, language: str) -> Attachment | None:
    """The button „przyjmij do klubu”, or the way to the participation that it led to."""
    if actor.kind != "account" or not actor.may(Permission.PARTICIPATION_EDIT):
        return None
    try:
        found = await offered_person(task, actor=actor)
    except NotFound:
        return None
    if found.ours is None and not found.may_be_taken_in:
        return None
    return Attachment("participation/referral_part.html", {"task": task, "ours": found.ours}, "next")
