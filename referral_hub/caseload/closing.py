"""Closing several referrals with one reason: each by the move that its state allows, each told apart."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.caseload.reminding import Told
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.referrals.actions import perform
from referral_hub.referrals.drafts import sending
from referral_hub.referrals.moves import find
from referral_hub.referrals.queries import referral
from referral_hub.referrals.reasons import choices
from referral_hub.referrals.states import UNDER_WAY, Party, State, Verb

_BY: Final[dict[State, tuple[Verb, str]]] = {
    State.DRAFT: (Verb.VOID, "removed"),
    **dict.fromkeys((State.SENT, State.INFO_NEEDED, State.WAITLISTED), (Verb.WITHDRAW, "withdrawn")),
    **dict.fromkeys(UNDER_WAY, (Verb.REQUEST_CANCEL, "cancel_asked")),
}


def reasons() -> list[str]:
    """The codes that both a withdrawal and the wish to cancel take today, in the vocabulary's order."""
    rows = (find(Verb.WITHDRAW, State.SENT, Party.SND), find(Verb.REQUEST_CANCEL, State.ACCEPTED, Party.SND))
    first, second = (next(choices(need, row) or [] for need in row.needs if need.name == "reason") for row in rows)
    return [code for code in first if code in second]


async def close(versions: Mapping[UUID, int], *, actor: Actor, reason: str, text: str = "") -> list[Told]:
    """Withdraw, ask to cancel, or throw a draft away; what became of each, in the order asked. Raises NotAllowed."""
    actor = sending(actor)
    return [await _close(task, version, actor, reason, text) for task, version in versions.items()]


async def _close(task: UUID, version: int, actor: Actor, reason: str, text: str) -> Told:
    try:
        found = await referral(actor, task, open_person=False)
    except NotFound:
        return Told(task, "", "not_yours")
    verb, done = _BY.get(State(found.state), (None, ""))
    if verb is None or found.party != Party.SND:
        return Told(task, found.number, "not_yours" if found.party != Party.SND else "over_already")
    fields = {} if verb is Verb.VOID else {"reason": reason, "text": text}
    try:
        await perform(task, actor=actor, verb=verb, version=version, fields=fields)
    except Stale:
        return Told(task, found.number, "changed")
    except Refused as refusal:
        return Told(task, found.number, refusal.problems[0].code if refusal.problems else refusal.code)
    return Told(task, found.number, done)
