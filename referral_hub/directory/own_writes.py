"""Whoever changes the directory sees the change on the next page: the answer waits for this worker's copy of it."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from referral_hub.directory.read_model_refresh import caught_up
from referral_hub.institutions.changes import TOLD
from referral_hub.web.security import UNSAFE

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


class OwnWrites:
    """ASGI layer: before the answer to a write leaves, the model in memory has read what was written."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] not in UNSAFE:
            await self.app(scope, receive, send)
            return
        told: set[str] = set()
        token = TOLD.set(told)

        async def send_when_read(message: Message) -> None:
            if message["type"] == "http.response.start":
                await caught_up(told)
            await send(message)

        try:
            await self.app(scope, receive, send_when_read)
        finally:
            TOLD.reset(token)
