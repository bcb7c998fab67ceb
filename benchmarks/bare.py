"""The bare framework on the same server, sending bytes it was given: `python -m benchmarks.bare PORT FILE`."""

import sys
from pathlib import Path
from typing import Any

import msgspec
from granian.constants import Interfaces
from granian.server import Server
from litestar import Litestar, Request, Response, get

ANSWERS = "HUB_BENCH_ANSWERS"


def make_app() -> Litestar:
    """One route that answers a query string with the bytes written down for it."""
    import os

    answers = msgspec.json.decode(Path(os.environ[ANSWERS]).read_bytes(), type=dict[str, bytes])

    @get("/api/v1/offers")
    async def offers(request: Request[Any, Any, Any]) -> Response[bytes]:
        return Response(answers[request.scope["query_string"].decode()], media_type="application/json")

    return Litestar(route_handlers=[offers], openapi_config=None, logging_config=None)


if __name__ == "__main__":
    Server(
        "benchmarks.bare:make_app",
        port=int(sys.argv[1]),
        interface=Interfaces.ASGI,
        factory=True,
        websockets=False,
        log_enabled=False,
    ).serve()
