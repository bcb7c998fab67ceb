"""Is it alive, is it whole, how busy is it: for load balancers, `demo` and Prometheus. No personal data, no counts
of referrals: what is shown here anyone may read."""

import asyncio
import time
from datetime import timedelta
from functools import cache
from typing import Any

import asyncpg
import msgspec
from litestar import Request, Response, get
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

from referral_hub import clock
from referral_hub.database.migrate import applied_migrations, known_migrations
from referral_hub.database.pool import ENGINE
from referral_hub.database.transaction import connection

_PUBLIC: dict[str, Any] = {"public": True}
LATE = timedelta(minutes=2)
_LATE = """select exists (select 1 from job where done_at is null and failed_at is null and run_at < $1
 and (locked_until is null or locked_until < $1))"""

_requests = Counter("hub_requests", "Requests answered", ["method", "status"])
_seconds = Histogram(
    "hub_request_seconds",
    "Time to answer",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_connections = Gauge("hub_database_connections", "Connections of this process", ["state"])
_jobs = Gauge("hub_jobs", "Work in the queue", ["state"])

_awaited: dict[str, bool] = {}


def await_before_ready(name: str) -> None:
    """From now on `/health/ready` says 503 until `now_ready(name)`."""
    _awaited[name] = False


def now_ready(name: str) -> None:
    """What was awaited under `name` is there."""
    _awaited[name] = True


def all_ready() -> bool:
    """True when nothing that was announced is still awaited (pages show a banner until then)."""
    return all(_awaited.values())


@get("/health/live", opt=_PUBLIC, include_in_schema=False, sync_to_thread=False)
def live() -> Response[str]:
    """The process answers."""
    return Response("ok\n", media_type="text/plain")


@get("/health/ready", opt=_PUBLIC, include_in_schema=False)
async def ready(request: Request[Any, Any, Any]) -> Response[bytes]:
    """200 when the database answers, every migration is applied and nothing is still loading; else 503."""
    checks = {**await _database_checks(), **_awaited}
    whole = all(checks.values())
    body = {"status": "ready" if whole else "not_ready", "checks": checks, "warnings": await _warnings(checks)}
    return Response(msgspec.json.encode(body), media_type="application/json", status_code=200 if whole else 503)


async def _warnings(checks: dict[str, bool]) -> list[str]:
    """What is late without making pages wrong: `work_is_late` where jobs are overdue, so that sendings, mails and
    clocks wait. It does not take the web process out of service: pages tell of it themselves."""
    if not checks.get("migrations"):
        return []
    try:
        async with asyncio.timeout(3), connection() as sql:
            late = await sql.fetchval(_LATE, clock.now() - LATE)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return []
    return ["work_is_late"] if late else []


async def _database_checks() -> dict[str, bool]:
    if ENGINE.pool is None:
        return {"database": False}
    try:
        async with asyncio.timeout(3), ENGINE.pool.acquire() as sql:
            applied = await applied_migrations(sql)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return {"database": False}
    return {"database": True, "migrations": known_migrations() <= applied}


@get("/metrics", opt=_PUBLIC, include_in_schema=False)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Prometheus' text format. Requests and connections are this worker's, jobs are the whole network's."""
    pool = ENGINE.pool
    if pool is not None:
        _connections.labels("open").set(pool.get_size())
        _connections.labels("idle").set(pool.get_idle_size())
        try:
            async with asyncio.timeout(3), pool.acquire() as sql:
                waiting, failed = await sql.fetchrow(
                    """select count(*) filter (where failed_at is null), count(*) filter (where failed_at is not null)
                    from job where done_at is null"""
                )
            _jobs.labels("waiting").set(waiting)
            _jobs.labels("failed").set(failed)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            _jobs.clear()
    return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})


class Measured:
    """ASGI middleware, outermost: counts answers and their time."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.count = cache(_requests.labels)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "method" not in scope:  # not http
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            self.count(scope.get("method", ""), str(status)).inc()
            _seconds.observe(time.perf_counter() - started)


routes = [live, ready, metrics]
