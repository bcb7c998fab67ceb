"""The body of a request is read to its end before it is answered, also where nobody wanted it.

A server that answers over an unread body closes the connection, and the visitor, or the proxy in front, meets a
broken one instead of the sentence that says why (a body too large, a session that has ended).
"""

import asyncio
from typing import Any, Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

MOST: Final = 20_000_000  # bytes thrown away at most; who sends more may be cut off
LONGEST: Final = 5.0  # seconds


class ReadToEnd:
    """ASGI layer: throws away what is left of the body just before the answer starts."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return
        ended = False

        async def receive_noting() -> Any:
            nonlocal ended
            message = await receive()
            ended = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        async def send_after_end(message: Message) -> None:
            if message["type"] == "http.response.start" and not ended:
                await _throw_away(receive_noting)
            await send(message)

        await self.app(scope, receive_noting, send_after_end)


async def _throw_away(receive: Receive) -> None:
    left = MOST
    try:
        async with asyncio.timeout(LONGEST):
            while left > 0:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
                left -= len(message.get("body", b""))
    except TimeoutError:
        return
