"""A load generator: keep-alive connections that ask for one address again and again, counted per second."""

import asyncio
import time
from functools import partial
from typing import cast
from urllib.parse import urlsplit

import uvloop


class _Asker(asyncio.Protocol):
    """One connection; knows the length of an answer after the first, and trusts it."""

    def __init__(self, request: bytes, until: float, done: asyncio.Future[None]) -> None:
        self.request, self.until, self.done = request, until, done
        self.waiting, self.answered, self.length = b"", 0, 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are none by descent
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        if not self.length:
            head, found, _ = self.waiting.partition(b"\r\n\r\n")
            if not found:
                return
            assert head.startswith(b"HTTP/1.1 200"), head
            body = next(
                int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
            )
            self.length = len(head) + 4 + body
        if len(self.waiting) < self.length:
            return
        # The head may vary by a byte or two from answer to answer (age, request id): read it again then.
        self.waiting, self.length = b"", 0
        self.answered += 1
        if time.monotonic() < self.until:
            self.transport.write(self.request)
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def _same(asker: _Asker) -> _Asker:
    return asker


def requests_per_second(urls: list[str], seconds: float, connections: int = 16) -> float:
    """How many answers a second; the connections share out `urls` among them."""

    async def ask() -> float:
        loop = asyncio.get_running_loop()
        started = time.monotonic()
        askers, futures = [], []
        for number in range(connections):
            parts = urlsplit(urls[number % len(urls)])
            target = f"{parts.path}?{parts.query}" if parts.query else parts.path
            request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: application/json\r\n\r\n".encode()
            future: asyncio.Future[None] = loop.create_future()
            asker = _Asker(request, started + seconds, future)
            await loop.create_connection(partial(_same, asker), parts.hostname or "", parts.port or 80)
            askers.append(asker)
            futures.append(future)
        await asyncio.gather(*futures)
        return sum(asker.answered for asker in askers) / (time.monotonic() - started)

    return uvloop.run(ask())
