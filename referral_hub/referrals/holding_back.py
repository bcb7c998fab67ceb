"""A sending that can still be taken back: the place is kept and the clock runs, but nothing has left the house.

A sending from a page waits `undo_seconds` (half a minute) with `held_back`: row-level security hides it from its
receiver and from the person, no mail is written and no disclosure noted. A job then lets it go; where the job is late,
the mail and the sight of it are late together. Taking it back is row 28 (void) with a fresh draft of what was typed.
Until it leaves nobody can have answered (`sending_has_left`); whoever phones at once lets it go first, by one press.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.audit.actions import audit_line
from referral_hub.audit.events import Event
from referral_hub.database.transaction import SYSTEM, Scope, transaction
from referral_hub.database.writes import Write, write_all
from referral_hub.jobs.actions import wish
from referral_hub.participants.basis import covers
from referral_hub.referrals.case import Case, basis_of, load_case
from referral_hub.referrals.disclosing import passed_on
from referral_hub.referrals.emails import letters_to_receiver
from referral_hub.referrals.history import history_line
from referral_hub.referrals.states import Channel, Party, State

OVERDUE: Final = timedelta(minutes=2)
"""From then on the round of the clocks lets go what no job has."""


def holding(task: UUID, seconds: int) -> Write:
    """The wish to let a sending go once its time is over."""
    return wish(
        "referral_leaves", {"task": str(task)}, run_at=clock.now() + timedelta(seconds=seconds), key=f"leave:{task}"
    )


async def _leaving(sql: asyncpg.Connection, case: Case, by: Scope) -> list[Write]:
    """What lets a sending go, besides the task's column: the disclosure, the mail and a line of its history."""
    letters = await letters_to_receiver(sql, case, "referral_new", by=by)
    line = history_line(
        task=case["id"],
        verb="leave",
        before=case["state"],
        after=case["state"],
        party=Party.SND if by.kind == "account" else Party.SYS,
        channel=Channel.SELF,
        by=by,
        version=case["version"],
        facts={"mailed": bool(letters), "access": case["access"]},
    )
    audited = audit_line(Event.REFERRAL_LEAVE, by=by, subject=("referral", case["id"]))
    return [*passed_on(case, by, case["access"]), line, audited, *letters]


async def let_go(task: UUID, by: Scope = SYSTEM) -> bool:
    """Let a sending go; False where it was taken back, went already, or rests on a consent that has ended."""
    async with transaction(SYSTEM, by_key=True) as sql:
        case = await load_case(sql, task, verb="leave")
        if case is None or not case["held_back"] or case["state"] != State.SENT:
            return False
        basis = basis_of(case)
        if basis is None or not covers(basis, receiver=case["receiver"], today=clock.today()):
            return False
        await sql.execute("update referral_task set held_back = false where id = $1", task)
        await write_all(sql, await _leaving(sql, case, by))
    return True


async def let_go_overdue() -> int:
    """Let go what should have gone long ago, whatever became of its job; how many."""
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch(
            "select id from referral_task where held_back and state = 'sent' and sent_at < $1 limit 500",
            clock.now() - OVERDUE,
        )
    return sum([await let_go(row["id"]) for row in rows])
