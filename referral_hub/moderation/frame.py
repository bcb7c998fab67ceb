"""How much waits in the queue: suggestions are counted when asked, conflicts of sources now and then."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from referral_hub.database.transaction import connection
from referral_hub.moderation.conflict_queries import conflicts_of, institutions_spoken_of
from referral_hub.web.running import end

EVERY: Final = 600.0
"""Seconds. Conflicts come with imports; they are counted anew as well whenever the queue is looked at."""


class _Kept:
    """The last count of conflicts."""

    conflicts = 0


def note_conflicts(count: int) -> None:
    """The queue has just counted them."""
    _Kept.conflicts = count


async def count_waiting(*, conflicts: bool = False) -> int:
    """Suggestions that wait, and conflicts as they were last counted, or counted anew."""
    async with connection() as sql:
        suggestions = await sql.fetchval("select count(*) from suggestion where state in ('open', 'asked')")
        if conflicts:
            note_conflicts(len(await conflicts_of(sql, await institutions_spoken_of(sql))))
    return int(suggestions) + _Kept.conflicts


async def _again_and_again() -> None:
    while True:
        # The database may be away for a moment; the old number stays until it is back.
        with contextlib.suppress(OSError, RuntimeError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await count_waiting(conflicts=True)
        await asyncio.sleep(EVERY)


@asynccontextmanager
async def keep_count(app: Any) -> AsyncIterator[None]:
    """Count at start and every ten minutes."""
    task = asyncio.create_task(_again_and_again())
    try:
        yield
    finally:
        await end(task)
