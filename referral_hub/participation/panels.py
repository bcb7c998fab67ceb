"""What an incoming referral's page and the list of people show of taking part in the club."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import transaction
from referral_hub.errors import NotFound
from referral_hub.participants.standing import Standing
from referral_hub.participation.taking_in import offered_person
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.referral import Referral


async def take_in_attachment(found: Referral, actor: Actor, language: str) -> Attachment | None:
    """The button „przyjmij do klubu”, or the way to the participation that it led to."""
    if found.offer.institution.id != actor.institution or not actor.may(Permission.PARTICIPATION_EDIT):
        return None
    try:
        incoming = await offered_person(found.id, actor=actor)
    except NotFound:
        return None
    if incoming.ours is None and not incoming.may_be_taken_in:
        return None
    return Attachment("participation/referral_part.html", {"task": found.id, "ours": incoming.ours}, "next")


async def in_the_club(actor: Actor, people: Sequence[UUID]) -> Mapping[UUID, Sequence[Standing]]:
    """Who of these takes part now; nothing for whoever does not work for a club."""
    if not actor.may(Permission.PARTICIPATION_EDIT):
        return {}
    async with transaction(actor.acting_for(Permission.PARTICIPATION_EDIT).scope) as sql:
        rows = await sql.fetch(
            """select distinct participant from participation
            where institution = $1 and participant = any($2::uuid[]) and ended_on is null""",
            actor.institution,
            list(people),
        )
    return {row["participant"]: [Standing("club", 1, "good")] for row in rows}
