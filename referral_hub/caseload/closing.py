"""Closing several referrals with one reason: each by the move that its state allows, each told apart."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.caseload.reminding import Told
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.referrals.actions import perform
from referral_hub.referrals.drafts import sending
from referral_hub.referrals.ending import ends_by
from referral_hub.referrals.queries import referral
from referral_hub.referrals.states import Party, State, Verb

_DONE: Final = {Verb.VOID: "removed", Verb.WITHDRAW: "withdrawn", Verb.REQUEST_CANCEL: "cancel_asked"}


async def close(versions: Mapping[UUID, int], *, actor: Actor, reason: str, text: str = "") -> list[Told]:
    """Withdraw, ask to cancel, or throw a draft away; what became of each, in the order asked. Raises NotAllowed."""
    actor = sending(actor)
    # One order of locks for all, so that two people who mark the same referrals do not wait for each other.
    told = {task: await _close(task, versions[task], actor, reason, text) for task in sorted(versions)}
    return [told[task] for task in versions]


async def _close(task: UUID, version: int, actor: Actor, reason: str, text: str) -> Told:
    try:
        found = await referral(actor, task, open_person=False, read_words=False)
    except NotFound:
        return Told(task, "", "not_yours")
    verb = ends_by(State(found.state))
    if verb is None or found.party != Party.SND:
        return Told(task, found.number, "not_yours" if found.party != Party.SND else "over_already")
    fields = {} if verb is Verb.VOID else {"reason": reason, "text": text}
    try:
        await perform(task, actor=actor, verb=verb, version=version, fields=fields)
    except Stale:
        return Told(task, found.number, "changed")
    except Refused as refusal:
        return Told(task, found.number, refusal.problems[0].code if refusal.problems else refusal.code)
    return Told(task, found.number, _DONE[verb])
