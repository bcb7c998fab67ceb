"""The history of an entry, field by field: who, when, why, what it was before, and what it was on a day. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

_TOKENS = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_TOKENS = 3000
"""A comparison word by word takes the square of it; longer texts are compared line by line."""


_AT_ONCE = timedelta(seconds=2)
"""One form writes its offer, contacts and hours one after the other."""


class Line(Struct, frozen=True):
    """One field at one moment. `kind`: offer, site, institution or contact; `source` whose word it is."""

    id: UUID
    kind: str
    field: str
    before: Any
    value: Any
    source: str
    why: str
    account: UUID | None
    at: datetime


class Change(Struct, frozen=True):
    """What was changed at once by one hand: the lines stand in the order they were written."""

    at: datetime
    account: UUID | None
    source: str
    why: str
    lines: list[Line]


class Piece(Struct, frozen=True):
    """A stretch of text: the same, gone, or new."""

    kind: Literal["same", "gone", "new"]
    text: str


def changes(lines: Iterable[Line]) -> list[Change]:
    """Lines put together by moment and hand, the newest change first; `at` is when the change was whole."""
    found: list[Change] = []
    for line in sorted(lines, key=lambda one: (one.at, one.id)):
        last = found[-1] if found else None
        one_hand = last and (last.account, last.source) == (line.account, line.source)
        if last and one_hand and line.at - last.lines[-1].at <= _AT_ONCE:
            found[-1] = Change(line.at, last.account, last.source, last.why or line.why, [*last.lines, line])
        else:
            found.append(Change(line.at, line.account, line.source, line.why, [line]))
    return found[::-1]


def as_of(lines: Iterable[Line], moment: datetime) -> dict[tuple[str, str], Any]:
    """(kind, field) → the value it had right after `moment`, for every field that ever changed."""
    values: dict[tuple[str, str], Any] = {}
    for line in sorted(lines, key=lambda one: (one.at, one.id)):
        key = (line.kind, line.field)
        if line.at <= moment:
            values[key] = line.value
        else:
            values.setdefault(key, line.before)
    return values


def word_diff(before: str, after: str) -> list[Piece]:
    """The two texts as one, word by word: what stayed, what is gone, what is new."""
    old, new = _tokens(before), _tokens(after)
    if len(old) + len(new) > _MOST_TOKENS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(old) + len(new) > _MOST_TOKENS:
        old, new = [before], [after]
    found: list[Piece] = []
    for act, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if act == "equal":
            found.append(Piece("same", "".join(old[a:b])))
            continue
        found += [Piece("gone", "".join(old[a:b]))] if b > a else []
        found += [Piece("new", "".join(new[c:d]))] if d > c else []
    return _together(found)


def _together(pieces: Sequence[Piece]) -> list[Piece]:
    """A blank between two changes joins them: „jeden dwa” → „trzy cztery” is one change, not two and a blank."""
    gone, new, found = "", "", list[Piece]()

    def flush() -> None:
        nonlocal gone, new
        found.extend(piece for piece in (Piece("gone", gone), Piece("new", new)) if piece.text)
        gone = new = ""

    for number, piece in enumerate(pieces):
        blank = piece.kind == "same" and piece.text.isspace()
        if piece.kind == "gone":
            gone += piece.text
        elif piece.kind == "new":
            new += piece.text
        elif blank and gone and new and number + 1 < len(pieces):
            gone, new = gone + piece.text, new + piece.text
        else:
            flush()
            found.append(piece)
    flush()
    return found


def _tokens(text: str) -> list[str]:
    return _TOKENS.findall(text)
