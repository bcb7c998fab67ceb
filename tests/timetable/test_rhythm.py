"""Series of meetings and the appointments of duty hours, as pure sums."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_hub.clock import WARSAW
from referral_hub.errors import Problem
from referral_hub.timetable.planned import Planned, Span, names_a_person, span_of, spans
from referral_hub.timetable.rhythm import MOST, RHYTHMS, days_of, is_holiday, left_out, moment_of
from referral_hub.timetable.slots import Hours, slots, together

NOW = datetime(2027, 1, 11, 8, tzinfo=UTC)
TODAY = date(2027, 1, 11)
LAWYER = Hours(2, "15:00", "17:00", 30, date(2027, 1, 12))


def test_a_weekly_series_leaves_out_easter_monday_and_keeps_its_hour_when_the_clocks_change() -> None:
    days = days_of(date(2027, 3, 15), "week", date(2027, 4, 12))
    assert days == [date(2027, 3, 15), date(2027, 3, 22), date(2027, 4, 5), date(2027, 4, 12)]
    assert left_out(date(2027, 3, 15), "week", date(2027, 4, 12)) == [date(2027, 3, 29)]
    hours = [moment_of(day, "17:00") for day in days]
    assert [hour and hour.hour for hour in hours] == [16, 16, 15, 15]
    assert {hour and hour.astimezone(WARSAW).hour for hour in hours} == {17}


def test_a_group_that_means_it_meets_on_holidays_too() -> None:
    assert date(2027, 3, 29) in days_of(date(2027, 3, 15), "week", date(2027, 4, 12), on_holidays=True)
    assert days_of(date(2027, 3, 29), "once", None) == [date(2027, 3, 29)]


def test_a_monthly_series_keeps_its_weekday_of_the_month_and_a_fifth_one_is_the_last() -> None:
    second = days_of(date(2027, 2, 9), "month", date(2027, 5, 31))
    assert second == [date(2027, 2, 9), date(2027, 3, 9), date(2027, 4, 13), date(2027, 5, 11)]
    last = days_of(date(2027, 1, 29), "month", date(2027, 4, 30))
    assert last == [date(2027, 1, 29), date(2027, 2, 26), date(2027, 3, 26), date(2027, 4, 30)]


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.sampled_from(RHYTHMS), st.integers(0, 900), st.booleans())
def test_every_series_is_in_order_of_one_weekday_within_its_time(
    first: date, rhythm: str, length: int, on_holidays: bool
) -> None:
    until = first + timedelta(days=length)
    days = days_of(first, rhythm, until, on_holidays=on_holidays)
    assert len(days) <= MOST + 1
    assert all(first <= day <= until for day in days)
    assert all(one < other for one, other in pairwise(days))
    assert {day.weekday() for day in days} <= {first.weekday()}
    if not on_holidays and rhythm != "once":
        assert not any(is_holiday(day) for day in days)


@pytest.mark.parametrize(
    ("day", "from_hour", "until_hour", "code"),
    [
        (date(2027, 2, 1), "19:00", "17:00", "ends_before_it_begins"),
        (date(2027, 2, 1), "17:00", "17:00", "ends_before_it_begins"),
        (date(2027, 2, 1), "07:00", "23:00", "meeting_too_long"),
        (date(2027, 2, 1), "25:00", "26:00", "not_an_hour"),
        (date(2027, 2, 1), "x", "18:00", "not_an_hour"),
        (date(2027, 3, 28), "02:30", "04:00", "hour_left_out"),
    ],
)
def test_impossible_hours_are_named(day: date, from_hour: str, until_hour: str, code: str) -> None:
    found = span_of(day, from_hour, until_hour)
    assert isinstance(found, Problem)
    assert found.code == code


def test_the_night_the_clocks_change_is_as_long_as_it_is() -> None:
    spring = span_of(date(2027, 3, 28), "01:00", "04:00")
    autumn = span_of(date(2027, 10, 31), "01:00", "04:00")
    assert isinstance(spring, Span)
    assert isinstance(autumn, Span)
    assert spring.ends_at - spring.starts_at == timedelta(hours=2)
    assert autumn.ends_at - autumn.starts_at == timedelta(hours=4)


def problems_of(day: date, rhythm: str = "once", until: date | None = None, **values: object) -> set[str]:
    facts = {"from_hour": "17:00", "until_hour": "19:00", **values}
    planned = Planned(day=day, **facts)  # type: ignore[arg-type]
    _, problems = spans(planned, rhythm, until, on_holidays=True, now=NOW, today=TODAY)
    return {problem.code for problem in problems}


def test_what_cannot_be_planned_says_why() -> None:
    assert problems_of(date(2027, 1, 10)) == {"meeting_in_the_past"}
    assert problems_of(TODAY, from_hour="08:00", until_hour="09:30") == {"meeting_in_the_past"}
    assert problems_of(TODAY) == set()
    assert problems_of(date(2027, 1, 12), "week", date(2027, 1, 1)) == {"date_too_early"}
    assert problems_of(date(2027, 1, 12), "week") == {"required"}
    assert problems_of(date(2027, 1, 12), "week", date(2035, 1, 1)) == {"date_too_late"}
    assert problems_of(date(2027, 1, 12), "daily") == {"not_a_choice"}
    assert problems_of(date(2027, 1, 12), places=0) == {"out_of_range"}


def test_a_function_is_no_name() -> None:
    named = ("Anna Kowalska", "mgr Nowak", "pani Zofia", "A. Kowalska", "psycholog Jan Nowak-Zięba")
    assert all(names_a_person(text) for text in named)
    functions = ("psycholog", "członek grupy", "Pracownik socjalny", "terapeuta uzależnień", "Lider grupy AA")
    assert not any(names_a_person(text) for text in functions)


def test_duty_hours_make_whole_slots_but_on_holidays_and_days_taken_out() -> None:
    found = slots(LAWYER, date(2027, 1, 11), date(2027, 1, 31), {date(2027, 1, 19)})
    assert len(found) == 2 * 4
    assert {begins.astimezone(WARSAW).date() for begins, _ in found} == {date(2027, 1, 12), date(2027, 1, 26)}
    fifty = Hours(2, "15:00", "17:00", 50, date(2027, 1, 12), date(2027, 1, 12))
    assert [ends - begins for begins, ends in slots(fifty, TODAY, date(2027, 2, 28))] == [timedelta(minutes=50)] * 2
    epiphany = Hours(3, "10:00", "11:00", 60, date(2027, 1, 1))
    assert date(2027, 1, 6) not in {one[0].date() for one in slots(epiphany, date(2027, 1, 1), date(2027, 1, 20))}


def test_duty_hours_overlap_only_at_the_same_time_of_the_same_weeks() -> None:
    assert together(LAWYER, Hours(2, "16:30", "18:00", 30, date(2027, 6, 1)))
    assert not together(LAWYER, Hours(2, "17:00", "18:00", 30, date(2027, 1, 12)))
    assert not together(LAWYER, Hours(3, "15:00", "17:00", 30, date(2027, 1, 12)))
    ended = Hours(2, "15:00", "17:00", 30, date(2026, 1, 1), date(2027, 1, 5))
    assert not together(LAWYER, ended)
