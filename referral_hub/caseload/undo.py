"""Taking back what was done a moment ago, with everything that had been typed: a sending, or a draft thrown away.

undo_sending(task, *, actor, version) -> UUID     the fresh draft; Refused `has_left` once it is too late
send_now(task, *, actor)                          nothing to think again about: it leaves at once
undo_removal(task, *, actor) -> UUID              a draft that was thrown away
"""

from uuid import UUID

import asyncpg

from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import NotFound, Refused
from referral_hub.referrals.actions import perform
from referral_hub.referrals.case import Case, load_case
from referral_hub.referrals.drafts import insert_task, sending
from referral_hub.referrals.holding_back import let_go
from referral_hub.referrals.states import Party, State, Verb
from referral_hub.referrals.waiting import lock_places


@retrying
async def undo_sending(task: UUID, *, actor: Actor, version: int) -> UUID:
    """Take a sending back before it leaves: void (row 28) and a fresh draft that replaces it; the draft's id.

    Nobody outside has learnt anything, and the place is free again. Raises NotFound for what is not the actor's,
    Stale, Refused `has_left` once the receiver has been told.
    """
    actor = sending(actor)
    async with transaction(actor.scope, by_key=True) as sql:
        await lock_places(sql, task)
        case = await _own(sql, task, actor)
        if case["state"] != State.SENT or not case["held_back"]:
            raise Refused("has_left")
        await perform(task, actor=actor, verb=Verb.VOID, version=version)
        return await _draft_again(sql, case, actor)


@retrying
async def send_now(task: UUID, *, actor: Actor) -> None:
    """Let a sending go before its time: whoever has the institution on the phone writes down what it says.

    Raises NotFound for what is not the actor's, Refused `has_left`, `basis_is_valid` where the basis ended meanwhile.
    """
    actor = sending(actor)
    async with transaction(actor.scope, by_key=True) as sql:
        case = await _own(sql, task, actor)
        if case["state"] != State.SENT or not case["held_back"]:
            raise Refused("has_left")
        if not await let_go(task, by=actor.scope):
            raise Refused("basis_is_valid")


@retrying
async def undo_removal(task: UUID, *, actor: Actor) -> UUID:
    """A fresh draft of one that was thrown away; its id. Raises NotFound, Refused `move_is_not_open`."""
    actor = sending(actor)
    async with transaction(actor.scope, by_key=True) as sql:
        case = await _own(sql, task, actor)
        replaced = await sql.fetchval("select id from referral_task where replaces = $1 limit 1", task)
        if case["state"] != State.VOID or case["sent_at"] is not None or replaced is not None:
            raise Refused("move_is_not_open")
        return await _draft_again(sql, case, actor)


async def _own(sql: asyncpg.Connection, task: UUID, actor: Actor) -> Case:
    case = await load_case(sql, task, verb=Verb.VOID)
    if case is None or case["sender"] != actor.institution:
        raise NotFound
    return case


async def _draft_again(sql: asyncpg.Connection, case: Case, actor: Actor) -> UUID:
    """The same request, receiver, basis and note in a new draft; the reason typed for sending all the same stays."""
    await sql.execute("update referral_request set state = 'open' where id = $1", case["request"])
    made = await insert_task(
        sql,
        by=actor.scope,
        party=Party.SND,
        request=case["request"],
        participant=case["participant"],
        sender=case["sender"],
        receiver=case["receiver"],
        offer=case["offer"],
        keeper=case["keeper"],
        basis=case["basis"],
        no_data=case["no_data"],
        note=case["note_sealed"],
        replaces=case["id"],
    )
    await sql.execute("update referral_task set override_reason = $2 where id = $1", made, case["override_reason"])
    await record(Event.REFERRAL_UNDO, by=actor.scope, subject=("referral", made))
    return made
