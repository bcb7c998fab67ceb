"""A decline that doubts an entry is put before the coordinator as a suggestion: what stands there stays."""

from typing import Final

from msgspec import structs

from referral_hub.accounts.actor import Actor
from referral_hub.errors import NotFound, Refused
from referral_hub.moderation.actions import suggest
from referral_hub.moderation.suggesting import Told
from referral_hub.referrals.case import Case
from referral_hub.web.wording import sentence_of

ENTRY_REVIEW: Final = frozenset({"entry_review", "area_filter"})
"""Effects that doubt the entry: it is another service than it says, or serves another area."""


async def ask_for_review(case: Case, effect: str, *, actor: Actor) -> bool:
    """Put the offer on the coordinator's list with what was answered; nothing of the person goes along.

    The same doubt is kept once while it is open. False where the offer is no longer in the directory.
    """
    # Whoever answers for an institution speaks of its entry as the institution: by a link, too, or by phone.
    speaker = structs.replace(actor, kind="account", institution=case["receiver"])
    told = Told(field="other", note=sentence_of(case["receiver_language"] or "pl", "entry_doubt", effect))
    try:
        await suggest("offer", case["offer"], told, actor=speaker)
    except (NotFound, Refused):
        return False
    return True
