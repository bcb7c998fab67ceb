"""What comes with a move is read in its type, all problems at once, and never raises."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_hub.referrals.fields import read_fields
from referral_hub.referrals.lifecycle import TABLE, Row
from referral_hub.referrals.moves import find
from referral_hub.referrals.states import Party, State

CODES = {"reason": frozenset({"no_capacity", "other"}), "outcome": frozenset({"leczenie"})}
DECLINE = find("decline", State.SENT, Party.RCV)
DELIVER = find("deliver", State.IN_PROGRESS, Party.RCV)
SCHEDULE = find("schedule", State.ACCEPTED, Party.RCV)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2),
)


def codes_of(row: Row, **given: object) -> list[str]:
    return [f"{problem.field}:{problem.code}" for problem in read_fields(row, given, CODES)[1]]


def test_all_problems_come_at_once() -> None:
    assert codes_of(DECLINE, reason="bo nie", text="x" * 2001, other_offer="7", surprise=1) == [
        "surprise:unknown_field",
        "reason:not_a_choice",
        "text:too_long",
        "other_offer:not_a_choice",
    ]


def test_blank_is_absent() -> None:
    assert codes_of(DELIVER, outcome=" ", date="") == ["outcome:required", "date:required"]


def test_values_come_in_their_types() -> None:
    values, problems = read_fields(DELIVER, {"outcome": "leczenie", "date": "2026-05-13", "hours": "1,5"}, CODES)
    assert not problems
    assert values == {"outcome": "leczenie", "date": date(2026, 5, 13), "hours": 1.5}
    assert read_fields(DECLINE, {"reason": "other", "other_offer": str(UUID(int=5))}, CODES)[0]["other_offer"] == UUID(
        int=5
    )


@pytest.mark.parametrize("value", ["2026-05-13", "2026-05-13T10:30", "2026-05-13 10:30"])
def test_an_appointment_is_a_day_or_an_hour(value: str) -> None:
    values, problems = read_fields(SCHEDULE, {"date": value}, CODES)
    assert not problems
    assert values["date"] == value.replace(" ", "T")


@pytest.mark.parametrize("value", ["2026-02-30", "2026-05-13T25:00", "jutro", 5, "0001-01-01"])
def test_an_impossible_appointment_is_a_problem(value: object) -> None:
    assert codes_of(SCHEDULE, date=value) == ["date:not_a_date"]


def test_a_pesel_never_gets_into_words() -> None:
    assert "text:text_holds_pesel" in codes_of(DECLINE, reason="other", text="PESEL 44051401359")


@given(st.sampled_from(TABLE), st.data())
def test_nothing_that_json_can_say_raises(row: Row, data: st.DataObject) -> None:
    given_values = {need.name: data.draw(JSON) for need in row.needs}
    values, problems = read_fields(row, given_values, CODES)
    assert set(values) <= {need.name for need in row.needs}
    assert all(problem.code for problem in problems)
