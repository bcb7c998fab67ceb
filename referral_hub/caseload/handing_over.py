"""Cases go from one caseworker to a colleague of the same institution, and back where that was a slip."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.caseworkers import caseworkers_of
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.caseload.reminding import Told
from referral_hub.database.transaction import retrying, transaction
from referral_hub.database.writes import write_all
from referral_hub.errors import Problem, Refused
from referral_hub.referrals.case import load_case
from referral_hub.referrals.drafts import sending
from referral_hub.referrals.emails import letters_to_keeper
from referral_hub.referrals.states import State


@retrying
async def hand_over(keepers: Mapping[UUID, UUID], *, actor: Actor) -> tuple[list[Told], dict[UUID, UUID]]:
    """Give each task to the keeper named for it; what became of each, and who kept it before (for undoing).

    Raises NotAllowed, Refused where somebody named is no caseworker of this institution.
    """
    actor = sending(actor)
    known = {one.id for one in await caseworkers_of(actor.institution)}
    if not set(keepers.values()) <= known:
        raise Refused("invalid", [Problem("to", "not_a_choice")])
    told, before = [], dict[UUID, UUID]()
    async with transaction(actor.scope, by_key=True) as sql:
        # One order of locks for all, so that two people who mark the same referrals do not wait for each other.
        for task, keeper in sorted(keepers.items()):
            case = await load_case(sql, task, verb="hand_over")
            if case is None or case["sender"] != actor.institution:
                told.append(Told(task, "", "not_yours"))
                continue
            if case["keeper"] == keeper:
                told.append(Told(task, case["number"], "kept_already"))
                continue
            if case["keeper"] is not None:
                before[task] = case["keeper"]
            await sql.execute("update referral_task set keeper = $2 where id = $1", task, keeper)
            await sql.execute("update referral_request set keeper = $2 where id = $1", case["request"], keeper)
            if keeper != actor.account and State(case["state"]) is not State.DRAFT:
                await write_all(sql, await letters_to_keeper(sql, {**case, "keeper": keeper}, "referral_news"))
            await record(Event.REFERRAL_HAND_OVER, by=actor.scope, subject=("referral", task))
            told.append(Told(task, case["number"], "handed_over"))
    return told, before


def pairs(sent: Sequence[str]) -> dict[UUID, UUID]:
    """`task:keeper` as the undo button sends them; what is no pair of ids is left out."""
    found = {}
    for text in sent[:200]:
        task, _, keeper = text.partition(":")
        try:
            found[UUID(task)] = UUID(keeper)
        except ValueError:
            continue
    return found
