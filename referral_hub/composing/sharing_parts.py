"""A part of a referral's page: what its receiver sees; and of the person's own: what sharing rests on."""

from typing import Any
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import transaction
from referral_hub.participants.basis import Kind
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.case import Case, basis_of, load_case
from referral_hub.referrals.person_seen import shares
from referral_hub.referrals.preview import stages
from referral_hub.referrals.states import FINAL, State


async def sharing_part(task: UUID, actor: Actor, language: str) -> Attachment | None:
    """The part for the sender's caseworker or the person; None for everybody else and for who went alone."""
    sends = actor.kind == "account" and actor.role == "caseworker" and actor.may(Permission.REFERRAL_SEND)
    if not sends and actor.kind != "participant":
        return None
    async with transaction(actor.scope, by_key=True) as sql:
        case = await load_case(sql, task)
    if case is None or case["no_data"] or case["state"] == State.DRAFT:
        return None
    if actor.kind == "participant":
        return Attachment("guest/own_basis.html", _basis(case))
    if case["sender"] != actor.institution:
        return None
    return Attachment("referrals/sharing_part.html", {**_basis(case), "stages": _stages(case)})


def _stages(case: Case) -> list[Any]:
    if State(case["state"]) in FINAL or case["sharing_ended"]:
        return []
    fields = case["basis_fields"] or ()
    return stages(fields, full_at_once=case["disclosure"] == "full", access=case["access"])


def _basis(case: Case) -> dict[str, Any]:
    """What sharing rests on, whether it holds today, and whether withdrawing a consent would end it."""
    basis = basis_of(case)
    return {
        "kind": basis.kind.value if basis else "",
        "ground": basis.ground if basis else "",
        "given_how": basis.given_how if basis else "",
        "until": basis.until if basis else None,
        "holds": shares(case, clock.today()),
        "ended": case["sharing_ended"] or bool(basis and basis.withdrawn),
        "by_consent": bool(basis and basis.kind is Kind.CONSENT),
        "over": State(case["state"]) in FINAL,
    }
