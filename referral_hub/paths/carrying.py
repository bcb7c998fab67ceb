"""Which referral carries a step out: the one begun there, and from then on whatever replaces it."""

from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.transaction import SYSTEM, Scope, transaction
from referral_hub.paths.actions import link_step, writing
from referral_hub.paths.plan import shown_state

_BEGUN_AT = """select p.id as path, p.version, s.state, t.state as task_state from support_step s
join support_path p on p.id = s.path left join referral_task t on t.id = s.task
where s.id = $1 and p.closed_at is null and p.institution = $3
and exists (select 1 from referral_task d where d.id = $2 and d.participant = p.participant and d.sender = $3)
for update of p"""
_FOLLOWED = """with moved as (
 update support_step s set task = $2 from support_path p
 where p.id = s.path and p.closed_at is null and s.task = $1 and s.state not in ('done', 'dropped') returning s.path)
update support_path p set version = p.version + 1 where p.id in (select path from moved) returning p.id"""


async def carry_out(task: UUID, step: UUID, actor: Actor) -> None:
    """A referral begun at a step carries it out from now on, in the transaction of the draft.

    Not where the person was changed on the way, the path is closed or another referral carries the step out by now.
    """
    if not actor.may(Permission.PERSON_EDIT):
        return
    actor = writing(actor)
    async with transaction(actor.scope) as sql:
        row = await sql.fetchrow(_BEGUN_AT, step, task, actor.institution)
        if row is not None and shown_state(row["state"], row["task_state"]) in ("planned", "again"):
            await link_step(row["path"], step, actor=actor, version=row["version"], task=task)


async def follow(old: UUID, new: UUID, by: Scope) -> None:
    """The step of a referral goes on with the draft that replaces it, in the transaction of that draft.

    A step that somebody called done or dropped, and a closed path, stay as they are.
    """
    async with transaction(SYSTEM) as sql:
        # As the hub itself: a coordinator who reroutes sees no path, and learns nothing of one.
        paths = await sql.fetch(_FOLLOWED, old, new)
    for row in paths:
        await record(Event.PATH_EDIT, by=by, subject=("path", row["id"]), facts={"what": "step_follows"})
