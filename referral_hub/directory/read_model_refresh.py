"""Keep this worker's copy of the directory true: hints by NOTIFY, the version as the truth, the day watched.

Hints name what changed, and only that is read again. PostgreSQL loses no hint while the connection that listens
stands; every few seconds the version is compared, and where it runs ahead (the connection broke, a hint was
`all`) everything is read anew, beside the event loop.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import date
from uuid import UUID

import asyncpg
import structlog

from referral_hub import clock
from referral_hub.database.pool import ENGINE
from referral_hub.database.transaction import connection
from referral_hub.directory.index_model import labels, synonym_lines
from referral_hub.directory.read_model import Model, apply_changes, make_model, turn_day, worn
from referral_hub.directory.read_model_rows import read_rows
from referral_hub.institutions.changes import CHANNEL
from referral_hub.vocabularies import book
from referral_hub.vocabularies.book import needs_for
from referral_hub.web.running import end

POLL_SECONDS = 5.0
_GATHER_SECONDS = 0.02  # one transaction may hint at several offers; they are read together
_PATIENCE_SECONDS = 2.0
_EVERYTHING = "all"

log = structlog.get_logger(__name__)


class Keeper:
    """The worker's model and what is known to have changed since; without a running keeper every asker
    reads anew."""

    def __init__(self) -> None:
        self.model: Model | None = None
        self.running = False
        self.hints: set[str] = set()
        self.woken = asyncio.Event()
        self.waiting: list[asyncio.Event] = []
        self.words: object = None
        self.read_on = clock.today()


_keeper: Keeper | None = None


async def directory() -> Model:
    """The directory as this worker knows it. Without a keeper (a test, a command) as the database has it
    now."""
    if _keeper is None or _keeper.model is None or not _keeper.running:
        return await read_model()
    if _keeper.model.day != clock.today():
        turn_day(_keeper.model, clock.today())
    return _keeper.model


def kept() -> Model | None:
    """The model this worker keeps, if it does; nothing is read."""
    return _keeper.model if _keeper is not None and _keeper.running else None


async def read_model() -> Model:
    """A model of everything, built beside the event loop."""
    async with connection() as sql:
        version = await _version(sql)
        rows = await read_rows(sql, clock.today())
    if len(rows.cards) < 200:
        return make_model(version, rows, clock.today())
    return await asyncio.to_thread(make_model, version, rows, clock.today())


async def _version(sql: asyncpg.Connection) -> int:
    return int(await sql.fetchval("select coalesce(sum(number), 0) from directory_version"))


@asynccontextmanager
async def keeping(_: object) -> AsyncIterator[None]:
    """Read the directory, then keep it true until the app stops."""
    global _keeper  # one per process, as the pool is
    _keeper = keeper = Keeper()
    keeper.model, keeper.running = await read_model(), True
    keeper.words = _words()
    tasks = [asyncio.create_task(_listen(keeper)), asyncio.create_task(_refresh(keeper))]
    try:
        yield
    finally:
        keeper.running = False
        await end(*tasks)
        _keeper = None


def _words() -> object:
    """Everything of the vocabularies that documents and questions are made of, to see whether somebody
    edited it."""
    needs = tuple((word.code, needs_for(word.code)) for word in book.words("form", retired=True))
    return tuple(synonym_lines()), tuple(labels()), needs


async def _listen(keeper: Keeper) -> None:
    """Hold a connection of its own that listens; where it breaks, everything counts as changed."""
    while True:
        try:
            listener = await asyncpg.connect(**ENGINE.config)
        except (OSError, asyncpg.PostgresError) as error:
            log.warning("directory_not_listening", kind=type(error).__name__)
            await asyncio.sleep(POLL_SECONDS)
            continue
        closed = asyncio.Event()
        try:
            listener.add_termination_listener(lambda *_, closed=closed: closed.set())
            await listener.add_listener(CHANNEL, lambda *told: _hint(keeper, str(told[-1])))
            _hint(keeper, _EVERYTHING)
            await closed.wait()
        finally:
            with suppress(Exception):
                await listener.close(timeout=1)


def _hint(keeper: Keeper, what: str) -> None:
    keeper.hints.add(what)
    keeper.woken.set()


async def _refresh(keeper: Keeper) -> None:
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(keeper.woken.wait(), POLL_SECONDS)
            await asyncio.sleep(_GATHER_SECONDS)
        keeper.woken.clear()
        hints, keeper.hints = keeper.hints, set()
        waiting, keeper.waiting = keeper.waiting, []
        try:
            await _catch_up(keeper, hints)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            keeper.hints.add(_EVERYTHING)
            log.warning("directory_not_refreshed", kind=type(error).__name__)
        for read in waiting:
            read.set()


async def caught_up(hints: set[str]) -> None:
    """Wait until this worker's copy holds what these hints speak of (committed already), at most two seconds:
    who saves a number and opens the public page sees it."""
    keeper = _keeper
    if keeper is None or not keeper.running or not hints:
        return
    read = asyncio.Event()
    keeper.waiting.append(read)
    for hint in hints:
        _hint(keeper, hint)
    with suppress(TimeoutError):
        await asyncio.wait_for(read.wait(), _PATIENCE_SECONDS)


async def _catch_up(keeper: Keeper, hints: set[str]) -> None:
    model = keeper.model
    if model is None:
        return
    async with connection() as sql:
        version = await _version(sql)
        stale_words = keeper.words != _words()
        if keeper.read_on != clock.today():
            hints |= await _shown_since(sql, keeper.read_on)
            keeper.read_on = clock.today()
        elif version == model.version and not stale_words:
            return
        named = {hint for hint in hints if hint != _EVERYTHING}
        if not hints and version == model.version and not stale_words:
            return
        if _EVERYTHING not in hints and named and not stale_words and not worn(model):
            touched = await _institutions(sql, named)
            rows = await read_rows(sql, clock.today(), [UUID(name) for name in touched])
            apply_changes(model, version, rows, touched)
            return
    keeper.words = _words()
    keeper.model = await read_model()


async def _shown_since(sql: asyncpg.Connection, day: date) -> set[str]:
    """What a new day shows that the rows read on `day` did not hold: offers scheduled in between."""
    rows = await sql.fetch("select id from offer where visible_from > $1 and visible_from <= $2", day, clock.today())
    return {f"offer:{row['id']}" for row in rows}


async def _institutions(sql: asyncpg.Connection, hints: Iterable[str]) -> set[str]:
    """The institutions that hints of the form `offer:<id>` and `institution:<id>` speak of."""
    pairs = [hint.partition(":")[::2] for hint in hints]
    offers = [UUID(name) for kind, name in pairs if kind == "offer"]
    found = {str(UUID(name)) for kind, name in pairs if kind == "institution"}
    if offers:
        rows = await sql.fetch("select distinct institution from offer where id = any($1)", offers)
        found |= {str(row["institution"]) for row in rows}
    return found
