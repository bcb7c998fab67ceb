"""End what a room keeps running beside its pages."""

import asyncio
from contextlib import suppress
from typing import Any


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks until each has ended.

    Once is not enough: until Python 3.12 `asyncio.wait_for`, and with it a database call, may lose a cancellation that
    comes at the moment its result does, and a task that goes round for ever would keep the process from stopping.
    """
    for task in tasks:
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=1)
        with suppress(asyncio.CancelledError, Exception):
            task.result()
