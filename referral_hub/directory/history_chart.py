"""The picture of an offer's readings: a step line of what was told free, a mark per reading. Pure.

The line holds a number until the next one was true; it breaks where nobody said a number. A mark tells by its shape
who told it: declared a circle, observed a diamond, reported a triangle, imported a square. Readings taken back are
left out: the table below has them.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

WIDTH, HEIGHT = 860, 280
LEFT, RIGHT, TOP, BOTTOM = 56, 20, 18, 42
SIZE = 6.0
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
_MOST_DAYS = 8
_NICE = (1, 2, 5)


class Point(Struct, frozen=True):
    """One reading to draw. `free` None: it told no number of free places."""

    id: str
    as_of: datetime
    free: int | None
    source: str


class Mark(Struct, frozen=True):
    """A reading in the picture: its shape as a path around (x, y); hollow where no number was told."""

    point: Point
    x: float
    y: float
    path: str


class Tick(Struct, frozen=True):
    """A line of the grid: at `at` along its axis; `value` a number of places or a day."""

    at: float
    value: int | date


class Chart(Struct, frozen=True):
    """Everything a template needs; units are those of the viewBox `0 0 width height`."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    line: str
    marks: tuple[Mark, ...]
    levels: tuple[Tick, ...]
    days: tuple[Tick, ...]


def draw(points: Sequence[Point], until: datetime) -> Chart:
    """The picture up to `until` (now): the last number stands until then. Points in any order."""
    ordered = sorted(points, key=lambda point: point.as_of)
    start = ordered[0].as_of if ordered else until
    end = max(until, ordered[-1].as_of) if ordered else until
    step, top = _scale(max((point.free or 0 for point in ordered), default=0))
    span = max((end - start).total_seconds(), 86_400.0)
    low, high = HEIGHT - BOTTOM, TOP

    def x(moment: datetime) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (moment - start).total_seconds() / span, 1)

    def y(number: int) -> float:
        return round(low - (low - high) * number / top, 1)

    marks = tuple(
        Mark(point, x(point.as_of), y(point.free or 0), shape(point.source, x(point.as_of), y(point.free or 0)))
        for point in ordered
    )
    levels = tuple(Tick(y(number), number) for number in range(0, top + 1, step))
    days = tuple(Tick(x(moment), moment.date()) for moment in _days(start, end))
    return Chart(WIDTH, HEIGHT, LEFT, WIDTH - RIGHT, high, low, _line(marks, x(end)), marks, levels, days)


def shape(source: str, x: float, y: float, size: float = SIZE) -> str:
    """The path of a mark: circle, diamond, triangle or square, told apart without colour."""
    match source:
        case "observed":
            big = size * 1.3
            return f"M{x:g} {y - big:g}L{x + big:g} {y:g}L{x:g} {y + big:g}L{x - big:g} {y:g}Z"
        case "reported":
            big = size * 1.2
            return f"M{x:g} {y - big:g}L{x + big:g} {y + big * 0.8:g}L{x - big:g} {y + big * 0.8:g}Z"
        case "imported":
            small = size * 0.9
            return f"M{x - small:g} {y - small:g}h{2 * small:g}v{2 * small:g}h{-2 * small:g}Z"
        case _:
            arc = f"a{size:g} {size:g} 0 1 0"
            return f"M{x - size:g} {y:g}{arc} {2 * size:g} 0{arc} {-2 * size:g} 0Z"


def _scale(largest: int) -> tuple[int, int]:
    """(step, top) of the axis of places: 1, 2 or 5 times a power of ten, at most six steps."""
    step, power = 1, 1
    while True:
        for nice in _NICE:
            step = nice * power
            if step * 6 >= largest:
                return step, max(step, -(-largest // step) * step)
        power *= 10


def _days(start: datetime, end: datetime) -> list[datetime]:
    """First days of months (or, within two months, days) evenly apart, at most eight and never on the very edge."""
    length = (end - start).days
    if length < 62:
        apart = max(1, -(-length // _MOST_DAYS))
        count = length // apart + 1
        return [start + timedelta(days=number * apart) for number in range(count)]
    months = (end.year - start.year) * 12 + end.month - start.month
    step = next(one for one in _MONTH_STEPS if months / one <= _MOST_DAYS or one == _MONTH_STEPS[-1])
    first = start.year * 12 + start.month  # the month after the start, counted from the year 0
    numbers = [number for number in range(first, first + months) if number % step == 0]
    return [datetime(number // 12, number % 12 + 1, 1, tzinfo=start.tzinfo) for number in numbers]


def _line(marks: Sequence[Mark], end: float) -> str:
    """Steps from each number to the moment of the next, a gap where none was told."""
    parts: list[str] = []
    drawing = False
    for place, mark in enumerate(marks):
        if mark.point.free is None:
            if drawing:
                parts.append(f"H{mark.x:g}")
            drawing = False
            continue
        parts.append(f"H{mark.x:g}V{mark.y:g}" if drawing else f"M{mark.x:g} {mark.y:g}")
        drawing = True
        if place == len(marks) - 1:
            parts.append(f"H{end:g}")
    return "".join(parts)
