"""What both ends tell differently becomes an item to settle, in the transaction of the report or of the opinion.

The items are looked after in a room above (`closure`); what must never be forgotten by any way of ending a referral, or
of saying how it went, is written here. Nobody's report is touched.
"""

from uuid import UUID

from referral_hub import clock
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM, Scope, transaction
from referral_hub.referrals.closing import AGREED, differs
from referral_hub.referrals.states import State

_STANDS = """select t.state, coalesce(f.got_help, '') as got_help, d.kind, d.verdict,
 coalesce((f.at at time zone 'Europe/Warsaw')::date < t.outcome_on, false) as earlier
from referral_task t left join participant_feedback f on f.task = t.id left join discrepancy d on d.task = t.id
where t.id = $1"""
_OPEN = """insert into discrepancy (id, task, kind, opened_at) values ($1, $2, $3, $4) on conflict (task) do update
set kind = $3, opened_at = $4, verdict = '', words_sealed = null, settled_at = null, settled_by = null"""
_AGREED = "update discrepancy set verdict = $2, settled_at = $3, settled_by = null where task = $1"


async def compare_words(task: UUID, *, by: Scope, anew: bool = False) -> str:
    """Open an item where the two ends differ, close it where they no longer do; its kind if one was opened.

    Asked as the hub itself: neither the receiver nor the person sees items. Something settled stays settled while the
    same is said again, unless `anew`: the person has just called once more.
    """
    async with transaction(SYSTEM) as sql:
        row = await sql.fetchrow(_STANDS, task)
        kind = differs(State(row["state"]), row["got_help"], earlier=row["earlier"])
        open_now = row["kind"] is not None and not row["verdict"]
        if not kind:
            if open_now:
                await sql.execute(_AGREED, task, AGREED, clock.now())
                await _recorded(Event.DISCREPANCY_SETTLE, task, row["kind"], by, verdict=AGREED)
            return ""
        if kind == row["kind"] and (open_now or not (anew or row["verdict"] == AGREED)):
            return ""
        await sql.execute(_OPEN, new_id(), task, kind, clock.now())
        await _recorded(Event.DISCREPANCY_OPEN, task, kind, by)
        return kind


async def _recorded(event: Event, task: UUID, kind: str, by: Scope, **facts: str) -> None:
    await record(event, by=by, subject=("referral", task), facts={"kind": kind, **facts})
