"""A part of a referral's page: what its receiver sees; and of the person's own: what sharing rests on."""

from typing import Any

from referral_hub.accounts.actor import Actor
from referral_hub.participants.basis import Kind
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.preview import stages
from referral_hub.referrals.referral import Referral
from referral_hub.referrals.states import FINAL, Party, State


async def sharing_part(found: Referral, actor: Actor, language: str) -> Attachment | None:
    """The part for the sender's caseworker or the person; None for everybody else and for who went alone."""
    if found.no_data or found.state == State.DRAFT:
        return None
    if found.party == Party.PAR:
        return Attachment("guest/own_basis.html", _basis(found))
    if found.party != Party.SND:
        return None
    return Attachment("referrals/sharing_part.html", {**_basis(found), "stages": _stages(found)})


def _stages(found: Referral) -> list[Any]:
    if State(found.state) in FINAL or found.sharing_ended:
        return []
    fields = found.basis.fields if found.basis else ()
    return stages(fields, full_at_once=found.full_at_once, access=found.access)


def _basis(found: Referral) -> dict[str, Any]:
    """What sharing rests on, whether it holds today, and whether withdrawing a consent would end it."""
    basis = found.basis
    return {
        "kind": basis.kind if basis else "",
        "ground": basis.ground if basis else "",
        "given_how": basis.given_how if basis else "",
        "until": basis.until if basis else None,
        "holds": found.shared,
        "ended": found.sharing_ended or bool(basis and basis.withdrawn),
        "by_consent": bool(basis and basis.kind == Kind.CONSENT),
        "over": State(found.state) in FINAL,
    }
