"""Counts under five are hidden outside the club, and the totals beside them must not give them away.

A table with totals is a circulation: cell (i, j) is an arc from row i to column j, a row total leads back
from the totals column to its row, a column total from its column to the totals row, the grand total from
the totals row to the totals column; every sum of the table is flow kept at a node. Whoever reads the
published table knows the flow of the shown arcs, and that no flow is negative. A hidden arc may then be
larger by d exactly when d units can travel from its end back to its start over hidden arcs: up an arc
freely, down an arc by at most its value.

So for each small count we look for the cheapest such detours in both directions and hide what lies on them,
until the published figures leave every small count anywhere between 0 and 5. Hiding more never narrows what
is possible, so one pass is enough; with every count of its row and column hidden there is always a detour,
so it ends. Zeros stay shown. (Cox 1980; Gusfield 1988; Fischetti and Salazar 1999.)

The same figures are also seen filtered: whoever holds the table of all forms and the table of one form may
subtract. A cell whose difference to a wider published table is a small count is therefore protected like
one.
"""

import heapq
from collections.abc import Callable, Sequence

from msgspec import Struct

from referral_hub.cooperation.network import Matrix

SMALL = 5
TOTAL = ""
"""The key of the totals row and of the totals column."""

Node = tuple[bool, str]
Cell = tuple[str, str]
Arcs = dict[Node, list[tuple[Node, Cell, int]]]


class Published(Struct, frozen=True):
    """A matrix as it may leave the club: None stands for a hidden count. Totals have the key TOTAL ("")."""

    senders: tuple[str, ...]
    receivers: tuple[str, ...]
    shown: dict[tuple[str, str], int | None]

    def cell(self, sender: str, receiver: str) -> int | None:
        """A count, or a total where one key is TOTAL; 0 where there is nothing; None where it is hidden."""
        return self.shown.get((sender, receiver), 0)

    @property
    def hides(self) -> bool:
        """Whether anything is hidden."""
        return None in self.shown.values()


def with_totals(matrix: Matrix) -> dict[tuple[str, str], int]:
    """Every count and every total, the totals under the key TOTAL."""
    values = dict(matrix.cells)
    values.update({(sender, TOTAL): matrix.sent_by(sender) for sender in matrix.senders})
    values.update({(TOTAL, receiver): matrix.received_by(receiver) for receiver in matrix.receivers})
    values[TOTAL, TOTAL] = matrix.total
    return values


def only(table: Published, *, sender: str = "", receiver: str = "") -> Published:
    """What a published table says of one sending or one receiving kind: nothing but its own cells, cut out."""
    senders = tuple(kind for kind in table.senders if sender in {"", kind})
    receivers = tuple(kind for kind in table.receivers if receiver in {"", kind})
    if (senders, receivers) == (table.senders, table.receivers):
        return table
    shown = {(a, b): table.cell(a, b) for a in senders for b in receivers}
    shown |= {(a, TOTAL): table.cell(a, receiver or TOTAL) for a in senders}
    shown |= {(TOTAL, b): table.cell(sender or TOTAL, b) for b in receivers}
    shown[TOTAL, TOTAL] = table.cell(sender or TOTAL, receiver or TOTAL)
    return Published(senders, receivers, shown)


def in_full(matrix: Matrix) -> Published:
    """All counts, for eyes inside the club."""
    return Published(matrix.senders, matrix.receivers, dict(with_totals(matrix)))


def published(matrix: Matrix, wider: Sequence[Matrix] = ()) -> Published:
    """The matrix with small counts hidden, and as much more as keeps them hidden.

    `wider` are published tables that contain this one: all forms of the period, the year around a quarter.
    """
    values = with_totals(matrix)
    needs = _needs(values, [with_totals(one) for one in wider])
    hidden = set(needs)
    arcs = _arcs(values)
    for cell, (up, down) in sorted(needs.items(), key=lambda need: (sum(need[1]), need[0])):
        start, end = _ends(cell)
        hidden |= _detours(arcs, values, hidden, (end, start), up, cell)
        hidden |= _detours(arcs, values, hidden, (start, end), down, cell)
    shown = {cell: None if cell in hidden else value for cell, value in values.items()}
    senders = _by_shown(matrix.senders, lambda kind: shown[kind, TOTAL], lambda kind: _row(shown, kind, 0))
    receivers = _by_shown(matrix.receivers, lambda kind: shown[TOTAL, kind], lambda kind: _row(shown, kind, 1))
    return Published(senders, receivers, shown)


def _by_shown(
    kinds: tuple[str, ...], total: Callable[[str], int | None], cells: Callable[[str], int]
) -> tuple[str, ...]:
    """The kinds by what is shown of them: an order by hidden totals would say which is larger."""

    def size(kind: str) -> int:
        known = total(kind)
        return cells(kind) if known is None else known

    return tuple(sorted(kinds, key=lambda kind: (-size(kind), kind)))


def _row(shown: dict[Cell, int | None], kind: str, side: int) -> int:
    """The sum of the shown cells of one row (`side` 0) or column (1)."""
    return sum(count or 0 for cell, count in shown.items() if cell[side] == kind and TOTAL not in cell)


def _needs(
    values: dict[tuple[str, str], int], wider: Sequence[dict[tuple[str, str], int]]
) -> dict[tuple[str, str], tuple[int, int]]:
    """For each cell to protect: by how much it must be possible to be more, and less."""
    needs: dict[tuple[str, str], tuple[int, int]] = {}
    for cell, value in values.items():
        up, down = (SMALL - value, value) if 0 < value < SMALL else (0, 0)
        for other in wider:
            rest = other[cell] - value
            if value and 0 < rest < SMALL:
                up, down = max(up, rest), max(down, min(value, SMALL - rest))
        if up or down:
            needs[cell] = (up, down)
    return needs


def _ends(cell: Cell) -> tuple[Node, Node]:
    """Start and end of a cell's arc: (True, row) and (False, column) are nodes; totals run backwards."""
    row, column = (True, cell[0]), (False, cell[1])
    backwards = (cell[0] == TOTAL) != (cell[1] == TOTAL)
    return (column, row) if backwards else (row, column)


def _arcs(values: dict[Cell, int]) -> Arcs:
    """From each node: to where, over which cell, and by how much one unit that way changes the cell."""
    arcs: Arcs = {}
    for cell, value in values.items():
        if value:
            start, end = _ends(cell)
            arcs.setdefault(start, []).append((end, cell, 1))
            arcs.setdefault(end, []).append((start, cell, -1))
    return arcs


def _detours(
    arcs: Arcs, values: dict[Cell, int], hidden: set[Cell], way: tuple[Node, Node], amount: int, around: Cell
) -> set[Cell]:
    """The cells to hide so that `amount` units can travel the `way` without `around`."""
    moved, used = dict(values), set(hidden)
    for _ in range(amount):
        for cell, step in _cheapest(arcs, values, moved, used, way, around):
            moved[cell] += step
            used.add(cell)
    return used


def _cheapest(
    arcs: Arcs,
    values: dict[Cell, int],
    moved: dict[Cell, int],
    hidden: set[Cell],
    way: tuple[Node, Node],
    around: Cell,
) -> list[tuple[Cell, int]]:
    """The path of one unit that hides least (Dijkstra; hidden cells cost nothing)."""
    start, end = way
    best: dict[Node, int] = {start: 0}
    came: dict[Node, tuple[Node, Cell, int]] = {}
    queue: list[tuple[int, Node]] = [(0, start)]
    while queue:
        cost, node = heapq.heappop(queue)
        if node == end:
            break
        if cost > best[node]:
            continue
        for following, cell, step in arcs.get(node, ()):
            if cell == around or moved[cell] + step < 0:
                continue
            further = cost + (0 if cell in hidden else _loss(cell, values[cell]))
            if further < best.get(following, further + 1):
                best[following], came[following] = further, (node, cell, step)
                heapq.heappush(queue, (further, following))
    path: list[tuple[Cell, int]] = []
    while end != start:
        end, cell, step = came[end]
        path.append((cell, step))
    return path


def _loss(cell: Cell, value: int) -> int:
    """What hiding a cell costs the reader: its count and one more; a total costs ten times that."""
    return (1 + value) * (10 if TOTAL in cell else 1)
