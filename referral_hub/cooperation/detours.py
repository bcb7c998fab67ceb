"""The cheapest detours through a table with totals: what to hide beside a small count (see `secrecy`). Pure.

Dijkstra's search, one for each unit that must be able to travel, thousands of them in a table of thousands of rows.
So nothing is copied between searches, and no search looks at all rows of a column: the arcs of a node stand ready in
the order of their cost (hidden ones cost nothing and come first), are taken one by one, and the search ends as soon
as nothing unseen can be cheaper. The paths are those that a search without such care would find, ties included.
"""

import heapq
from bisect import insort
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

TOTAL: Final = ""
"""The key of the totals row and of the totals column."""
Node = tuple[bool, str]
Cell = tuple[str, str]
Step = tuple[Cell, int]
Arc = tuple[int, Cell, int]
"""To which node (by its place in the order of all), over which cell, and by how much a unit that way changes it."""
_FEW: Final = 32


def ends(cell: Cell) -> tuple[Node, Node]:
    """Start and end of a cell's arc: (True, row) and (False, column) are nodes; totals run backwards."""
    row, column = (True, cell[0]), (False, cell[1])
    backwards = (cell[0] == TOTAL) != (cell[1] == TOTAL)
    return (column, row) if backwards else (row, column)


def loss(cell: Cell, value: int) -> int:
    """What hiding a cell costs the reader: its count and one more; a total costs ten times that."""
    return (1 + value) * (10 if TOTAL in cell else 1)


class Detours:
    """The arcs of a table, and which of its cells are hidden by now; `hide` is the only thing that changes it."""

    def __init__(self, values: Mapping[Cell, int], hidden: Iterable[Cell]) -> None:
        self._values = {cell: value for cell, value in values.items() if value}
        self._places = {node: place for place, node in enumerate(sorted({n for c in self._values for n in ends(c)}))}
        self._ends = {cell: self._placed(*ends(cell)) for cell in self._values}
        self._between = {pair: cell for cell, (a, b) in self._ends.items() for pair in ((a, b), (b, a))}
        self._shown: list[list[tuple[int, int, Cell, int]]] = [[] for _ in self._places]
        self._free: list[list[Arc]] = [[] for _ in self._places]
        for cell, (start, end) in self._ends.items():
            cost = loss(cell, self._values[cell])
            self._shown[start].append((cost, end, cell, 1))
            self._shown[end].append((cost, start, cell, -1))
        self._at: dict[tuple[int, Cell], int] = {}
        for node, arcs in enumerate(self._shown):
            arcs.sort()
            self._at |= {(node, arc[2]): position for position, arc in enumerate(arcs)}
        # Where to look on from a position: past what was hidden since (shortened whenever it is walked).
        self._onward = [list(range(len(arcs) + 1)) for arcs in self._shown]
        self.hidden: set[Cell] = set()
        self.hide(hidden)

    def _placed(self, start: Node, end: Node) -> tuple[int, int]:
        return self._places[start], self._places[end]

    def hide(self, cells: Iterable[Cell]) -> None:
        """These cells cost nothing from now on."""
        for cell in cells:
            if cell in self.hidden or cell not in self._ends:
                continue
            self.hidden.add(cell)
            start, end = self._ends[cell]
            for node, other, step in ((start, end, 1), (end, start, -1)):
                position = self._at[node, cell]
                self._onward[node][position] = position + 1
                insort(self._free[node], (other, cell, step))

    def cells(self, way: tuple[Node, Node], amount: int, around: Cell) -> set[Cell]:
        """The cells to hide so that `amount` units can travel the `way` without `around`."""
        start, end = self._placed(*way)
        search = _Search(self, around)
        for _ in range(amount):
            for cell, step in search.path(start, end):
                search.moved[cell] = search.moved.get(cell, 0) + step
        return set(search.moved)

    def _next_shown(self, node: int, position: int) -> int:
        """The first position from this one on whose cell is still shown."""
        onward = self._onward[node]
        while onward[position] != position:
            onward[position] = onward[onward[position]]
            position = onward[position]
        return position

    def arcs(self, node: int, search: "_Search") -> Iterator[tuple[int, int, Cell, int]]:
        """(cost, node, cell, step) of every arc open to this search, the cheapest first."""
        free: Iterable[Arc] = self._free[node]
        lent = [arc for cell in search.moved if (arc := self._lent(node, cell))]
        for other, cell, step in heapq.merge(free, sorted(lent)) if lent else free:
            if search.open(cell, step):
                yield 0, other, cell, step
        shown, position = self._shown[node], self._next_shown(node, 0)
        while position < len(shown):
            cost, other, cell, step = shown[position]
            if cell not in search.moved and cell != search.around:
                yield cost, other, cell, step
            position = self._next_shown(node, position + 1)

    def _lent(self, node: int, cell: Cell) -> Arc | None:
        """The arc of a cell that this search hides but nobody has yet."""
        if cell in self.hidden:
            return None
        start, end = self._ends[cell]
        return (end, cell, 1) if node == start else (start, cell, -1) if node == end else None

    def direct(self, node: int, end: int, search: "_Search") -> tuple[int, Cell, int] | None:
        """(cost, cell, step) of the arc from one node to another, None where none is open."""
        cell = self._between.get((node, end))
        if cell is None:
            return None
        step = 1 if self._ends[cell][0] == node else -1
        if not search.open(cell, step):
            return None
        free = cell in self.hidden or cell in search.moved
        return (0 if free else loss(cell, self._values[cell])), cell, step

    def before(self, end: int, search: "_Search") -> dict[int, int]:
        """The cost of the last arc by the node it leaves, where the end has few; {} where it has many."""
        if len(self._shown[end]) > _FEW:
            return {}
        found = {arc[1]: self.direct(arc[1], end, search) for arc in self._shown[end]}
        return {node: arc[0] for node, arc in found.items() if arc}

    def left(self, cell: Cell, search: "_Search") -> int:
        """The count of a cell as this search has moved it."""
        return self._values[cell] + search.moved.get(cell, 0)


class _Search:
    """The units of one small count: what they have moved and so hidden."""

    def __init__(self, table: Detours, around: Cell) -> None:
        self.table, self.around = table, around
        self.moved: dict[Cell, int] = {}

    def open(self, cell: Cell, step: int) -> bool:
        """Whether a unit may still pass: never over the count itself, never below zero."""
        return cell != self.around and (cell not in self.moved or self.table.left(cell, self) + step >= 0)

    def path(self, start: int, end: int) -> list[Step]:
        """The cheapest path of one more unit. Raises KeyError where there is none."""
        table = self.table
        came: dict[int, tuple[int, Cell, int]] = {}
        seen = {start}
        cheapest: int | None = None
        ahead = table.before(end, self)
        least = min(ahead.values(), default=0)
        queue: list[tuple[int, int, int, int, int, Cell, int, Iterator[tuple[int, int, Cell, int]]]] = []

        def push(order: int, node: int, cost: int, arcs: Iterator[tuple[int, int, Cell, int]]) -> None:
            for more, other, cell, step in arcs:
                if other not in seen:
                    heapq.heappush(queue, (cost + more, other, order, cost, node, cell, step, arcs))
                    return

        node, cost = start, 0
        while True:
            last = table.direct(node, end, self)
            if last is not None and (cheapest is None or cost + last[0] < cheapest):
                cheapest, came[end] = cost + last[0], (node, *last[1:])
            if node in ahead:
                del ahead[node]
                # Nothing unseen leads to the end for less than this; without any left, nothing does at all.
                least = min(ahead.values(), default=cheapest or 0)
            push(len(seen), node, cost, table.arcs(node, self))
            while queue:
                cost, node, order, base, before, cell, step, arcs = heapq.heappop(queue)
                push(order, before, base, arcs)
                if node not in seen:
                    break
            else:
                break
            if cheapest is not None and cost + least >= cheapest:
                break
            seen.add(node)
            came[node] = (before, cell, step)
        found: list[Step] = []
        while end != start:
            end, cell, step = came[end]
            found.append((cell, step))
        return found
