"""The one engine: Piccolo's queries and our own SQL share an asyncpg pool."""

import asyncio
import contextvars
import os
from types import TracebackType
from typing import Any

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

os.environ.setdefault("PICCOLO_CONF", "referral_hub.database.conf")


_opening: contextvars.ContextVar[str] = contextvars.ContextVar("hub_opening", default="")


class HubTransaction(PostgresTransaction):
    """A transaction whose first words (settings local to it) travel to the server together with its BEGIN.

    Whoever is cancelled while it begins or ends gives the connection back: Piccolo's keeps it for good then, until no
    connection is left and nobody can close the pool.
    """

    def __init__(self, engine: "HubEngine", allow_nested: bool = True, opening: str = "") -> None:
        super().__init__(engine, allow_nested)
        self.opening = opening

    async def begin(self) -> None:
        token = _opening.set(self.opening)
        try:
            await super().begin()  # type: ignore[no-untyped-call]  # Piccolo has no types here
        finally:
            _opening.reset(token)

    async def __aenter__(self) -> PostgresTransaction:
        if self._parent is not None:
            return self._parent
        self.connection = await self.get_connection()  # type: ignore[no-untyped-call]  # Piccolo has no types here
        try:
            self.transaction = self.connection.transaction()
            await self.begin()
        except BaseException:
            await self._give_back(broken=True)
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if self._parent is not None:
            return error is None
        ended = False
        try:
            if not self._rolled_back and not self._committed:
                # Piccolo has no types here.
                await (self.commit() if error is None else self.rollback())  # type: ignore[no-untyped-call]
            ended = True
        finally:
            self.engine.current_transaction.reset(self.context)
            await self._give_back(broken=not ended)
        return error is None

    async def _give_back(self, *, broken: bool) -> None:
        """Nobody knows in what state a connection is whose BEGIN or COMMIT did not come back: it is not used again."""
        if broken:
            self.connection.terminate()
        if self.engine.pool:
            await self.engine.pool.release(self.connection)
        elif not broken:
            await self.connection.close()


class HubEngine(PostgresEngine):
    """Piccolo's engine without its habit of connecting as soon as it is made: settings load with no server."""

    async def check_version(self) -> None:
        """The version is checked where we migrate."""

    async def prep_database(self) -> None:
        """No extensions are wanted."""

    def transaction(self, allow_nested: bool = True, *, opening: str = "") -> HubTransaction:
        """As Piccolo's; `opening` is SQL of ours that goes along with the BEGIN."""
        return HubTransaction(self, allow_nested, opening)


ENGINE = HubEngine(config={}, extensions=())
_PATIENCE = 10.0
"""Seconds that closing the pool waits for those who hold a connection."""


class HubConnection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that is not reset between uses: we only ever set things locally to a transaction."""

    def get_reset_query(self) -> str:
        return ""

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:  # noqa: ASYNC109 -- asyncpg's own parameter
        """As asyncpg's; a BEGIN takes along what its transaction says first: a journey of its own costs as much."""
        if query == "BEGIN;" and (opening := _opening.get()):
            query += opening
        return str(await super().execute(query, *args, timeout=timeout))


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
    """Close the pool if it is open; whoever still holds a connection after a while loses it."""
    pool = ENGINE.pool
    if pool is None:
        return
    try:
        await asyncio.wait_for(ENGINE.close_connection_pool(), _PATIENCE)
    except TimeoutError:
        pool.terminate()
        ENGINE.pool = None
