"""The one engine: Piccolo's queries and our own SQL share an asyncpg pool."""

import os
from typing import Any

import asyncpg
from piccolo.engine.postgres import PostgresEngine

os.environ.setdefault("PICCOLO_CONF", "referral_hub.database.conf")


class HubEngine(PostgresEngine):
    """Piccolo's engine without its habit of connecting as soon as it is made: settings load with no server."""

    async def check_version(self) -> None:
        """The version is checked where we migrate."""

    async def prep_database(self) -> None:
        """No extensions are wanted."""


ENGINE = HubEngine(config={}, extensions=())


class HubConnection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that is not reset between uses: we only ever set things locally to a transaction."""

    def get_reset_query(self) -> str:
        return ""


def connect_options(url: str) -> dict[str, Any]:
    """asyncpg's options for a DSN: plans fit their parameters, no JIT for short queries."""
    return {
        "dsn": url,
        "server_settings": {
            "plan_cache_mode": "force_custom_plan",
            "jit": "off",
            "application_name": "referral-hub",
        },
    }


async def open_pool(url: str, *, smallest: int = 1, largest: int = 8) -> None:
    """Open the pool on the app's DSN; a second call for the same URL does nothing."""
    if ENGINE.pool is not None:
        return
    ENGINE.config = connect_options(url)
    await ENGINE.start_connection_pool(
        min_size=smallest,
        max_size=largest,
        connection_class=HubConnection,
        max_inactive_connection_lifetime=0,
    )


async def close_pool() -> None:
    """Close the pool if it is open."""
    if ENGINE.pool is not None:
        await ENGINE.close_connection_pool()
