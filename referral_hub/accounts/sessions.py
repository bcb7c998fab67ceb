"""Who sends this request: the session cookie, a Bearer key, or nobody. Our own middleware, so that an id is never
taken from outside: a token is random, kept as a digest, and new at every sign-in."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from referral_hub import clock
from referral_hub.accounts.actor import ANONYMOUS, Actor
from referral_hub.accounts.permissions import ROLES
from referral_hub.database.columns import digest
from referral_hub.database.transaction import connection
from referral_hub.settings import settings

COOKIE = "hub_session"
LASTS = timedelta(hours=12)
IDLE = timedelta(hours=4)
_TOUCH = timedelta(minutes=5)
_WITHOUT = ("/static/", "/health/", "/metrics", "/favicon")

_BY_SESSION = """select a.id, a.name, a.institution, i.name as institution_name, s.role, s.csrf, s.seen_at,
 (select json_object_agg(r.code,
   (select coalesce(json_agg(p.permission), '[]') from role_permission p where p.role = r.code))
  from account_role ar join role r on r.code = ar.role where ar.account = a.id)::text as by_role
from session s join account a on a.id = s.account join institution i on i.id = a.institution
where s.token = $1 and a.active and s.ends_at > $2 and s.seen_at > $3"""

_BY_KEY = """select k.id, k.institution, i.name as institution_name, k.role, k.scopes
from api_key k join institution i on i.id = k.institution where k.token = $1 and k.revoked_at is null"""


def session_cookie(secret: str) -> Cookie:
    """The cookie that carries a new session; an empty secret takes it away."""
    return Cookie(
        COOKIE,
        value=secret,
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings().https,
        max_age=int(LASTS.total_seconds()) if secret else 0,
    )


async def actor_of_session(secret: str) -> Actor | None:
    """The account behind a session secret, or None when it has ended or never was."""
    moment = clock.now()
    token = digest(secret)
    async with connection() as sql:
        row = await sql.fetchrow(_BY_SESSION, token, moment, moment - IDLE)
        if row is None:
            return None
        if row["seen_at"] < moment - _TOUCH:
            await sql.execute("update session set seen_at = $2 where token = $1", token, moment)
            await sql.execute("update account set last_seen_at = $2 where id = $1", row["id"], moment)
    held: dict[str, list[str]] = msgspec.json.decode(row["by_role"] or "{}")
    order = {role: place for place, role in enumerate(ROLES)}
    roles = tuple(sorted(held, key=lambda role: order.get(role, len(order))))
    return Actor(
        kind="account",
        account=row["id"],
        name=row["name"],
        institution=row["institution"],
        institution_name=row["institution_name"],
        role=row["role"] if row["role"] in held else (roles[0] if roles else ""),
        roles=roles,
        by_role={role: frozenset(held[role]) for role in roles},
        csrf=row["csrf"],
    )


async def actor_of_key(secret: str) -> Actor | None:
    """The institution behind a Bearer key, in the key's role and with no more than its scopes."""
    async with connection() as sql:
        row = await sql.fetchrow(_BY_KEY, digest(secret))
    if row is None:
        return None
    return Actor(
        kind="account",
        institution=row["institution"],
        institution_name=row["institution_name"],
        role=row["role"],
        roles=(row["role"],),
        by_role={row["role"]: frozenset(row["scopes"])},
        link=UUID(str(row["id"])),
        by_key=True,
    )


class Sessions:
    """ASGI middleware: leaves the Actor in `scope["hub.actor"]` and its CSRF token in `scope["hub.csrf"]`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            actor = ANONYMOUS
            if not scope["path"].startswith(_WITHOUT):
                actor = await self._actor(scope)
            keep_actor(scope, actor)
        await self.app(scope, receive, send)

    async def _actor(self, scope: Scope) -> Actor:
        headers = dict(scope["headers"])
        bearer = headers.get(b"authorization", b"").decode("latin-1")
        if bearer[:7].lower() == "bearer ":
            return await actor_of_key(bearer[7:].strip()) or ANONYMOUS
        secret = cookies_of(headers).get(COOKIE, "")
        if not 20 <= len(secret) <= 200:
            return ANONYMOUS
        return await asyncio.shield(actor_of_session(secret)) or ANONYMOUS


def actor_in(scope: Scope) -> Actor:
    """The actor left in the scope, or nobody in particular."""
    # ASGI lets every layer add keys of its own; Litestar's typed scope does not know ours.
    kept: dict[str, Any] = scope  # type: ignore[assignment]
    actor: Actor = kept.get("hub.actor", ANONYMOUS)
    return actor


def keep_actor(scope: Scope, actor: Actor) -> None:
    """Put the actor where pages and guards look for it."""
    kept: dict[str, Any] = scope  # type: ignore[assignment]
    kept["hub.actor"] = actor
    kept["hub.csrf"] = actor.csrf


def cookies_of(headers: dict[bytes, bytes]) -> dict[str, str]:
    """The cookies of a request by name."""
    found: dict[str, str] = {}
    for part in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            found.setdefault(name, value.strip('"'))
    return found
