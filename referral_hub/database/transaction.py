"""One transaction per change, told who acts: row-level security reads what is set here."""

import asyncio
import contextvars
import functools
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub.database.pool import ENGINE

P = ParamSpec("P")
T = TypeVar("T")


class Scope(Struct, frozen=True):
    """Who acts, as the database sees it. `kind`: public, account, guest, participant or system."""

    kind: str = "public"
    account: UUID | None = None
    institution: UUID | None = None
    role: str = ""
    task: UUID | None = None
    participant: UUID | None = None


PUBLIC = Scope()
SYSTEM = Scope(kind="system", role="system")

_SETTINGS = (
    *(f"hub.{name}" for name in ("kind", "account", "institution", "role", "task", "participant")),
    *("hub.keeps", "hub.answers", "hub.oversees", "plan_cache_mode"),
)
_SET = "select " + ", ".join(f"set_config('{name}', ${place}, true)" for place, name in enumerate(_SETTINGS, 1))
_PLANS = {False: "force_custom_plan", True: "force_generic_plan"}

_scope: contextvars.ContextVar[tuple[Scope, bool]] = contextvars.ContextVar("hub_scope", default=(PUBLIC, False))


def _arguments(scope: Scope, by_key: bool) -> tuple[str, ...]:
    """What row-level security reads, worked out here once and not for each row (the newest `rules` migration).

    Of a task or a person only the holder of its link is told.
    """

    def text(value: UUID | None, told: bool = True) -> str:
        return str(value) if told and value is not None else ""

    account = scope.kind == "account"
    overseeing = account and scope.role in ("coordinator", "dpo")
    return (
        *(scope.kind, text(scope.account), text(scope.institution), scope.role),
        text(scope.task, scope.kind == "guest"),
        text(scope.participant, scope.kind == "participant"),
        text(scope.institution, account and scope.role == "caseworker"),
        text(scope.institution, account and scope.role in ("caseworker", "partner_intake")),
        "yes" if scope.kind == "system" or overseeing else "",
        _PLANS[by_key],
    )


def _opening(scope: Scope, by_key: bool) -> str:
    """The same settings with their values in them, to go along with a BEGIN, which takes no parameters."""
    named = zip(_SETTINGS, _arguments(scope, by_key), strict=True)
    said = ", ".join("set_config('{}', '{}', true)".format(name, value.replace("'", "''")) for name, value in named)
    return f"select {said}"


_afterwards: contextvars.ContextVar[list[Callable[[], None]] | None] = contextvars.ContextVar(
    "hub_afterwards", default=None
)


def after_commit(work: Callable[[], None]) -> bool:
    """Call `work` once the outermost transaction has committed; False where no transaction of ours is outermost.

    For hints only: a process that dies in between never makes the call.
    """
    waiting = _afterwards.get()
    if waiting is None:
        return False
    waiting.append(work)
    return True


def in_transaction() -> bool:
    """True inside `transaction(…)`: effects (audit, jobs, mail) may only be written there."""
    return ENGINE.current_transaction.get() is not None


@asynccontextmanager
async def transaction(scope: Scope = PUBLIC, *, by_key: bool = False) -> AsyncIterator[asyncpg.Connection]:
    """Open a transaction as `scope`; inside another one, a savepoint that takes the scope for its time.

    `by_key` says that rows are found by their keys only: plans are then made once a connection and kept, since
    planning a question under row-level security costs many times its answer (13 ms to 2 ms for a referral).

    Piccolo queries awaited inside join it. An exception rolls everything inside back and goes on.
    """
    outer = ENGINE.current_transaction.get()
    if outer is not None:
        before = _scope.get()
        by_key = by_key or before[1]
        if (scope, by_key) == before:
            # The settings stand already: an audit line in its change costs two journeys, not four.
            async with outer.connection.transaction():
                yield outer.connection
            return
        async with outer.connection.transaction():
            await outer.connection.execute(_SET, *_arguments(scope, by_key))
            token = _scope.set((scope, by_key))
            try:
                yield outer.connection
            finally:
                _scope.reset(token)
            # Left by an exception, the savepoint's rollback restores the settings by itself.
            await outer.connection.execute(_SET, *_arguments(*before))
        return
    waiting: list[Callable[[], None]] = []
    async with ENGINE.transaction(opening=_opening(scope, by_key)) as opened:
        token, afterwards = _scope.set((scope, by_key)), _afterwards.set(waiting)
        try:
            yield opened.connection
        finally:
            _scope.reset(token)
            _afterwards.reset(afterwards)
    for work in waiting:
        work()


@asynccontextmanager
async def connection() -> AsyncIterator[asyncpg.Connection]:
    """A connection for reading what anyone may read (directory, sessions): no scope, no transaction of its own."""
    current = ENGINE.current_transaction.get()
    if current is not None:
        yield current.connection
        return
    if ENGINE.pool is None:
        raise RuntimeError("the pool is not open")
    async with ENGINE.pool.acquire() as opened:
        yield opened


# The last: somebody did the same a moment earlier; the action done again finds it there and says so in its own words.
RETRIED = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError)
retries: Counter[str] = Counter()
"""How often this process has repeated an action, by the error that asked for it."""


def retrying(work: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Run a whole action again when the database asks for it (40001, 40P01, 23505), at most five times.

    Inside an outer transaction nothing is retried: the outermost action is the one to repeat.
    """

    @functools.wraps(work)
    async def again(*args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(4):
            try:
                return await work(*args, **kwargs)
            except RETRIED as error:
                if in_transaction():
                    raise
                retries[type(error).__name__] += 1
                await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 -- jitter, not a secret
        return await work(*args, **kwargs)

    return again


async def alone(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` outside the caller's transaction (a task made inside one would inherit it)."""
    task = asyncio.get_running_loop().create_task(work, context=contextvars.Context())
    return await task
