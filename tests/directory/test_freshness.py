"""A reading ages by the rhythm of its offer, and the days ahead are told exactly."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_hub.directory.freshness import (
    LIMITS,
    Freshness,
    Rhythm,
    ahead,
    due,
    freshness,
    silent,
    suggested,
    takes_referrals,
)

ORDER = [Freshness.FRESH, Freshness.ASK_FIRST, Freshness.NOT_SUGGESTED, Freshness.CLOSED]
rhythms = st.sampled_from(list(Rhythm))
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@pytest.mark.parametrize(
    ("rhythm", "age", "label"),
    [
        ("day", 1, "fresh"),
        ("day", 3, "ask_first"),
        ("week", 7, "fresh"),
        ("week", 8, "ask_first"),
        ("week", 15, "not_suggested"),
        ("week", 28, "not_suggested"),
        ("week", 29, "closed"),
        ("month", 31, "fresh"),
        ("month", 125, "closed"),
        ("quarter", 92, "fresh"),
        ("quarter", 368, "not_suggested"),
        ("quarter", 369, "closed"),
    ],
)
def test_label_by_age(rhythm: str, age: int, label: str) -> None:
    today = date(2026, 11, 23)
    assert freshness(today - timedelta(days=age), rhythm, today) == label


def test_no_reading_is_unknown_and_still_takes_referrals() -> None:
    label = freshness(None, "week", date(2026, 11, 23))
    assert label is Freshness.UNKNOWN
    assert suggested(label)
    assert takes_referrals(label)
    assert due(None, "week", date(2026, 11, 23))
    assert silent(None, "week", date(2026, 11, 23))


@given(rhythms, days, st.integers(0, 500))
def test_a_reading_only_grows_older(rhythm: Rhythm, as_of: date, age: int) -> None:
    today = as_of + timedelta(days=age)
    now, tomorrow = (freshness(as_of, rhythm, day) for day in (today, today + timedelta(days=1)))
    assert ORDER.index(now) <= ORDER.index(tomorrow)


@given(rhythms, days)
def test_days_ahead_are_the_first_days_of_the_next_labels(rhythm: Rhythm, as_of: date) -> None:
    told = ahead(as_of, rhythm)
    for day, label in zip((told.ask_first, told.not_suggested, told.closed), ORDER[1:], strict=True):
        assert freshness(as_of, rhythm, day) is label
        assert freshness(as_of, rhythm, day - timedelta(days=1)) is ORDER[ORDER.index(label) - 1]


@given(rhythms, days, st.integers(0, 500))
def test_a_partner_is_asked_before_the_number_stops_being_fresh(rhythm: Rhythm, as_of: date, age: int) -> None:
    today = as_of + timedelta(days=age)
    if freshness(as_of, rhythm, today) is not Freshness.FRESH:
        assert due(as_of, rhythm, today)
    if silent(as_of, rhythm, today):
        assert due(as_of, rhythm, today)


@given(rhythms, days, st.integers(1, 30))
def test_a_date_ahead_of_today_is_not_older_than_fresh(rhythm: Rhythm, today: date, ahead_by: int) -> None:
    assert freshness(today + timedelta(days=ahead_by), rhythm, today) is Freshness.FRESH


def test_limits_grow() -> None:
    for limits in LIMITS.values():
        assert 0 < limits.fresh < limits.ask_first < limits.not_suggested
