"""The web application: every room's routes under one guard, one set of errors, one order of layers."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from litestar import Litestar

from referral_hub.accounts.guards import check_permission
from referral_hub.accounts.sessions import Sessions
from referral_hub.database.pool import close_pool, open_pool
from referral_hub.settings import settings
from referral_hub.web.body import HubRequest
from referral_hub.web.errors import EXCEPTION_HANDLERS
from referral_hub.web.head import HeadAsGet
from referral_hub.web.health import Measured
from referral_hub.web.read_to_end import ReadToEnd
from referral_hub.web.security import LARGEST_BODY, Security, check_origin

ROOMS = (
    "web.assets",
    "web.openapi",
    "web.site_pages",
    "web.health",
    "accounts.pages",
    "accounts.api",
    "directory.word_pages",
    "directory.club_pages",
    "directory.public_pages",
    "directory.public_api",
    "directory.my_pages",
    "directory.capacity_pages",
    "directory.call_pages",
    "directory.institution_pages",
    "directory.api",
    "participants.pages",
    "participants.api",
    "referrals.pages",
    "referrals.compose_pages",
    "referrals.check_pages",
    "referrals.card_pages",
    "referrals.guest_pages",
    "referrals.participant_pages",
    "referrals.api",
    "cooperation.pages",
    "privacy.pages",
    "demo.pages",
)


def _rooms() -> list[Any]:
    names = [f"referral_hub.{room}" for room in ROOMS]
    return [import_module(name) for name in names if _there(name)]


def _there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    """Open the pool, then whatever a room keeps running (its `lifespan`), and close them the other way round."""
    async with AsyncExitStack() as stack:
        await open_pool(settings().database_url)
        stack.push_async_callback(close_pool)
        for room in _rooms():
            lifespan = getattr(room, "lifespan", None)
            if lifespan is not None:
                await stack.enter_async_context(lifespan(app))
        yield


def make_app(*, lifespan: bool = True) -> Litestar:
    """The ASGI application; without `lifespan` (tests) the pool is the caller's."""
    routes = [route for room in _rooms() for route in getattr(room, "routes", ())]
    app = Litestar(
        route_handlers=routes,
        request_class=HubRequest,
        guards=[check_permission],
        before_request=check_origin,
        middleware=[Measured, Sessions],
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=[_running] if lifespan else [],
        openapi_config=None,
        request_max_body_size=LARGEST_BODY,
        debug=False,
        pdb_on_exception=False,
        logging_config=None,
    )
    # Around everything: an address without a route never reaches the middleware, and its answer is a page too.
    app.asgi_handler = HeadAsGet(ReadToEnd(Security(app.asgi_handler)))
    return app
