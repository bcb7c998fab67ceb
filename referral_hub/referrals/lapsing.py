"""A legal basis that has run out: on the day after its last the receiver is shown nothing; this round writes it down.

What is shown asks the basis each time, so nothing waits for the round. It does to every open referral what row 22a does
to one under way: access and links end, the sender is asked to speak with the person. Nobody is withdrawn by a date: a
person who waits keeps the place in line, and the sender decides. A week before, the sender is told once.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.accounts.links import revoke_links
from referral_hub.audit.actions import audit_line
from referral_hub.audit.events import Event
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.database.writes import Write, write_all
from referral_hub.referrals.basis_renewal import WARNED_DAYS, runs_out
from referral_hub.referrals.case import Case, load_case, running_of, times_of
from referral_hub.referrals.clocks import clock_after
from referral_hub.referrals.disclosing import shared_no_more
from referral_hub.referrals.emails import letters_to_keeper, letters_to_receiver
from referral_hub.referrals.history import history_line
from referral_hub.referrals.moves import INDEX
from referral_hub.referrals.outcomes import clock_columns
from referral_hub.referrals.person_seen import BASIS_ENDED, BASIS_ENDS, shares
from referral_hub.referrals.states import OPEN, Channel, Party, State, Verb
from referral_hub.referrals.unlisting import unlisting

_BATCH: Final = 500
_RUN_OUT = """select t.id from referral_task t join legal_basis b on b.id = t.basis
where b.until < $1 and not t.sharing_ended and not t.no_data and not t.held_back
and t.access in ('summary', 'disclosed') and t.state = any($2) order by b.until limit $3"""
_ENDS_SOON = """select t.id from referral_task t join legal_basis b on b.id = t.basis
where b.until between $1 and $2 and b.withdrawn_at is null and not t.sharing_ended and not t.no_data and not t.held_back
and t.state = any($3) and not exists (
 select 1 from task_event e where e.task = t.id and e.verb = $4 and e.at >= b.made_at) order by b.until limit $5"""
_WARNED = """select exists (select 1 from task_event e join legal_basis b on b.id = $3
where e.task = $1 and e.verb = $2 and e.at >= b.made_at)"""
_SHARING_ENDS = INDEX[Verb.WITHDRAW_CONSENT, State.ACCEPTED, Party.PAR]


async def end_run_out_sharing() -> int:
    """End the sharing of every open referral whose basis has run out; how many."""
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch(_RUN_OUT, clock.today(), [state.value for state in OPEN], _BATCH)
    return sum([await _end(row["id"]) for row in rows])


async def warn_of_run_out() -> int:
    """Tell the senders of open referrals whose basis ends within days, once for each basis; how many."""
    today, states = clock.today(), [state.value for state in OPEN]
    last = today + timedelta(days=WARNED_DAYS)
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch(_ENDS_SOON, today, last, states, BASIS_ENDS, _BATCH)
    return sum([await _warn(row["id"]) for row in rows])


@retrying
async def _warn(task: UUID) -> bool:
    async with transaction(SYSTEM, by_key=True) as sql:
        case = await load_case(sql, task, verb=BASIS_ENDS)
        if case is None or case["sharing_ended"] or State(case["state"]) not in OPEN:
            return False
        # Read again under the lock: another round may have told of it, or a new basis stands there.
        told = await sql.fetchval(_WARNED, task, BASIS_ENDS, case["basis"])
        if told or not runs_out(case["basis_until"], clock.today()):
            return False
        letters = await letters_to_keeper(sql, case, "referral_basis_ends")
        await write_all(sql, [_line(case, BASIS_ENDS, case["version"], {}), *letters])
    return True


@retrying
async def _end(task: UUID) -> bool:
    async with transaction(SYSTEM, by_key=True) as sql:
        case = await load_case(sql, task, verb=BASIS_ENDED)
        # Read again under the lock: the person may have withdrawn, or a new basis stands there.
        if case is None or case["sharing_ended"] or State(case["state"]) not in OPEN or shares(case, clock.today()):
            return False
        columns = {"access": "none", "sharing_ended": True, **_clock(case)}
        sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(columns, 2))
        await sql.execute(
            f"update referral_task set version = version + 1, {sets} where id = $1",  # noqa: S608 -- names of our own, values are parameters
            task,
            *columns.values(),
        )
        await revoke_links("a", by=SYSTEM, subject=task)
        letters = await letters_to_keeper(sql, case, "referral_news")
        letters += await letters_to_receiver(sql, case, "referral_news", by=SYSTEM, over=True)
        taken_off = unlisting(SYSTEM_ACTOR, case, _SHARING_ENDS, State(case["state"]))
        await write_all(sql, [*_lines(case), *taken_off, *letters])
    return True


def _clock(case: Case) -> dict[str, object]:
    running = clock_after(
        _SHARING_ENDS.clock,
        running_of(case),
        today=clock.today(),
        times=times_of(case),
        after=State(case["state"]),
    )
    return clock_columns(running)


def _lines(case: Case) -> list[Write]:
    line = _line(case, BASIS_ENDED, case["version"] + 1, {"access": "none"})
    audited = audit_line(Event.BASIS_END, by=SYSTEM, subject=("referral", case["id"]), facts={"number": case["number"]})
    return [*shared_no_more(case, SYSTEM), line, audited]


def _line(case: Case, verb: str, version: int, facts: dict[str, object]) -> Write:
    return history_line(
        task=case["id"],
        verb=verb,
        before=case["state"],
        after=case["state"],
        party=Party.SYS,
        channel=Channel.SELF,
        by=SYSTEM,
        version=version,
        facts=facts,
    )
