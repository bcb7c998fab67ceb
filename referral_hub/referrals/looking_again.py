"""Words for the other institution are looked at once more where they tell a diagnosis, or more than was agreed."""

from typing import Final
from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import transaction
from referral_hub.errors import Problem, Refused
from referral_hub.participants.free_text import cautions_about
from referral_hub.referrals.case import in_each_role
from referral_hub.web.forms import Form

SAID: Final = {"ask": "question", "answer": "answer"}
"""Verbs that carry words to the other side → the field they stand in."""
LOOKED: Final = "looked"
_AGREED = "select b.fields from referral_task t join legal_basis b on b.id = t.basis where t.id = $1"


async def look_again(form: Form, prefix: str, verb: str, task: UUID, *, actor: Actor) -> None:
    """Ask once before a question or an answer goes: a warning, never a block. Raises Refused("invalid")."""
    words = form.value(f"{prefix}{SAID[verb]}") if verb in SAID else ""
    if not words or form.flag(f"{prefix}{LOOKED}"):
        return
    codes = cautions_about(words, agreed=await _agreed(task, actor))
    if codes:
        raise Refused("invalid", [Problem(LOOKED, code) for code in codes])


async def _agreed(task: UUID, actor: Actor) -> list[str]:
    """The fields that the basis names, as far as the actor may see it; none where it may not."""
    for one in in_each_role(actor):
        async with transaction(one.scope, by_key=True) as sql:
            fields = await sql.fetchval(_AGREED, task)
        if fields is not None:
            return list(fields)
    return []
