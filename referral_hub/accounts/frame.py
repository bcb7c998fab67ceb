"""Whose hub this is, read from the club's own entry and shown around every page."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from referral_hub.database.transaction import connection
from referral_hub.institutions.phones import pretty
from referral_hub.web.page import network
from referral_hub.web.running import end

EVERY: Final = 60.0

_CLUBS: Final = "select id, name from institution where club and status = 'published' order by made_at, id limit 2"
_CONTACTS: Final = """select kind, value from contact where institution = $1 and visibility = 'public'
 and kind in ('phone', 'mobile', 'email') order by belongs_to is not null, position, id"""


async def fill_frame() -> None:
    """Name and contact of the one club; a network of several clubs keeps the general name, with the first's contact."""
    async with connection() as sql:
        clubs = await sql.fetch(_CLUBS)
        contacts = await sql.fetch(_CONTACTS, clubs[0]["id"]) if clubs else []
    network.name = clubs[0]["name"] if len(clubs) == 1 else ""
    network.page = f"/institutions/{clubs[0]['id']}" if clubs else ""
    network.phone = pretty(next((row["value"] for row in contacts if row["kind"] in ("phone", "mobile")), ""))
    network.email = next((row["value"] for row in contacts if row["kind"] == "email"), "")


@asynccontextmanager
async def keep_frame(app: Any) -> AsyncIterator[None]:
    """Fill it at start and again each minute, since the entry may be edited in another process."""
    await fill_frame()
    task = asyncio.create_task(_again_and_again())
    try:
        yield
    finally:
        await end(task)


async def _again_and_again() -> None:
    while True:
        await asyncio.sleep(EVERY)
        # The database may be away for a moment; the old name stays until it is back.
        with contextlib.suppress(Exception):
            await fill_frame()
