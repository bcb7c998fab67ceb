"""Who has seen what: a time stamp on the task, never a state."""

from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import NotFound
from referral_hub.referrals.case import in_each_role, load_case, may_see_data, standing
from referral_hub.referrals.states import Party


@retrying
async def mark_seen(task: UUID, *, actor: Actor) -> None:
    """Note that the receiver has opened the task, or that the sender has read how it ended. Raises NotFound."""
    seen = False
    for one in in_each_role(actor):
        async with transaction(one.scope, by_key=True) as sql:
            case = await load_case(sql, task)
            if case is None:
                continue
            seen, party = True, standing(one, case)
            if party is Party.RCV and case["seen_at"] is None and may_see_data(one, case):
                await sql.execute("update referral_task set seen_at = $2 where id = $1", task, clock.now())
            elif party is Party.SND and case["ended_at"] is not None and case["outcome_seen_at"] is None:
                await sql.execute("update referral_task set outcome_seen_at = $2 where id = $1", task, clock.now())
            else:
                continue
            await record(Event.REFERRAL_SEEN, by=one.scope, subject=("referral", task), facts={"party": party})
    if not seen:
        raise NotFound
