"""Whoever is cancelled in the middle of a transaction leaves no connection behind."""

import asyncio

import pytest

from referral_hub.database.pool import ENGINE
from referral_hub.database.transaction import SYSTEM, in_transaction, transaction

pytestmark = pytest.mark.anyio


async def _work() -> None:
    async with transaction(SYSTEM) as sql:
        await sql.fetchval("select 1")


async def test_a_transaction_cancelled_at_any_moment_gives_its_connection_back(pool: None) -> None:
    assert ENGINE.pool is not None
    stopped = 0
    for turns in range(60):
        task = asyncio.create_task(_work())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        stopped += task.cancelled()
    assert stopped > 5
    assert not in_transaction()
    held = [await asyncio.wait_for(ENGINE.pool.acquire(), 5) for _ in range(ENGINE.pool.get_max_size())]
    for connection in held:
        await ENGINE.pool.release(connection)
