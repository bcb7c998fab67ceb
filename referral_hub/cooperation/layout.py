"""The picture of flows as numbers: senders left, receivers right, a ribbon for every shown count.

Nothing here knows more than the published table: a hidden count is a thin dashed line whose width says
nothing, a node whose total is hidden has no figure, and kinds beyond the largest are gathered only from
what is shown.
"""

from typing import TypeVar

from msgspec import Struct

from referral_hub.cooperation.secrecy import TOTAL, Published

WIDTH = 1160
LEFT, RIGHT, NODE = 370, 762, 14
TOP, GAP = 16, 10
LEAST, ROOM = 20, 420
"""The least height of a node, so that labels never touch, and the height shared out among the counts."""
HIDDEN_WIDTH = 2
OTHERS = "\x00others"

Key = TypeVar("Key")


class Ribbon(Struct, frozen=True):
    """One flow: an SVG path, to fill when `count` is known, to stroke thinly when it is hidden."""

    sender: str
    receiver: str
    count: int | None
    path: str
    shade: int


class Node(Struct, frozen=True):
    """One kind on one side: a bar, and where its label stands. `total` is None where it is hidden."""

    kind: str
    side: str
    total: int | None
    x: float
    y: float
    height: float
    label_x: float
    label_y: float
    anchor: str
    shade: int


class Picture(Struct, frozen=True):
    """Everything a template needs; units are those of the viewBox `0 0 width height`."""

    width: int
    height: int
    node_width: int
    nodes: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]


class _Side(Struct):
    kinds: list[str]
    heights: dict[str, float]
    tops: dict[str, float]
    filled: dict[str, float]


def draw(table: Published, keep: int = 9) -> Picture:
    """Lay out the flows of a table; kinds beyond the `keep` largest of a side become one, named OTHERS."""
    flows, totals = _gathered(table, keep)
    senders = list(dict.fromkeys(pair[0] for pair in flows))
    receivers = sorted(
        dict.fromkeys(pair[1] for pair in flows),
        key=lambda kind: (kind == OTHERS, _rank(table.receivers, kind)),
    )
    known = sum(count for count in flows.values() if count)
    scale = ROOM / known if known else 0.0
    left = _stack(senders, {kind: _ask(flows, 0, kind, scale) for kind in senders})
    right = _stack(receivers, {kind: _ask(flows, 1, kind, scale) for kind in receivers})
    shades = {kind: number % 9 + 1 for number, kind in enumerate(senders)}
    ribbons = [
        _ribbon(sender, receiver, flows[sender, receiver], left, right, scale, shades[sender])
        for sender in senders
        for receiver in receivers
        if (sender, receiver) in flows
    ]
    nodes = [_node(kind, "from", left, totals[0], shades[kind]) for kind in senders]
    nodes += [_node(kind, "to", right, totals[1], shades.get(kind, 0)) for kind in receivers]
    height = max((node.y + node.height for node in nodes), default=0.0) + TOP
    return Picture(WIDTH, round(height), NODE, tuple(nodes), tuple(ribbons))


def _rank(kinds: tuple[str, ...], kind: str) -> int:
    return kinds.index(kind) if kind in kinds else len(kinds)


def _gathered(
    table: Published, keep: int
) -> tuple[dict[tuple[str, str], int | None], tuple[dict[str, int | None], dict[str, int | None]]]:
    """Flows and node totals, small kinds gathered; a sum with a hidden part is hidden."""
    left = {kind: kind if number < keep else OTHERS for number, kind in enumerate(table.senders)}
    right = {kind: kind if number < keep else OTHERS for number, kind in enumerate(table.receivers)}
    flows: dict[tuple[str, str], int | None] = {}
    for sender in table.senders:
        for receiver in table.receivers:
            count = table.cell(sender, receiver)
            if count != 0:
                _add(flows, (left[sender], right[receiver]), count)
    sent: dict[str, int | None] = {}
    received: dict[str, int | None] = {}
    for sender in table.senders:
        _add(sent, left[sender], table.cell(sender, TOTAL))
    for receiver in table.receivers:
        _add(received, right[receiver], table.cell(TOTAL, receiver))
    return flows, (sent, received)


def _add(sums: dict[Key, int | None], key: Key, count: int | None) -> None:
    before = sums.get(key, 0)
    sums[key] = None if before is None or count is None else before + count


def _ask(flows: dict[tuple[str, str], int | None], side: int, kind: str, scale: float) -> float:
    """The height the ribbons of one node need."""
    return sum(_width(count, scale) for pair, count in flows.items() if pair[side] == kind)


def _width(count: int | None, scale: float) -> float:
    return HIDDEN_WIDTH * 2.0 if count is None else max(1.0, count * scale)


def _stack(kinds: list[str], heights: dict[str, float]) -> _Side:
    tops: dict[str, float] = {}
    filled: dict[str, float] = {}
    y = float(TOP)
    for kind in kinds:
        tops[kind] = y
        room = max(LEAST, heights[kind])
        filled[kind] = y + (room - heights[kind]) / 2
        heights[kind] = room
        y += room + GAP
    return _Side(kinds, heights, tops, filled)


def _ribbon(
    sender: str, receiver: str, count: int | None, left: _Side, right: _Side, scale: float, shade: int
) -> Ribbon:
    width = _width(count, scale)
    y1, y2 = left.filled[sender], right.filled[receiver]
    left.filled[sender] += width
    right.filled[receiver] += width
    x1, x2, middle = LEFT + NODE, RIGHT, (LEFT + NODE + RIGHT) / 2
    if count is None:
        a, b = y1 + width / 2, y2 + width / 2
        path = f"M{x1},{a:.1f}C{middle:.0f},{a:.1f} {middle:.0f},{b:.1f} {x2},{b:.1f}"
    else:
        path = (
            f"M{x1},{y1:.1f}C{middle:.0f},{y1:.1f} {middle:.0f},{y2:.1f} {x2},{y2:.1f}"
            f"V{y2 + width:.1f}"
            f"C{middle:.0f},{y2 + width:.1f} {middle:.0f},{y1 + width:.1f} {x1},{y1 + width:.1f}Z"
        )
    return Ribbon(sender, receiver, count, path, shade)


def _node(kind: str, side: str, stack: _Side, totals: dict[str, int | None], shade: int) -> Node:
    y, height = stack.tops[kind], stack.heights[kind]
    is_left = side == "from"
    return Node(
        kind=kind,
        side=side,
        total=totals.get(kind),
        x=LEFT if is_left else RIGHT,
        y=round(y, 1),
        height=round(height, 1),
        label_x=LEFT - 10 if is_left else RIGHT + NODE + 10,
        label_y=round(y + height / 2 + 5, 1),
        anchor="end" if is_left else "start",
        shade=shade,
    )
