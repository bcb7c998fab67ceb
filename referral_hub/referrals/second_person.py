"""Voiding what the receiver has acted on takes two: one coordinator asks, another agrees (row 29)."""

from collections.abc import Mapping

import asyncpg

from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import audit_line
from referral_hub.audit.events import Event
from referral_hub.database.writes import write_all
from referral_hub.errors import Refused, Stale
from referral_hub.referrals.case import Case
from referral_hub.referrals.emails import letters_to_role
from referral_hub.referrals.history import history_line
from referral_hub.referrals.states import Channel, Party

_OTHERS = """select count(*) from account a join account_role r on r.account = a.id
where r.role = 'coordinator' and a.active and a.id is distinct from $1"""


async def second_person(sql: asyncpg.Connection, actor: Actor, case: Case) -> str:
    """`needed`, `agreed`, or `nobody` where the network has no other coordinator.

    Raises Refused `second_person_is_needed` when the one who asked tries again.
    """
    if case["void_asked_by"] is not None and case["void_asked_by"] != actor.account:
        return "agreed"
    if await sql.fetchval(_OTHERS, actor.account) == 0:
        return "nobody"
    if case["void_asked_by"] is not None:
        raise Refused("second_person_is_needed")
    return "needed"


async def ask_second_person(sql: asyncpg.Connection, actor: Actor, case: Case, fields: Mapping[str, object]) -> None:
    """Remember who asked, and tell the other coordinators; the state stays."""
    version = await sql.fetchval(
        """update referral_task set void_asked_by = $3, version = version + 1 where id = $1 and version = $2
        returning version""",
        case["id"],
        case["version"],
        actor.account,
    )
    if version is None:
        raise Stale
    line = history_line(
        task=case["id"],
        verb="void",
        before=case["state"],
        after=case["state"],
        party=Party.COO,
        channel=Channel.SELF,
        by=actor.scope,
        version=version,
        facts={"asked": True, "reason": fields.get("reason")},
        words={"text": str(fields["text"])} if fields.get("text") else None,
    )
    told = await letters_to_role(sql, case, "coordinator", "referral_void_asked", but=actor.account)
    audited = audit_line(Event.REFERRAL_VOID, by=actor.scope, subject=("referral", case["id"]), facts={"asked": True})
    await write_all(sql, [line, audited, *told])
