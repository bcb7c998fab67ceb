"""What runs beside the pages ends, also where a cancellation gets lost."""

import asyncio
from contextlib import suppress

import pytest

from referral_hub.web.running import end

pytestmark = pytest.mark.anyio


async def test_a_task_that_loses_its_first_cancellation_ends_all_the_same() -> None:
    lost = 0

    async def goes_round() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                lost += 1
                if lost > 1:
                    raise

    task = asyncio.create_task(goes_round())
    await asyncio.sleep(0)
    await asyncio.wait_for(end(task), 10)
    assert task.done()
    assert lost == 2


async def test_what_failed_before_keeps_nothing_from_ending() -> None:
    async def fails() -> None:
        raise OSError

    task = asyncio.create_task(fails())
    with suppress(OSError):
        await asyncio.wait([task])
    await end(task)
    assert task.done()
