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

from collections.abc import Sequence

from msgspec import Struct

from referral_hub.cooperation.detours import TOTAL, Cell, Detours, ends
from referral_hub.cooperation.network import Matrix

__all__ = ["SMALL", "TOTAL", "Published", "in_full", "only", "published", "with_totals"]

SMALL = 5


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


def published(
    matrix: Matrix, wider: Sequence[Matrix] = (), *, others: tuple[Matrix, Sequence[Matrix]] | None = None
) -> Published:
    """The matrix with small counts hidden, and as much more as keeps them hidden.

    `wider` are published tables that contain this one: all forms of the period, the year around a quarter. `others` are
    the same tables without what the reader's own institution sent or received: whoever knows its own share takes it
    away, and what is left must not be small either. Hiding more narrows nothing, so both are hidden together.
    """
    values = with_totals(matrix)
    hidden = _hidden(values, [with_totals(one) for one in wider])
    if others is not None:
        rest, around = others
        hidden |= _hidden(with_totals(rest), [with_totals(one) for one in around])
    shown = {cell: None if cell in hidden else value for cell, value in values.items()}
    rows, columns = _sizes(shown)
    return Published(_by_size(matrix.senders, rows), _by_size(matrix.receivers, columns), shown)


def _hidden(values: dict[Cell, int], wider: Sequence[dict[Cell, int]]) -> set[Cell]:
    """The small cells of a table and what must be hidden beside them."""
    needs = _needs(values, wider)
    table = Detours(values, needs)
    for cell, (up, down) in sorted(needs.items(), key=lambda need: (sum(need[1]), need[0])):
        start, end = ends(cell)
        table.hide(table.cells((end, start), up, cell))
        table.hide(table.cells((start, end), down, cell))
    return set(table.hidden)


def _sizes(shown: dict[Cell, int | None]) -> tuple[dict[str, int], dict[str, int]]:
    """What is shown of each row and each column: its total, or where that is hidden the sum of its shown cells.

    An order by hidden totals would say which is larger.
    """
    sums: tuple[dict[str, int], dict[str, int]] = ({}, {})
    totals: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for cell, count in shown.items():
        for side, kind in enumerate(cell):
            if cell[1 - side] != TOTAL:
                sums[side][kind] = sums[side].get(kind, 0) + (count or 0)
            elif count is not None:
                totals[side][kind] = count
    return sums[0] | totals[0], sums[1] | totals[1]


def _by_size(kinds: tuple[str, ...], sizes: dict[str, int]) -> tuple[str, ...]:
    return tuple(sorted(kinds, key=lambda kind: (-sizes[kind], kind)))


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
