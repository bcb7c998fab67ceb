"""Change a draft before it is sent: its basis, note and urgency."""

from collections.abc import Mapping
from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import seal
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import NotFound, Problem, Refused, Stale
from referral_hub.referrals.case import load_case
from referral_hub.referrals.drafts import PRIORITIES, note_problems, sending
from referral_hub.referrals.grounds import set_basis
from referral_hub.referrals.states import State


@retrying
async def edit_draft(
    task: UUID,
    *,
    actor: Actor,
    version: int,
    basis: Mapping[str, object] | None = None,
    note: str | None = None,
    priority: str | None = None,
) -> None:
    """Change a draft before it is sent; what is None stays. Raises NotFound, Stale, Refused `move_is_not_open`."""
    actor = sending(actor)
    async with transaction(actor.scope, by_key=True) as sql:
        case = await load_case(sql, task)
        if case is None or case["sender"] != actor.institution:
            raise NotFound
        if case["version"] != version:
            raise Stale
        if case["state"] != State.DRAFT:
            raise Refused("move_is_not_open")
        problems = note_problems(note or "")
        if priority is not None and priority not in PRIORITIES:
            problems.append(Problem("priority", "not_a_choice", {"choices": list(PRIORITIES)}))
        if problems:
            raise Refused("invalid", problems)
        if basis is not None:
            await set_basis(sql, case, basis, by=actor.scope)
        if priority is not None:
            await sql.execute("update referral_request set priority = $2 where id = $1", case["request"], priority)
        if note is not None:
            sealed = seal(note.strip()) if note.strip() else None
            await sql.execute("update referral_task set note_sealed = $2 where id = $1", task, sealed)
        changed = await sql.fetchval(
            "update referral_task set version = version + 1 where id = $1 and version = $2 returning version",
            task,
            version,
        )
        if changed is None:
            raise Stale
        await record(Event.REFERRAL_EDIT, by=actor.scope, subject=("referral", task))
