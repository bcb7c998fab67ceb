"""What a move writes: the task's columns, the plain facts of its history line, and the words that are sealed. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from referral_hub.referrals.clocks import Running
from referral_hub.referrals.lifecycle import Row
from referral_hub.referrals.states import FINAL, Access, Channel, Party, State, Verb

WORDS = ("question", "answer", "text", "criterion")
_ANSWERS = frozenset({Verb.ASK, Verb.WAITLIST, Verb.ACCEPT, Verb.DECLINE})
_FIXED_REASONS = {Verb.EXPIRE: "expired_no_answer", Verb.VOID: "entered_in_error"}


class Written(Struct, frozen=True):
    """Columns of the task, facts of the history line (nothing personal), words to be sealed."""

    columns: dict[str, Any]
    facts: dict[str, Any]
    words: dict[str, str]


def access_after(row: Row, case: Mapping[str, Any]) -> str:
    """The receiver's access after a move: none, summary, disclosed or own_record.

    Where nothing was sent, or sharing has ended, nothing comes back by a later move.
    """
    if case["no_data"] or (case["sharing_ended"] and row.access is not Access.SAME):
        return "none"
    levels: dict[Access, str] = {
        Access.SAME: case["access"],
        Access.NONE: "none",
        Access.SENT: "disclosed" if case["disclosure"] == "full" else "summary",
        Access.SUMMARY: "summary",
        Access.DISCLOSED: "disclosed",
        Access.STUB: "own_record",
        Access.OWN_RECORD: "own_record",
        Access.LOST: "none",
        Access.ENDED: "none",
    }
    return levels[row.access]


def clock_columns(running: Running) -> dict[str, Any]:
    """The clock as columns."""
    return {
        "clock": running.on.value if running.on else "",
        "due_on": running.due_on,
        "escalate_on": running.escalate_on,
        "expire_on": running.expire_on,
        "review_on": running.review_on,
        "days_left": running.days_left,
    }


def _result(row: Row, fields: Mapping[str, Any], channel: Channel) -> dict[str, Any]:
    by_person = row.number == "17a" or channel is Channel.PERSON
    # By phone or on paper the receiver spoke and the sender wrote it down: a word at second hand.
    source = "person" if by_person else "sender" if channel in (Channel.PHONE, Channel.PAPER) else "receiver"
    if row.verb is Verb.DELIVER:
        return {
            "outcome": fields["outcome"],
            "outcome_on": fields["date"],
            "outcome_hours": fields["hours"],
            "outcome_source": source,
        }
    return {"outcome_source": source}


def _special(
    row: Row, case: Mapping[str, Any], fields: Mapping[str, Any], channel: Channel, now: datetime
) -> dict[str, Any]:
    match row.verb:
        case Verb.SEND:
            return {"sent_at": now, "override_reason": fields.get("text") or ""}
        case Verb.ACCEPT:
            first = fields.get("date")
            return {"appointment_at": first.isoformat() if first else case["appointment_at"], "position": None}
        case Verb.SCHEDULE:
            return {"appointment_at": fields["date"], "appointment_place": fields.get("place") or ""}
        case Verb.WAITLIST:
            return {"position": fields.get("position"), "waiting_since": now}
        case Verb.DELIVER | Verb.FAIL:
            return _result(row, fields, channel)
        case Verb.REQUEST_CANCEL:
            return {"before_cancel": case["state"]}
        case Verb.KEEP:
            return {"before_cancel": "", "reason": ""}
        case Verb.AMEND:
            return _amended(case, fields)
    return {"sharing_ended": True} if row.access is Access.ENDED else {}


_AMENDABLE = {"outcome": "outcome", "date": "outcome_on", "hours": "outcome_hours", "reason": "reason"}


def _amended(case: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    changed = {column: fields[name] for name, column in _AMENDABLE.items() if fields.get(name) is not None}
    return {**changed, "outcome_seen_at": None}


def write(
    row: Row,
    after: State,
    case: Mapping[str, Any],
    fields: Mapping[str, Any],
    *,
    channel: Channel,
    running: Running,
    now: datetime,
) -> Written:
    """Everything one move leaves behind on the task and in its history, apart from places and disclosures."""
    columns: dict[str, Any] = {"state": after.value, "access": access_after(row, case), **clock_columns(running)}
    columns |= _special(row, case, fields, channel, now)
    reason = fields.get("reason") or _FIXED_REASONS.get(row.verb)
    if reason and row.verb is not Verb.AMEND:
        columns["reason"] = reason
    if row.verb is Verb.WITHDRAW and row.by is Party.PAR:
        columns["reason"] = "declined_by_person"
    if row.by is Party.RCV:
        columns["seen_at"] = case["seen_at"] or now
        if row.verb in _ANSWERS:
            columns["first_answer_at"] = case["first_answer_at"] or now
    if after in FINAL and State(case["state"]) not in FINAL:
        columns["ended_at"] = now
        # Whoever wrote the end down has seen it.
        own_word = row.by is Party.SND or channel is not Channel.SELF
        columns["outcome_seen_at"] = now if own_word else None
    if row.verb is Verb.ESCALATE:
        columns["escalated_at"] = now
    elif after.value != case["state"]:
        columns |= {"escalated_at": None, "reminded_at": None}
    facts = {
        name: _plain(value) for name, value in fields.items() if value is not None and name not in (*WORDS, "basis")
    }
    facts["access"] = columns["access"]
    if row.verb is Verb.AMEND:
        facts["old"] = {
            name: _plain(case[column]) for name, column in _AMENDABLE.items() if fields.get(name) is not None
        }
    words = {name: fields[name] for name in WORDS if fields.get(name)}
    return Written(columns, facts, words)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else str(value) if type(value).__name__ == "UUID" else value
