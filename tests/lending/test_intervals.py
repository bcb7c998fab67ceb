"""Sweeps over half-open times, clocks that change, and the grids a page draws."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_hub.clock import WARSAW
from referral_hub.directory.hours import ALWAYS, read_hours
from referral_hub.errors import Refused
from referral_hub.lending.asking import asking_problems
from referral_hub.lending.booking_forms import read_wish
from referral_hub.lending.calendar import hours_drawn, month_of, week_of
from referral_hub.lending.intervals import Span, day_span, local, most_at_once, parts, within_hours
from referral_hub.web.forms import Form

ZERO = datetime(2026, 11, 23, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def at(hours: float) -> datetime:
    return ZERO + timedelta(hours=hours)


SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 12), st.integers(1, 5)).map(
        lambda one: Span(at(one[0]), at(one[0] + one[1]), one[2])
    ),
    max_size=12,
)


@given(SPANS, st.integers(0, 40), st.integers(1, 12))
def test_the_sweep_counts_what_hour_by_hour_counting_counts(spans: list[Span], start: int, length: int) -> None:
    by_hour = [
        sum(span.pieces for span in spans if span.start <= at(hour) < span.end) for hour in range(start, start + length)
    ]
    assert most_at_once(spans, at(start), at(start + length)) == max(by_hour)


@given(SPANS, st.integers(1, 10))
def test_parts_cover_the_time_without_gaps(spans: list[Span], owned: int) -> None:
    found = parts(spans, owned, at(0), at(48))
    assert found[0].start == at(0)
    assert found[-1].end == at(48)
    assert all(one.end == other.start and one.free != other.free for one, other in itertools.pairwise(found))
    assert all(part.free == max(0, owned - most_at_once(spans, part.start, part.end)) for part in found)


def test_back_to_back_is_no_overlap() -> None:
    assert most_at_once([Span(at(8), at(10)), Span(at(12), at(14))], at(10), at(12)) == 0
    assert most_at_once([Span(at(8), at(10)), Span(at(10), at(12))], at(0), at(24)) == 1


def test_an_hour_the_clocks_leave_out_is_nobodys() -> None:
    spring = date(2027, 3, 28)
    assert local(spring, 2 * 60 + 30) is None
    first, last = local(spring, 60), local(spring, 3 * 60)
    assert first is not None
    assert last is not None
    assert last - first == timedelta(hours=1)
    start, end = day_span(spring)
    assert end - start == timedelta(hours=23)
    rows = week_of(date(2027, 3, 22), [], 1, range(24), NOW)
    assert [rows[hour][6].state for hour in (1, 2, 3)] == ["free", "none", "free"]


def test_an_hour_that_comes_twice_is_kept_whole() -> None:
    autumn = date(2026, 10, 25)
    first, last = local(autumn, 2 * 60), local(autumn, 2 * 60 + 30, last=True)
    assert first is not None
    assert last is not None
    assert last - first == timedelta(hours=1, minutes=30)
    start, end = day_span(autumn)
    assert end - start == timedelta(hours=25)


def test_a_booking_over_the_change_is_as_long_as_it_is() -> None:
    form = Form({"from_day": "2027-03-27", "from_hour": "22", "to_day": "2027-03-28", "to_hour": "6", "pieces": "1"})
    wish = read_wish(form, date(2027, 3, 1))
    assert wish.end - wish.start == timedelta(hours=7)


@pytest.mark.parametrize(
    ("typed", "field", "code"),
    [
        ({"from_hour": "2:30", "from_day": "2027-03-28"}, "from_hour", "no_such_hour"),
        ({"from_hour": "25"}, "from_hour", "not_an_hour"),
        ({"from_hour": "24:30"}, "from_hour", "not_an_hour"),
        ({"from_hour": "٩"}, "from_hour", "not_an_hour"),
        ({"from_hour": ""}, "from_hour", "required"),
        ({"to_hour": "9\x00"}, "to_hour", "bad_characters"),
        ({"from_day": "2026-11-19"}, "from_day", "date_too_early"),
        ({"from_day": "9999-12-31"}, "from_day", "date_too_late"),
        ({"pieces": "0"}, "pieces", "out_of_range"),
        ({"pieces": "1000000000"}, "pieces", "out_of_range"),
        ({"pieces": "-1"}, "pieces", "out_of_range"),
    ],
)
def test_what_cannot_be_typed_is_named(typed: dict[str, str], field: str, code: str) -> None:
    form = Form({"from_day": "2026-11-23", "from_hour": "9", "to_hour": "10.30", "pieces": "1"} | typed)
    with pytest.raises(Refused) as refused:
        read_wish(form, date(2026, 11, 20))
    assert [(one.field, one.code) for one in refused.value.problems] == [(field, code)]


def test_until_midnight_is_the_next_day() -> None:
    wish = read_wish(
        Form({"from_day": "2026-11-23", "from_hour": "22", "to_hour": "24", "pieces": "1"}), date(2026, 11, 20)
    )
    assert (wish.start.astimezone(WARSAW).hour, wish.end - wish.start) == (22, timedelta(hours=2))


def test_what_may_be_asked_for() -> None:
    def codes(start: datetime, end: datetime, pieces: int = 1) -> list[str]:
        return [problem.code for problem in asking_problems(start, end, pieces, 3, NOW)]

    assert codes(at(0), at(1)) == []
    assert codes(at(0), at(14 * 24)) == []
    assert codes(at(0), at(14 * 24 + 1)) == ["booking_too_long"]
    assert codes(at(1), at(1)) == ["booking_reversed"]
    assert codes(NOW - timedelta(minutes=1), at(1)) == ["booking_in_the_past"]
    assert codes(at(24 * 370), at(24 * 370 + 1)) == ["booking_too_far"]
    assert codes(at(0), at(1), 4) == codes(at(0), at(1), 0) == ["out_of_range"]


def test_hours_hold_a_time_or_not() -> None:
    week = read_hours("pon.–pt. 8–20")
    day = date(2026, 11, 23)

    def span(first: int, last: int, after: int = 0) -> bool:
        start, end = local(day, first * 60), local(day + timedelta(days=after), last * 60)
        assert start is not None
        assert end is not None
        return within_hours(week, start, end)

    assert span(8, 20)
    assert not span(7, 9)
    assert not span(19, 21)
    assert not span(18, 9, after=1), "the night between is not in the hours"
    assert not within_hours(None, at(0), at(1))
    assert within_hours(ALWAYS, at(0), at(40))


def test_a_week_and_a_month_say_busy_and_free() -> None:
    first = date(2026, 11, 23)
    start, end = local(first, 8 * 60), local(first, 10 * 60 + 30)
    assert start is not None
    assert end is not None
    spans = [Span(start, end, 1)]
    drawn = hours_drawn(read_hours("pon.–pt. 9–12"), spans, first)
    assert drawn == range(8, 12)
    column = [row[0].state for row in week_of(first, spans, 1, drawn, NOW)]
    assert column == ["busy", "busy", "busy", "free"]
    assert [row[0].state for row in week_of(first, spans, 2, drawn, NOW)] == ["partly", "partly", "partly", "free"]
    days = [cell for week in month_of(first, spans, 1, NOW) for cell in week if cell is not None]
    assert len(days) == 30
    assert [cell.state for cell in days[18:24]] == ["past", "free", "free", "free", "partly", "free"]
    assert [(part.start, part.end) for part in days[22].busy] == [(start, end)]


def test_outside_the_hours_is_shut_unless_somebody_has_it() -> None:
    week, first = read_hours("pon.–pt. 9–12"), date(2026, 11, 23)
    start, end = local(first, 8 * 60), local(first, 9 * 60)
    assert start is not None
    assert end is not None
    rows = week_of(first, [Span(start, end)], 1, range(8, 13), NOW, week)
    assert [row[0].state for row in rows] == ["busy", "free", "free", "free", "shut"]
    assert {row[5].state for row in rows} == {"shut"}
    days = [cell for line in month_of(first, [], 1, NOW, week) for cell in line if cell is not None]
    assert [cell.state for cell in days[22:29]] == ["free"] * 5 + ["shut"] * 2
