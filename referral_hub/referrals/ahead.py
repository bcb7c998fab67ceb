"""What is still to come on a referral, with the days its clock and its appointment already know. Pure.

A step that only silence brings is told as one; a day that has passed is not promised again.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from msgspec import Struct

from referral_hub.directory.business_days import is_business_day
from referral_hub.referrals.case import appointment_day
from referral_hub.referrals.referral import ClockNow
from referral_hub.referrals.states import FINAL, State

S = State
_ORDER: Final[tuple[tuple[str, frozenset[State]], ...]] = (
    ("sending", frozenset({S.DRAFT})),
    ("decision", frozenset({S.DRAFT, S.SENT, S.INFO_NEEDED, S.WAITLISTED})),
    ("meeting", frozenset({S.DRAFT, S.SENT, S.INFO_NEEDED, S.WAITLISTED, S.ACCEPTED, S.SCHEDULED})),
    ("outcome", frozenset(S) - FINAL - {S.CANCEL_REQUESTED}),
    ("opinion", frozenset(S) - FINAL - {S.CANCEL_REQUESTED}),
    ("cancelling", frozenset({S.CANCEL_REQUESTED})),
)
_SILENT: Final = frozenset({S.SENT, S.INFO_NEEDED})


class Ahead(Struct, frozen=True):
    """A step to come: its words are `step.<code>`, its day where one is known."""

    code: str
    day: date | None = None


def steps_ahead(state: State, clock: ClockNow, appointment: str, today: date, *, no_data: bool = False) -> list[Ahead]:
    """The steps to come: those of the clock first, by their days, then those that help itself brings."""
    if state in FINAL:
        return []
    if no_data and state is not S.DRAFT:
        return [*_escalation(clock, today), Ahead("word_of_person"), Ahead("opinion")]
    timed = sorted(_of_the_clock(state, clock, today), key=lambda step: step.day or today)
    return [*timed, *_of_the_help(state, clock, appointment, today)]


def _of_the_clock(state: State, clock: ClockNow, today: date) -> Iterator[Ahead]:
    if state in _SILENT and clock.due_on is not None:
        reminder = _business_day_before(clock.due_on)
        if reminder > today:
            yield Ahead("reminder", reminder)
    ending = clock.expire_on if state in _SILENT else None
    # Escalation comes again every few days: what silence ends before is escalated no more.
    if ending is None or clock.escalate_on is None or clock.escalate_on < ending:
        yield from _escalation(clock, today)
    if ending is not None:
        # A clock due on a day has run out on the day after.
        ends = _day_after(ending)
        yield Ahead("expiry", ends if ends > today else None)
    if state in (S.WAITLISTED, S.ON_HOLD) and clock.review_on is not None and clock.review_on >= today:
        yield Ahead("review", clock.review_on)


def _escalation(clock: ClockNow, today: date) -> Iterator[Ahead]:
    if clock.escalate_on is not None and clock.escalate_on >= today:
        yield Ahead("escalation", _day_after(clock.escalate_on))


def _of_the_help(state: State, clock: ClockNow, appointment: str, today: date) -> Iterator[Ahead]:
    met = appointment_day(appointment)
    for code, states in _ORDER:
        if state not in states:
            continue
        if code == "cancelling" and clock.expire_on is not None:
            ends = _day_after(clock.expire_on)
            yield Ahead(code, ends if ends > today else None)
        elif code == "meeting" and met is not None and met >= today:
            yield Ahead(code, met)
        elif code != "meeting" or met is None:
            yield Ahead(code)


def _business_day_before(day: date) -> date:
    before = date.fromordinal(day.toordinal() - 1)
    while not is_business_day(before):
        before = date.fromordinal(before.toordinal() - 1)
    return before


def _day_after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
