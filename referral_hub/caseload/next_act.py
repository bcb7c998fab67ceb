"""The one button of a row of the worklist: what whoever reads it most likely does now. Pure.

What may be done is the lifecycle's business: a button that leads to a page shows there what the table allows, and one
that acts is refused by the table like any other move.
"""

from datetime import date
from typing import Final

from msgspec import Struct

from referral_hub.referrals.basis_renewal import runs_out
from referral_hub.referrals.case import appointment_day
from referral_hub.referrals.states import FINAL, OPEN, UNDER_WAY, State
from referral_hub.referrals.worklist import WorkRow

S = State


class Act(Struct, frozen=True):
    """`code` names its words (`act.<code>`); `path` follows the referral's address; `posts` says that it acts."""

    code: str
    path: str = ""
    posts: bool = False


_OF_RECEIVER: Final[dict[State, Act]] = {
    S.SENT: Act("answer"),
    S.INFO_NEEDED: Act("answer"),
    S.ACCEPTED: Act("schedule"),
    S.SCHEDULED: Act("schedule"),
    S.IN_PROGRESS: Act("result"),
    S.ON_HOLD: Act("review"),
    S.CANCEL_REQUESTED: Act("answer"),
}


def likely_act(row: WorkRow, today: date, *, sends: bool, answers: bool, may_remind: bool) -> Act | None:
    """The act for whoever sends or answers; None where there is nothing to do but wait."""
    if row.disputed and row.side != "incoming":
        return Act("settle", "/discrepancy")
    if row.side == "sent" and sends:
        return _of_sender(row, today, may_remind)
    if row.side == "incoming" and answers:
        state = State(row.state)
        if state is S.WAITLISTED:
            return Act("review") if row.late or row.due_on == today else None
        if state is S.SCHEDULED and _met(row, today):
            return Act("attend")
        return _OF_RECEIVER.get(state)
    return Act("look") if row.escalated else None


def _of_sender(row: WorkRow, today: date, may_remind: bool) -> Act | None:
    state = State(row.state)
    if row.held_back and state is S.SENT:
        return Act("undo", "/undo", posts=True)
    if state is S.DRAFT:
        return Act("check", "/check")
    if state in FINAL:
        return _after_the_end(row, state)
    if state is S.INFO_NEEDED:
        return Act("answer_question")
    if row.no_data and state is S.SENT:
        return Act("arrived", "/arrived", posts=True)
    if row.sharing_ended:
        return Act("renew_basis", "/basis") if row.basis_until else Act("ask_person")
    if row.late and row.clock == "RCV":
        return Act("remind", "/remind", posts=True) if may_remind else Act("plan_b", "#plan-b")
    if runs_out(row.basis_until, today):
        return Act("renew_basis", "/basis")
    return Act("ask_person") if state in UNDER_WAY and _met(row, today) else None


def _after_the_end(row: WorkRow, state: State) -> Act | None:
    if not row.unread:
        return None
    helped = state in (S.DELIVERED, S.WITHDRAWN)
    return Act("read", "/seen", posts=True) if helped else Act("plan_b", "#plan-b")


def _met(row: WorkRow, today: date) -> bool:
    day = appointment_day(row.appointment_at)
    return day is not None and day < today


WANTS_OTHERS: Final = frozenset({"SND.late", "SND.ended_declined", "SND.ended_expired", "SND.ended_not_delivered"})
"""Turns in which another offer may help."""


def words_of_turn(row: WorkRow, today: date) -> str:
    """The key of the sentence „co dalej” where a row is told more exactly than by its state; '' for the usual one."""
    if row.disputed and row.side != "incoming":
        return "SND.disputed"
    if row.held_back and row.state == S.SENT:
        return "SND.stuck" if row.late else "SND.leaving"
    if row.side == "sent" and row.unread and row.state in (S.DECLINED, S.EXPIRED, S.NOT_DELIVERED):
        return f"SND.ended_{row.state}"
    if row.side == "sent" and row.state in OPEN and row.basis_until and not row.held_back:
        if row.sharing_ended:
            return "SND.basis_over"
        if runs_out(row.basis_until, today) and not row.late and row.state != S.INFO_NEEDED:
            return "SND.basis_ends"
    if row.side == "sent" and row.late and row.clock == "RCV":
        return "SND.late"
    if row.side == "incoming" and row.late and row.clock == "RCV":
        return "RCV.late"
    return ""
