"""May this kind of person do this kind of thing: every route names a permission or says that it is public."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sessions import actor_in, keep_actor
from referral_hub.errors import NotAllowed, NotSignedIn

PUBLIC: dict[str, Any] = {"public": True}
"""`opt=PUBLIC`: anyone may come, signed in or not."""

BY_LINK: dict[str, Any] = {"public": True, "by_link": True}
"""`opt=BY_LINK`: the link's cookie decides; the handler asks `accounts.links` who holds it."""

WITHOUT_TOKEN: dict[str, Any] = {"public": True, "without_token": True}
"""`opt=WITHOUT_TOKEN`: a public POST that changes nothing of anybody's (sign-in, appearance)."""


def needs(*permissions: Permission) -> dict[str, Any]:
    """`opt=needs(Permission.X)`: any one of `permissions` opens the route; the role that holds it acts."""
    return {"permissions": permissions}


async def check_permission(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The one guard of the app. Raises NotSignedIn or NotAllowed; a route that says nothing is closed."""
    if handler.opt.get("public"):
        return
    actor = actor_in(connection.scope)
    if actor.kind != "account":
        raise NotSignedIn
    for permission in handler.opt.get("permissions", ()):
        if actor.may(permission):
            keep_actor(connection.scope, actor.acting_for(permission))
            return
    raise NotAllowed


def actor_of(request: Request[Any, Any, Any]) -> Actor:
    """Who sends this request, in the role that the route's permission chose."""
    return actor_in(request.scope)
