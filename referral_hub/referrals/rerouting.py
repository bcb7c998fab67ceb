"""A new draft in the place of a task that did not help."""

from collections.abc import Mapping
from uuid import UUID

import asyncpg

from referral_hub.database.transaction import Scope
from referral_hub.errors import Refused
from referral_hub.participants.actions import add_basis
from referral_hub.participants.basis import Kind
from referral_hub.referrals.case import Case
from referral_hub.referrals.drafts import OPEN_TASKS, insert_task, receiver_of
from referral_hub.referrals.grounds import basis_from
from referral_hub.referrals.legal_person import same_legal_person
from referral_hub.referrals.states import FINAL_STATES, Party


async def reroute(
    sql: asyncpg.Connection, case: Case, fields: Mapping[str, object], *, by: Scope, party: Party
) -> UUID:
    """A new draft that replaces a task which did not help, inside the caller's transaction; its id.

    The old basis goes along only to the same receiver; another receiver needs its own.
    """
    await sql.fetchval("select id from referral_request where id = $1 for update", case["request"])
    if not case["together"] and await sql.fetch(OPEN_TASKS, case["request"], FINAL_STATES):
        # Somebody was quicker: the move was open when it was chosen.
        raise Refused("nobody_else_is_asked")
    offer = UUID(str(fields["offer"]))
    receiver = await receiver_of(sql, offer)
    basis_id, no_data = (case["basis"], case["no_data"]) if receiver == case["receiver"] else (None, False)
    given = fields.get("basis")
    if isinstance(given, Mapping):
        own = await same_legal_person(sql, case["sender"], receiver)
        basis, problems = basis_from(given, recipient=receiver, need=case["need"], internal=own)
        if basis is None:
            raise Refused("invalid", problems)
        if party is Party.COO:
            # A coordinator knows no person: the ground is the sender's to name.
            raise Refused("basis_is_the_senders")
        basis_id = await add_basis(sql, basis, by=by, participant=case["participant"])
        no_data = basis.kind is Kind.NO_DATA
    await sql.execute("update referral_request set state = 'open' where id = $1", case["request"])
    return await insert_task(
        sql,
        by=by,
        party=party,
        request=case["request"],
        participant=case["participant"],
        sender=case["sender"],
        receiver=receiver,
        offer=offer,
        keeper=case["keeper"],
        basis=basis_id,
        no_data=no_data,
        note=case["note_sealed"],
        replaces=case["id"],
    )
