"""Whoever changes the directory sees the change on the next page: the answer waits for this worker's copy of it."""

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from referral_hub.directory.read_model_refresh import caught_up
from referral_hub.institutions.changes import TOLD
from referral_hub.web.security import UNSAFE


class OwnWrites:
    """ASGI layer: before the answer to a write leaves, the model in memory has read what was written."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] not in UNSAFE:
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
