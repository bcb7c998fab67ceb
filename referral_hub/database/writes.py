"""Writes as values: what a change leaves behind is gathered first and sent to the server in one statement.

A round trip for each line of history, audit and mail costs more than the lines; gathered, they are data-modifying
parts of one `with`, which PostgreSQL runs together, under the same row-level security and checks.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import asyncpg
from msgspec import Struct

_PLACE = re.compile(r"\$(\d+)")


class Write(Struct, frozen=True):
    """One insert, update or delete with its values $1 … $n.

    `name` lets the rest of the batch read its `returning` rows, and must then be unique in it; `gives` is the column
    of those rows that the batch answers under that name. `notify` is a channel and payload for after the commit.
    """

    text: str
    values: tuple[object, ...]
    name: str = ""
    gives: str = ""
    notify: tuple[str, str] | None = None


@lru_cache(maxsize=512)
def _composed(parts: tuple[tuple[str, int, str, str, bool], ...]) -> str:
    """The one statement: parts are (text, number of values, name, gives, notifies)."""
    clauses, answers, notices, offset = [], [], [], 0
    for number, (text, count, name, gives, notifies) in enumerate(parts):
        moved = _PLACE.sub(lambda found, by=offset: f"${int(found[1]) + by}", text)  # type: ignore[misc]
        clauses.append(f"{name or f'w{number}'} as ({moved})")
        offset += count
        if gives:
            answers.append(f"(select {gives} from {name} limit 1) as {name}")  # noqa: S608 -- our names
        if notifies:
            notices.append(f"pg_notify(${offset + 1}, ${offset + 2}) as n{number}")
            offset += 2
    return f"with {', '.join(clauses)} select {', '.join([*answers, *notices]) or '1'}"


async def write_all(sql: asyncpg.Connection, writes: Sequence[Write]) -> asyncpg.Record:
    """Do all of them; the record has a column for each write that `gives` something (None where it made no row)."""
    values: list[object] = []
    for write in writes:
        values += write.values
        values += write.notify or ()
    parts = tuple(
        (write.text, len(write.values), write.name, write.gives, write.notify is not None) for write in writes
    )
    return await sql.fetchrow(_composed(parts), *values)
