"""A referral to the own house whose intake is nobody's job: whoever asks takes the person on, none else can answer."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import asyncpg

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import Refused
from referral_hub.referrals.actions import perform
from referral_hub.referrals.states import Verb

_NOBODY_ELSE: Final = """select true from offer o where o.id = $1 and o.institution = $2 and not exists (
 select 1 from account a join account_role r on r.account = a.id
 where a.institution = $2 and a.active and r.role = 'partner_intake')"""
_OFFER: Final = "select offer from referral_task where id = $1 and sender = $2 and receiver = $2 and not no_data"


async def nobody_else_answers(sql: asyncpg.Connection, offer: UUID, actor: Actor) -> bool:
    """Whether the offer is of the actor's own house, and no account in it answers referrals."""
    return bool(await sql.fetchval(_NOBODY_ELSE, offer, actor.institution))


@retrying
async def send_or_take_on(
    task: UUID, *, actor: Actor, version: int, fields: Mapping[str, object] | None = None, hold_back: int = 0
) -> tuple[UUID, bool]:
    """Send a draft; (task, whether the person was taken on at once). Without a place it waits as any other.

    Raises what `perform` raises for the sending.
    """
    async with transaction(actor.scope, by_key=True) as sql:
        offer = await sql.fetchval(_OFFER, task, actor.institution)
        takes_on = offer is not None and await nobody_else_answers(sql, offer, actor)
        waits = 0 if takes_on else hold_back
        sent = await perform(task, actor=actor, verb=Verb.SEND, version=version, fields=fields, hold_back=waits)
        if not takes_on:
            return sent, False
        try:
            await perform(sent, actor=actor, verb=Verb.ACCEPT, version=version + 1, in_house=True)
        except Refused:
            return sent, False
    return sent, True
