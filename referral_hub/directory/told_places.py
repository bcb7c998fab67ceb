"""What rooms above the directory do when a number of free places is told, without the directory knowing them.

`app.py` and `worker.py` hang up the works; each is called in the transaction of the telling, after the counter.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import asyncpg

Work = Callable[[asyncpg.Connection, UUID], Awaitable[None]]
"""(the transaction of the telling, offer) → done."""

_works: list[Work] = []


def follow_places(works: Sequence[Work]) -> None:
    """Call these after each telling, in this order; following twice changes nothing."""
    _works.extend(work for work in works if work not in _works)


async def places_were_told(sql: asyncpg.Connection, offer: UUID) -> None:
    """Let everybody who follows do their part."""
    for work in _works:
        await work(sql, offer)
