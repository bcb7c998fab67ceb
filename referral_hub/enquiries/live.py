"""Tell open pages that an answer has come: PostgreSQL's NOTIFY, fanned out to streams of this process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import asyncpg
import structlog

from referral_hub.database.pool import ENGINE
from referral_hub.enquiries.actions import CHANNEL
from referral_hub.web.running import end

BEAT_SECONDS = 15.0
LASTS_SECONDS = 600.0
"""A stream ends after ten minutes and the browser opens the next one, so that rights are asked for anew."""
MOST_STREAMS = 500
MOST_NAMED = 50
"""Answers told by name in one event; beyond that a page looks at everything."""

_log = structlog.get_logger(__name__)
_open: dict[str, set["_Stream"]] = {}
_stopping = asyncio.Event()
_ANY = ""


class _Stream:
    """One open page: what has changed since it was last told; `_ANY` where nobody knows."""

    def __init__(self) -> None:
        self.changed: set[str] = set()
        self.woken = asyncio.Event()

    def tell(self, offer: str) -> None:
        self.changed.add(offer)
        self.woken.set()

    def told(self) -> bytes:
        """The event for everything since the last one: offers one after another, nothing where any may have changed."""
        offers, self.changed = self.changed, set()
        self.woken.clear()
        data = "" if _ANY in offers or len(offers) > MOST_NAMED else " ".join(sorted(offers))
        return f"event: changed\ndata: {data}\n\n".encode()


@asynccontextmanager
async def listening(_: object) -> AsyncIterator[None]:
    """Hold a connection that listens until the app stops; then every stream ends."""
    _stopping.clear()
    task = asyncio.create_task(_listen())
    try:
        yield
    finally:
        _stopping.set()
        _wake_all()
        await end(task)


async def _listen() -> None:
    while True:
        try:
            listener = await asyncpg.connect(**ENGINE.config)
        except (OSError, asyncpg.PostgresError) as error:
            _log.warning("enquiries_not_listening", kind=type(error).__name__)
            await asyncio.sleep(5)
            continue
        closed = asyncio.Event()
        try:
            listener.add_termination_listener(lambda *_, closed=closed: closed.set())
            await listener.add_listener(CHANNEL, lambda *told: _wake(str(told[-1])))
            # Whatever was said while nobody listened.
            _wake_all()
            await closed.wait()
        finally:
            with suppress(Exception):
                await listener.close(timeout=1)


def _wake(told: str) -> None:
    """`told` is an enquiry and the offer that was answered for, or nothing after it."""
    enquiry, _, offer = told.partition(" ")
    for stream in _open.get(enquiry, ()):
        stream.tell(offer)


def _wake_all() -> None:
    for enquiry in _open:
        _wake(enquiry)


async def changes(enquiry: UUID, still: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
    """Server-sent events: `changed` with the offers answered for, several at once as one; a comment as sign of life.

    `still` is asked at every beat, answers or not: whoever signed out meanwhile hears no more.
    """
    time = asyncio.get_running_loop().time
    name, stream, ends, beat = str(enquiry), _Stream(), time() + LASTS_SECONDS, time() + BEAT_SECONDS
    if sum(map(len, _open.values())) >= MOST_STREAMS:
        yield b"retry: 30000\n\n"
        return
    _open.setdefault(name, set()).add(stream)
    try:
        # The page may be older than its stream: it looks once as soon as it hears us.
        yield b"retry: 2000\n" + stream.told()
        while not _stopping.is_set() and time() < ends:
            with suppress(TimeoutError):
                await asyncio.wait_for(stream.woken.wait(), max(0.0, beat - time()))
            if time() >= beat:
                if not await still():
                    return
                beat = time() + BEAT_SECONDS
            yield stream.told() if stream.woken.is_set() else b": here\n\n"
    finally:
        _open[name].discard(stream)
        if not _open[name]:
            del _open[name]
