"""What a guest asked before, and what the sender answered: on the page of the link that came with the answer."""

from typing import Final
from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import transaction
from referral_hub.referrals.referral import Referral

_ANSWERED: Final = "select exists (select 1 from task_event where task = $1 and verb = 'answer')"
_WORDS: Final = ("question", "answer")


async def was_answered(task: UUID, actor: Actor) -> bool:
    """Whether a question about this referral has been answered; nothing is read by asking."""
    async with transaction(actor.scope) as sql:
        return bool(await sql.fetchval(_ANSWERED, task))


def exchange(referral: Referral) -> list[tuple[str, str]]:
    """("question" or "answer", its words) in their order, as far as the referral was read with its words."""
    return [(name, moment.words[name]) for moment in referral.timeline for name in _WORDS if moment.words.get(name)]
