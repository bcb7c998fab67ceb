"""The quick search for detours against the plain one: the same cells hidden, and no longer quadratic."""

import heapq
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referral_hub.cooperation.detours import Cell, Detours, Node, ends, loss
from referral_hub.cooperation.network import matrix_of
from referral_hub.cooperation.secrecy import published, with_totals

Values = dict[Cell, int]
Steps = list[tuple[Cell, int]]


@st.composite
def tables(draw: st.DrawFn) -> Values:
    """Small tables, most of them two columns wide as those of yes and no are."""
    rows, columns = draw(st.integers(1, 9)), draw(st.sampled_from([1, 2, 2, 3, 5]))
    counts = st.integers(0, draw(st.sampled_from([3, 7, 40])))
    cells = {(f"r{row}", f"c{column}"): draw(counts) for row in range(rows) for column in range(columns)}
    return {cell: count for cell, count in cells.items() if count}


def plain_path(values: Values, moved: Values, hidden: set[Cell], way: tuple[Node, Node], around: Cell) -> Steps:
    """Dijkstra over every arc, as it is written in books."""
    start, end = way
    best: dict[Node, int] = {start: 0}
    came: dict[Node, tuple[Node, Cell, int]] = {}
    queue: list[tuple[int, Node]] = [(0, start)]
    while queue and queue[0][1] != end:
        cost, node = heapq.heappop(queue)
        if cost > best[node]:
            continue
        for cell, value in values.items():
            a, b = ends(cell)
            following, step = (b, 1) if a == node else (a, -1)
            if not value or node not in (a, b) or cell == around or moved[cell] + step < 0:
                continue
            further = cost + (0 if cell in hidden else loss(cell, value))
            if further < best.get(following, further + 1):
                best[following], came[following] = further, (node, cell, step)
                heapq.heappush(queue, (further, following))
    path: Steps = []
    while end != start:
        end, cell, step = came[end]
        path.append((cell, step))
    return path


def plain_cells(values: Values, hidden: set[Cell], way: tuple[Node, Node], amount: int, around: Cell) -> set[Cell]:
    moved, used = dict(values), set(hidden)
    for _ in range(amount):
        for cell, step in plain_path(values, moved, used, way, around):
            moved[cell] += step
            used.add(cell)
    return used


@settings(max_examples=60, deadline=None)
@given(tables())
def test_the_quick_search_hides_what_the_plain_one_hides(cells: Values) -> None:
    values = with_totals(matrix_of(cells))
    small = sorted(cell for cell, value in values.items() if 0 < value < 5)
    quick, plain = Detours(values, small), set(small)
    for cell in small:
        start, end = ends(cell)
        for way, amount in (((end, start), 5 - values[cell]), ((start, end), values[cell])):
            quick.hide(quick.cells(way, amount, cell))
            plain = plain_cells(values, plain, way, amount, cell)
            assert quick.hidden == plain


def test_four_times_the_rows_cost_four_times_the_looks_not_sixteen(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    arcs = Detours.arcs

    def counted(self: Detours, node: int, search: Any) -> Iterator[tuple[int, int, Cell, int]]:
        nonlocal looks
        for arc in arcs(self, node, search):
            looks += 1
            yield arc

    def looked_at(rows: int) -> int:
        nonlocal looks
        looks = 0
        cells = {(f"r{row}", answer): 1 + (7 * row + 3 * len(answer)) % 9 for row in range(rows) for answer in "yn"}
        assert published(matrix_of(cells)).hides
        return looks

    monkeypatch.setattr(Detours, "arcs", counted)
    few = looked_at(100)
    assert 0 < looked_at(400) < 6 * few
