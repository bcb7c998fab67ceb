"""Settling what both ends tell differently: a person decides, in a code and if need be in words; no report changes.

settle(task, *, actor, verdict, words="", kind="")      the sender's caseworker, or the coordinator under the case code
"""

from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import seal
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import NotAllowed, NotFound, Problem, Refused, Stale
from referral_hub.participants.free_text import holds_pesel
from referral_hub.referrals.case import in_each_role
from referral_hub.referrals.closing import verdicts_for

WORDS_LENGTH = 1000

_LOCKED = """select d.kind, d.verdict from discrepancy d where d.task = $1
and exists (select 1 from referral_task t where t.id = d.task) for update"""
_SETTLE = "update discrepancy set verdict = $2, words_sealed = $3, settled_at = $4, settled_by = $5 where task = $1"


@retrying
async def settle(task: UUID, *, actor: Actor, verdict: str, words: str = "", kind: str = "") -> None:
    """Settle one item; `kind` is what the reader saw of it.

    Raises NotFound, NotAllowed, Stale where something else is said by now, Refused("invalid") and, for whoever comes
    second, Refused("already_settled").
    """
    kind_seen = False
    for one in in_each_role(actor):
        async with transaction(one.scope, by_key=True) as sql:
            row = await sql.fetchrow(_LOCKED, task)
            if row is None:
                continue
            kind_seen = True
            if not one.may(Permission.DISCREPANCY_SETTLE):
                continue
            if row["verdict"]:
                raise Refused("already_settled")
            if kind and kind != row["kind"]:
                raise Stale
            problems = _problems(row["kind"], verdict, words)
            if problems:
                raise Refused("invalid", problems)
            sealed = seal(words.strip()) if words.strip() else None
            await sql.execute(_SETTLE, task, verdict, sealed, clock.now(), one.account)
            facts = {"kind": row["kind"], "verdict": verdict}
            await record(Event.DISCREPANCY_SETTLE, by=one.scope, subject=("referral", task), facts=facts)
            return
    raise NotAllowed if kind_seen else NotFound


def _problems(kind: str, verdict: str, words: str) -> list[Problem]:
    found = []
    if verdict not in verdicts_for(kind):
        found.append(Problem("verdict", "not_a_choice", {"choices": list(verdicts_for(kind))}))
    if len(words) > WORDS_LENGTH:
        found.append(Problem("words", "too_long", {"most": WORDS_LENGTH, "length": len(words)}))
    elif holds_pesel(words):
        found.append(Problem("words", "text_holds_pesel"))
    return found
