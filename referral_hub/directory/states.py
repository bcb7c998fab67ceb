"""The states of an offer and the moves between them, as one table: pages, buttons and jobs read the same one. Pure.

A state is what the row says on a day: `published` with `visible_from` ahead is scheduled, `closed` whose
`closed_until` has come is open again, whether or not the job has written it down yet.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct

from referral_hub.errors import Problem

FARTHEST = timedelta(days=731)
"""Two years ahead: a later day is a slip of the finger."""


class State(StrEnum):
    """What an offer is today; the words stand under `offer_state.<value>`."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    CLOSED = "closed"
    ARCHIVED = "archived"


class Verb(StrEnum):
    """What can be done to its state; the button's words stand under `offer_verb.<value>`."""

    PUBLISH = "publish"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    CLOSE = "close"
    REOPEN = "reopen"
    ARCHIVE = "archive"
    RESTORE = "restore"


class Move(Struct, frozen=True):
    """One row of the table: from where, to where, by whom (editor: the institution or a coordinator; clock: the day).

    `gate`: nothing may be missing (`gate.py`). `waits`: where an institution's edits wait for the coordinator, so does
    this, since it shows a new text to the public. Closing, opening again and taking out never wait.
    """

    verb: Verb
    before: frozenset[State]
    after: State
    who: frozenset[str]
    gate: bool = False
    waits: bool = False


_EDITOR, _BOTH = frozenset({"editor"}), frozenset({"editor", "clock"})
TABLE: tuple[Move, ...] = (
    Move(Verb.PUBLISH, frozenset({State.DRAFT}), State.PUBLISHED, _EDITOR, gate=True, waits=True),
    Move(Verb.PUBLISH, frozenset({State.SCHEDULED}), State.PUBLISHED, _BOTH),
    Move(Verb.SCHEDULE, frozenset({State.DRAFT}), State.SCHEDULED, _EDITOR, gate=True, waits=True),
    Move(Verb.SCHEDULE, frozenset({State.SCHEDULED}), State.SCHEDULED, _EDITOR),
    Move(Verb.UNSCHEDULE, frozenset({State.SCHEDULED}), State.DRAFT, _EDITOR),
    Move(Verb.CLOSE, frozenset({State.PUBLISHED, State.CLOSED}), State.CLOSED, _EDITOR),
    Move(Verb.REOPEN, frozenset({State.CLOSED}), State.PUBLISHED, _BOTH),
    Move(
        Verb.ARCHIVE,
        frozenset({State.DRAFT, State.SCHEDULED, State.PUBLISHED, State.CLOSED}),
        State.ARCHIVED,
        _EDITOR,
    ),
    Move(Verb.RESTORE, frozenset({State.ARCHIVED}), State.DRAFT, _EDITOR),
)


def state_of(row: Mapping[str, Any], today: date) -> State:
    """The state on a day of a row with `status`, `visible_from` and `closed_until`."""
    status = State(row["status"])
    if status is State.PUBLISHED and row["visible_from"] is not None and row["visible_from"] > today:
        return State.SCHEDULED
    if status is State.CLOSED and row["closed_until"] is not None and row["closed_until"] <= today:
        return State.PUBLISHED
    return status


def move_for(verb: str, state: State, who: str = "editor") -> Move | None:
    """The row of the table for this verb in this state, None where it cannot be done."""
    return next((move for move in TABLE if move.verb == verb and state in move.before and who in move.who), None)


def verbs(state: State, who: str = "editor") -> list[Verb]:
    """What can be done in a state, in the order of the table: the buttons of a page."""
    return [move.verb for move in TABLE if state in move.before and who in move.who]


def columns(move: Move, *, day: date | None, why: str) -> dict[str, Any]:
    """What the move writes: `day` is the first day it is shown, or the day it opens again; None where it is open."""
    closed = {"closed_until": None, "closed_why": ""}
    if move.after is State.SCHEDULED:
        return {"status": "published", "visible_from": day, **closed}
    if move.after is State.CLOSED:
        return {"status": "closed", "closed_until": day, "closed_why": why}
    return {"status": move.after.value, "visible_from": None, **closed}


def day_problems(move: Move, day: date | None, today: date) -> list[Problem]:
    """What is wrong with the day of a move: none where one is needed, one that has come, one absurdly far."""
    field = "visible_from" if move.after is State.SCHEDULED else "closed_until"
    if day is None:
        return [Problem(field, "required")] if move.after is State.SCHEDULED else []
    if move.after not in (State.SCHEDULED, State.CLOSED):
        return []
    if day <= today:
        return [Problem(field, "date_too_early", {"earliest": today + timedelta(days=1)})]
    if day > today + FARTHEST:
        return [Problem(field, "date_too_late", {"latest": today + FARTHEST})]
    return []
