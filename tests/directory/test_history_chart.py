"""The picture of readings: a mark for each, shapes by source, steps that break where nobody said a number."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from referral_hub.directory.history_chart import HEIGHT, LEFT, WIDTH, Point, draw, shape

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def points(*told: tuple[int, int | None]) -> list[Point]:
    return [Point(str(days), NOW - timedelta(days=days), free, "declared") for days, free in told]


def test_the_line_goes_in_steps_and_the_last_number_stands_until_now() -> None:
    chart = draw(points((100, 4), (50, 0)), NOW)
    first, second = chart.marks
    assert first.x == LEFT
    assert second.x == round((LEFT + chart.right) / 2, 1)
    assert chart.line == f"M{first.x:g} {first.y:g}H{second.x:g}V{second.y:g}H{chart.right:g}"
    assert second.y == chart.bottom


def test_the_line_breaks_where_no_number_was_told() -> None:
    chart = draw(points((90, 4), (60, None), (30, 2)), NOW)
    assert chart.line.count("M") == 2
    assert len(chart.marks) == 3


def test_sources_are_told_apart_by_shape() -> None:
    assert len({shape(source, 0, 0) for source in ("declared", "observed", "reported", "imported")}) == 4


def test_an_offer_without_readings_gives_a_bare_grid() -> None:
    chart = draw([], NOW)
    assert (chart.line, chart.marks) == ("", ())


@given(st.lists(st.tuples(st.integers(0, 3650), st.none() | st.integers(0, 9999)), max_size=60))
def test_any_readings_are_drawn_inside_the_picture(told: list[tuple[int, int | None]]) -> None:
    chart = draw(points(*told), NOW)
    assert len(chart.marks) == len(told)
    assert [mark.point.as_of for mark in chart.marks] == sorted(point.as_of for point in points(*told))
    for mark in chart.marks:
        assert LEFT <= mark.x <= WIDTH
        assert 0 < mark.y < HEIGHT
    assert 1 <= len(chart.levels) <= 8
    assert len(chart.days) <= 12
    assert all(LEFT <= tick.at <= WIDTH for tick in chart.days)
    assert (chart.levels[-1].value, 1) >= (max((free or 0 for _, free in told), default=0), 0)
