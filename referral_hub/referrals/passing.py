"""The sender says "not now": a kept place goes to the next in line, the person keeps theirs in the line."""

from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import NotAllowed, NotFound, Refused
from referral_hub.referrals.case import in_each_role, load_case, standing
from referral_hub.referrals.states import Party
from referral_hub.referrals.waiting import let_go, lock_places

_OPEN = "select id from place_offered where task = $1 and answer = ''"


@retrying
async def pass_place(task: UUID, kept: UUID | None, *, actor: Actor) -> None:
    """Let a kept place pass. Raises NotFound, NotAllowed for whoever is not the sender, Refused `place_has_gone`."""
    seen = False
    for one in in_each_role(actor):
        async with transaction(one.scope, by_key=True) as sql:
            await lock_places(sql, task)
            case = await load_case(sql, task)
            if case is None:
                continue
            seen = True
            if standing(one, case) is not Party.SND:
                continue
            if kept is None or await sql.fetchval(_OPEN, task) != kept:
                raise Refused("place_has_gone")
            await let_go(task, case["offer"], why="passed")
            await record(Event.PLACE_PASS, by=one.scope, subject=("referral", task), facts={"number": case["number"]})
            return
    raise NotAllowed if seen else NotFound
