"""Put work into the queue, and take it out: no commit, no job."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import structlog

from referral_hub import clock
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import SYSTEM, connection, in_transaction, transaction
from referral_hub.database.writes import Write

Work = Callable[[dict[str, Any]], Awaitable[None]]

_log = structlog.get_logger("jobs")
_ATTEMPTS = 8
_LOCKED_FOR = timedelta(minutes=5)

_ADD = """insert into job (id, name, payload, key, run_at) values ($1, $2, $3, $4, $5)
on conflict (key) do update set run_at = excluded.run_at, payload = excluded.payload, attempts = 0,
 done_at = null, failed_at = null where job.done_at is not null or job.failed_at is not null"""

_TAKE = """update job set locked_until = $2, attempts = attempts + 1
where id in (select id from job where done_at is null and failed_at is null and run_at <= $1
             and (locked_until is null or locked_until < $1) order by run_at limit $3 for update skip locked)
returning id, name, payload, attempts"""


def wish(name: str, payload: Mapping[str, object], *, run_at: datetime | None = None, key: str | None = None) -> Write:
    """The wish as a write, for a change that gathers all it leaves behind."""
    return Write(_ADD, (new_id(), name, to_json(dict(payload)), key, run_at or clock.now()))


async def enqueue(
    name: str, payload: Mapping[str, object], *, run_at: datetime | None = None, key: str | None = None
) -> None:
    """Wish for work after this transaction commits. A `key` still waiting makes the same wish only once.

    Raises RuntimeError outside a transaction.
    """
    if not in_transaction():
        raise RuntimeError(f"job {name} wished for outside a transaction")
    wished = wish(name, payload, run_at=run_at, key=key)
    async with connection() as sql:
        await sql.execute(wished.text, *wished.values)


async def enqueue_many(name: str, payloads: Sequence[Mapping[str, object]]) -> None:
    """Wish for the same work many times, after this transaction commits. Raises RuntimeError outside a transaction."""
    if not in_transaction():
        raise RuntimeError(f"jobs {name} wished for outside a transaction")
    wishes = [wish(name, payload).values for payload in payloads]
    async with connection() as sql:
        await sql.executemany(_ADD, wishes)


async def run_due(registry: Mapping[str, Work], *, batch: int = 20) -> int:
    """Take up to `batch` due jobs and run each; the number taken. A failure waits longer each time, then rests."""
    moment = clock.now()
    async with transaction(SYSTEM) as sql:
        taken = await sql.fetch(_TAKE, moment, moment + _LOCKED_FOR, batch)
    for row in taken:
        await _run_one(registry, row["id"], row["name"], msgspec.json.decode(row["payload"]), row["attempts"])
    return len(taken)


async def _run_one(registry: Mapping[str, Work], job: Any, name: str, payload: dict[str, Any], attempt: int) -> None:
    try:
        work = registry.get(name)
        if work is None:
            raise LookupError(f"no work is registered as {name}")
        await work(payload)
    except Exception as error:
        # The text of an error may quote what it choked on, so only its type is kept.
        _log.warning("job_failed", job=name, attempt=attempt, error=type(error).__name__)
        rest = attempt >= _ATTEMPTS
        again = clock.now() + timedelta(seconds=min(3600, 5 * 2**attempt) * random.uniform(0.8, 1.2))  # noqa: S311 -- jitter, not a secret
        async with transaction(SYSTEM) as sql:
            await sql.execute(
                "update job set locked_until = null, run_at = $2, error = $3, failed_at = $4 where id = $1",
                job,
                again,
                type(error).__name__,
                clock.now() if rest else None,
            )
        return
    async with transaction(SYSTEM) as sql:
        await sql.execute(
            "update job set done_at = $2, payload = '{}', locked_until = null where id = $1", job, clock.now()
        )


async def run_all(registry: Mapping[str, Work]) -> int:
    """Run until nothing is due (tests, `demo` loading); the number of jobs taken."""
    total = 0
    while taken := await run_due(registry, batch=100):
        total += taken
    return total


async def run_forever(registry: Mapping[str, Work], stop: asyncio.Event, *, pause: float = 1.0) -> None:
    """The worker's loop: work while there is any, else look again after `pause` seconds."""
    while not stop.is_set():
        try:
            taken = await run_due(registry)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            _log.warning("queue_unreachable", error=type(error).__name__)
            taken = 0
        if not taken:
            try:
                await asyncio.wait_for(stop.wait(), pause)
            except TimeoutError:
                continue
