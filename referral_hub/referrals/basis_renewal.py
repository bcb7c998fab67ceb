"""A basis that runs out, or has: the sender writes down what was agreed anew, and sharing goes on as the state allows.

    renew_basis(task, *, actor, version, basis)     the new basis stands under the referral, the old one stays as it was

Nothing is renewed over a withdrawal: who took a consent back gives another with another referral, not by our pen.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import audit_line
from referral_hub.audit.events import Event
from referral_hub.database.transaction import retrying, transaction
from referral_hub.database.writes import Write, write_all
from referral_hub.directory.business_days import add_business_days
from referral_hub.errors import NotAllowed, NotFound, Problem, Refused, Stale
from referral_hub.participants.actions import add_basis
from referral_hub.participants.basis import Basis, Kind, criminal_data_is_lawful
from referral_hub.referrals.case import Case, load_case, standing, times_of
from referral_hub.referrals.clocks import FOLLOW_AGAIN, STOPPED, clock_after
from referral_hub.referrals.disclosing import passed_on
from referral_hub.referrals.drafts import sending
from referral_hub.referrals.emails import letters_to_receiver
from referral_hub.referrals.grounds import basis_from, shares_criminal_data
from referral_hub.referrals.history import history_line
from referral_hub.referrals.lifecycle import Row
from referral_hub.referrals.moves import INDEX
from referral_hub.referrals.outcomes import access_after, clock_columns
from referral_hub.referrals.person_seen import BASIS_RENEWED, shares
from referral_hub.referrals.states import OPEN, Channel, Clock, Party, State, Verb

WARNED_DAYS: Final = 7
"""So long before its last day the sender is told that a basis runs out."""

_SENT = INDEX[Verb.SEND, State.DRAFT, Party.SND]
_ENTERED: Final[dict[State, Row]] = {
    State.SENT: _SENT,
    State.INFO_NEEDED: _SENT,
    State.WAITLISTED: INDEX[Verb.WAITLIST, State.SENT, Party.RCV],
}
_ACCEPTED = INDEX[Verb.ACCEPT, State.SENT, Party.RCV]
_CLOCKS: Final[dict[State, Clock]] = {
    State.SENT: Clock.START,
    State.INFO_NEEDED: Clock.ASK,
    State.WAITLISTED: Clock.REVIEW,
    State.ON_HOLD: Clock.REVIEW,
}
_REVIEW = """select facts ->> 'review_on' from task_event
where task = $1 and verb in ('waitlist', 'hold') order by at desc limit 1"""


def why_not(*, state: State, shared: bool, internal: bool, held_back: bool, withdrawn: bool) -> str:
    """Why the basis of a referral can't be renewed: the code of the refusal, '' where it can."""
    if state not in OPEN or not shared or internal or held_back:
        return "renewal_is_not_open"
    return "consent_was_withdrawn" if withdrawn else ""


def runs_out(until: date | None, today: date) -> bool:
    """Whether its last day is so near that the sender is told."""
    return until is not None and (until - today).days <= WARNED_DAYS


@retrying
async def renew_basis(task: UUID, *, actor: Actor, version: int, basis: Mapping[str, object]) -> None:
    """Put a new basis under an open referral; what had ended by its day is shared again as far as the state allows.

    Raises NotFound, NotAllowed for anyone but the sender, Stale, Refused `renewal_is_not_open`,
    `consent_was_withdrawn`, `criminal_data_rests_on_statute`, "invalid" with every problem.
    """
    actor = sending(actor)
    async with transaction(actor.scope, by_key=True) as sql:
        case = await load_case(sql, task, verb=BASIS_RENEWED)
        if case is None:
            raise NotFound
        if standing(actor, case) is not Party.SND:
            raise NotAllowed
        if case["version"] != version:
            raise Stale
        _check_open(case)
        read = await _read(sql, case, basis)
        kept = await add_basis(sql, read, by=actor.scope, participant=case["participant"])
        renewed = {**case, "basis": kept, "basis_fields": sorted(read.fields), "purpose": read.purpose}
        had_ended = not shares(case, clock.today())
        columns: dict[str, object] = {"basis": kept}
        if case["sharing_ended"]:
            columns |= await _sharing_again(sql, case)
        access = str(columns.get("access", case["access"]))
        letters = await letters_to_receiver(sql, case, "referral_news", by=actor.scope) if had_ended else []
        lines = _lines(actor, case, read, access)
        await write_all(sql, [_write(case, columns), *passed_on(renewed, actor.scope, access), *lines, *letters])


def _check_open(case: Case) -> None:
    code = why_not(
        state=State(case["state"]),
        shared=case["basis"] is not None and not case["no_data"],
        internal=case["internal"],
        held_back=case["held_back"],
        withdrawn=case["withdrawn_at"] is not None,
    )
    if code:
        raise Refused(code)


async def _read(sql: asyncpg.Connection, case: Case, given: Mapping[str, object]) -> Basis:
    read, problems = basis_from(given, recipient=case["receiver"], need=case["need"])
    if read is not None and read.kind is Kind.NO_DATA:
        problems.append(Problem("basis.kind", "not_a_choice"))
    if read is None or problems:
        raise Refused("invalid", problems)
    criminal = await shares_criminal_data(sql, case["participant"], read.fields)
    if not criminal_data_is_lawful(read, criminal=criminal):
        code = "criminal_data_rests_on_statute"
        raise Refused(code, [Problem("basis", code)])
    return read


async def _sharing_again(sql: asyncpg.Connection, case: Case) -> dict[str, object]:
    """Access as on the way into this state, and whose turn it is; a day set for looking again still counts."""
    state = State(case["state"])
    given_at = State(case["before_cancel"]) if state is State.CANCEL_REQUESTED else state
    access = access_after(_ENTERED.get(given_at, _ACCEPTED), {**case, "sharing_ended": False})
    columns: dict[str, object] = {"access": access, "sharing_ended": False}
    if state is State.CANCEL_REQUESTED:
        return columns
    said = await sql.fetchval(_REVIEW, case["id"])
    running = clock_after(
        _CLOCKS.get(state, Clock.STOP),
        STOPPED,
        today=clock.today(),
        times=times_of(case),
        review_on=_next_look(date.fromisoformat(said) if said else None, clock.today()),
        after=state,
    )
    return columns | clock_columns(running) | {"escalated_at": None, "reminded_at": None}


def _next_look(said: date | None, today: date) -> date:
    return said if said is not None and said > today else add_business_days(today, FOLLOW_AGAIN)


def _write(case: Case, columns: Mapping[str, object]) -> Write:
    sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(columns, 2))
    text = f"update referral_task set version = version + 1, {sets} where id = $1"  # noqa: S608 -- names of our own, values are parameters
    return Write(text, (case["id"], *columns.values()))


def _lines(actor: Actor, case: Case, read: Basis, access: str) -> tuple[Write, Write]:
    facts: dict[str, object] = {"access": access, "fields_before": sorted(case["basis_fields"] or ())}
    if read.until is not None:
        facts["until"] = read.until.isoformat()
    line = history_line(
        task=case["id"],
        verb=BASIS_RENEWED,
        before=case["state"],
        after=case["state"],
        party=Party.SND,
        # A consent is the person's word, written down by the sender; an act speaks for itself.
        channel=Channel.PERSON if read.kind is Kind.CONSENT else Channel.SELF,
        by=actor.scope,
        version=case["version"] + 1,
        facts=facts,
    )
    audited = {"number": case["number"], "kind": read.kind}
    return line, audit_line(Event.BASIS_RENEW, by=actor.scope, subject=("referral", case["id"]), facts=audited)
