"""„Brak miejsc” in an answer proposes a number; whoever answered for the partner makes it true, or not, in one tap."""

from typing import Final
from uuid import UUID

from msgspec import structs

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import retrying, transaction
from referral_hub.directory.proposals import Proposed, dismiss_proposal, open_proposals
from referral_hub.directory.reading_actions import MOST, Said, report_reading
from referral_hub.errors import NotAllowed, NotFound, Refused
from referral_hub.referrals.case import in_each_role, load_case, standing
from referral_hub.referrals.states import Party
from referral_hub.web.forms import Form

FULL: Final = "no_capacity"
ACTS: Final = ("zero", "set", "dismiss")


async def proposed_by(offer: UUID, reason: str) -> Proposed | None:
    """What waits for the partner's word about an offer after an answer with this reason."""
    return (await open_proposals([offer])).get(offer) if reason == FULL else None


@retrying
async def answer_proposed(task: UUID, form: Form, *, actor: Actor) -> None:
    """What was pressed after „brak miejsc”: `zero` takes the proposed number, `set` another one, `dismiss` neither.

    Of the offer that was asked only, and only by whoever speaks for its institution. Raises NotFound, NotAllowed,
    Refused("invalid") or `proposal_gone` where a newer number has answered it.
    """
    act = form.choice("act", ACTS)
    free = form.whole("free", most=MOST) if act == "set" else None
    form.check()
    for one in in_each_role(actor):
        async with transaction(one.scope) as sql:
            case = await load_case(sql, task)
            party = None if case is None else standing(one, case)
        if case is None or party is None:
            continue
        if party is not Party.RCV:
            raise NotAllowed
        waiting = await proposed_by(case["offer"], case["reason"])
        if waiting is None:
            raise Refused("proposal_gone")
        # Whoever answers for an institution says its places with the rights of the link mailed to it, and no more.
        reporter = structs.replace(one, kind="capacity", role="capacity", institution=case["receiver"], task=None)
        if act == "dismiss":
            await dismiss_proposal(waiting.id, actor=reporter)
        else:
            await report_reading(case["offer"], Said(free=waiting.free if free is None else free), actor=reporter)
        return
    raise NotFound
