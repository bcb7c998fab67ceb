"""Clocks count Polish business days, stop while the sender owes an answer, and end no waiting."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_hub.directory.business_days import add_business_days, business_days_between, is_business_day
from referral_hub.referrals.clocks import (
    DEFAULT,
    STOPPED,
    Running,
    Times,
    clock_after,
)
from referral_hub.referrals.lifecycle import TABLE
from referral_hub.referrals.states import Clock, Party, State, Verb

DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
FRIDAY = date(2026, 4, 3)  # Good Friday is a working day in Poland, Easter Monday is not
ORDINARY = Times(5, 10, 20)


def test_polish_holidays_are_no_business_days() -> None:
    for day in (
        "2026-01-06",
        "2026-04-06",
        "2026-05-01",
        "2026-06-04",
        "2026-11-11",
        "2026-12-24",
        "2026-12-25",
    ):
        assert not is_business_day(date.fromisoformat(day)), day
    assert is_business_day(date(2026, 4, 3))
    assert is_business_day(date(2024, 12, 24))


def test_an_answer_due_in_one_day_skips_easter() -> None:
    assert add_business_days(FRIDAY, 1) == date(2026, 4, 7)


@given(DAYS, st.integers(1, 60))
def test_adding_and_counting_business_days_agree(day: date, number: int) -> None:
    later = add_business_days(day, number)
    assert is_business_day(later)
    assert business_days_between(day, later) == number
    assert business_days_between(later, day) == -number


@given(DAYS, st.integers(1, 40))
def test_a_later_start_is_never_due_earlier(day: date, number: int) -> None:
    assert add_business_days(day, number) <= add_business_days(day + timedelta(days=1), number)


@pytest.mark.parametrize(
    ("priority", "kind", "times"),
    [
        ("urgent", "ngo", Times(1, 2, 5, 1)),
        ("priority", "ngo", Times(3, 5, 10, 2)),
        ("ordinary", "ngo", Times(5, 10, 20)),
        ("ordinary", "pup", Times(10, 20, 40)),
        ("ordinary", "lecznictwo_odwykowe", Times(10, 20, 40)),
        ("urgent", "pup", Times(1, 2, 5, 1)),
    ],
)
def test_times_by_priority_and_kind(priority: str, kind: str, times: Times) -> None:
    assert DEFAULT.times(priority, kind) == times


def start(today: date = FRIDAY) -> Running:
    return clock_after(Clock.START, STOPPED, today=today, times=ORDINARY)


def test_sending_puts_the_clock_on_the_receiver() -> None:
    clock = start(date(2026, 5, 4))
    assert clock.on is Party.RCV
    assert (clock.due_on, clock.escalate_on, clock.expire_on) == (
        date(2026, 5, 11),
        date(2026, 5, 18),
        date(2026, 6, 1),
    )


def test_a_question_stops_the_receivers_clock_and_an_answer_lets_it_go_on() -> None:
    monday = date(2026, 5, 4)
    asked = clock_after(Clock.ASK, start(monday), today=date(2026, 5, 6), times=ORDINARY)
    assert (asked.on, asked.days_left) == (Party.SND, 3)
    resumed = clock_after(Clock.RESUME, asked, today=date(2026, 5, 20), times=ORDINARY)
    assert (resumed.on, resumed.due_on) == (Party.RCV, date(2026, 5, 25))
    assert business_days_between(resumed.due_on or monday, resumed.expire_on or monday) == 15


def test_a_question_at_the_last_moment_leaves_one_day() -> None:
    asked = clock_after(Clock.ASK, start(date(2026, 5, 4)), today=date(2026, 5, 18), times=ORDINARY)
    assert asked.days_left == 1


def test_a_person_who_goes_alone_is_asked_about_and_never_expires() -> None:
    clock = clock_after(Clock.START, STOPPED, today=FRIDAY, times=ORDINARY, no_data=True)
    assert clock.on is Party.SND
    assert clock.due_on is not None
    assert clock.expire_on is None


def test_a_waiting_list_has_a_review_date_and_no_expiry() -> None:
    review = date(2026, 6, 1)
    clock = clock_after(Clock.REVIEW, start(), today=FRIDAY, times=ORDINARY, review_on=review)
    assert (clock.due_on, clock.escalate_on, clock.expire_on) == (review, review, None)
    assert not clock.late(review)
    assert clock.late(review + timedelta(days=1))


def test_escalation_comes_again_and_changes_nothing_else() -> None:
    clock = start(date(2026, 5, 4))
    again = clock_after(Clock.AGAIN, clock, today=date(2026, 5, 19), times=ORDINARY)
    assert again.escalate_on == date(2026, 5, 26)
    assert (again.due_on, again.expire_on) == (clock.due_on, clock.expire_on)


def test_keeping_a_task_on_hold_brings_its_review_date_back() -> None:
    review = date(2026, 6, 1)
    held = clock_after(Clock.REVIEW, STOPPED, today=FRIDAY, times=ORDINARY, review_on=review)
    cancelling = clock_after(Clock.CANCEL, held, today=FRIDAY, times=ORDINARY)
    assert cancelling.expire_on == add_business_days(FRIDAY, 5)
    kept = clock_after(Clock.RESTORE, cancelling, today=FRIDAY, times=ORDINARY, after=State.ON_HOLD)
    assert kept.due_on == review
    started = clock_after(Clock.RESTORE, cancelling, today=FRIDAY, times=ORDINARY, after=State.IN_PROGRESS)
    assert started == STOPPED


@pytest.mark.parametrize("state", sorted({state for row in TABLE if row.verb is Verb.ESCALATE for state in row.start}))
def test_no_state_that_may_be_told_on_is_left_without_a_day(state: State) -> None:
    running = (
        start()
        if state is not State.ON_HOLD
        else clock_after(Clock.REVIEW, STOPPED, today=FRIDAY, times=ORDINARY, review_on=date(2026, 6, 1))
    )
    ended = clock_after(Clock.FOLLOW, running, today=FRIDAY, times=ORDINARY, after=state)
    assert ended.escalate_on is not None
    assert ended.on is Party.SND or state is State.CANCEL_REQUESTED
