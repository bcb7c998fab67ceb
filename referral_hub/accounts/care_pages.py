"""„Opieka nad katalogiem”: everything that waits for the coordinator, on one page, and its sum in the menu."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
from litestar import Request, Response, get

from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.accounts.care import HERE, cares_of, waiting_in_all
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.web.navigation import waiting
from referral_hub.web.page import page
from referral_hub.web.running import end

EVERY: Final = 30.0


@get(HERE, opt=needs(Permission.DIRECTORY_MODERATE), include_in_schema=False)
async def care(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Each list with its number; those where something waits first."""
    cares = await cares_of(actor_of(request))
    waiting[HERE] = sum(count or 0 for _, count in cares)
    return page(
        request,
        "care/show.html",
        waiting=[(one, count) for one, count in cares if count],
        rest=[one for one, count in cares if not count],
    )


async def _again_and_again() -> None:
    while True:
        # The database may be away for a moment; the old number stays until it is back.
        with contextlib.suppress(OSError, RuntimeError, asyncpg.PostgresError, asyncpg.InterfaceError):
            waiting[HERE] = await waiting_in_all(SYSTEM_ACTOR)
        await asyncio.sleep(EVERY)


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Count at start and every half a minute."""
    task = asyncio.create_task(_again_and_again())
    try:
        yield
    finally:
        await end(task)


routes = [care]
