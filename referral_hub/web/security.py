"""What protects every answer: headers with a policy that allows nothing inline, a limit on bodies, and proof that a
write comes from our own page (Origin, Sec-Fetch-Site, and a token bound to the session or link)."""

import hmac
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from referral_hub.errors import NotAllowed
from referral_hub.settings import settings

LARGEST_BODY = 1_000_000
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
TOKEN_FIELD = "csrf"  # noqa: S105 -- the name of the field
TOKEN_HEADER = "x-csrf-token"  # noqa: S105 -- the name of a header

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
Pairs = tuple[tuple[bytes, bytes], ...]
_NO_STORE, _NO_CACHE = (b"cache-control", b"no-store"), (b"cache-control", b"no-cache")
_NO_REFERRER = (b"referrer-policy", b"no-referrer")
_LINKS = ("/a/", "/c/", "/e/", "/p/")
_BY_LINK = (*_LINKS, "/a", "/c", "/e", "/p", "/sign-in/set")


@lru_cache(maxsize=8)
def fixed_headers(https: bool, tiles: str) -> Pairs:
    """The headers that depend on the settings only; only a set server of map tiles is another host."""
    wanted = dict(HEADERS)
    if tiles:
        parts = urlsplit(tiles.replace("{s}", "*"))
        wanted["content-security-policy"] = POLICY.replace(
            "img-src 'self'", f"img-src 'self' {parts.scheme}://{parts.netloc}"
        )
    if https:
        wanted["strict-transport-security"] = "max-age=31536000"
    return tuple((name.encode(), value.encode()) for name, value in wanted.items())


class Security:
    """ASGI layer around the whole app: adds the headers to every answer, also where there is no route."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        _mend_host(scope)
        secret = scope["path"] in _BY_LINK or scope["path"].startswith(_LINKS)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                wanted = fixed_headers(settings().https, settings().map_tile_url)
                if not scope["path"].startswith("/static/"):
                    wanted = (*wanted, _NO_STORE if _is_personal(scope) else _NO_CACHE)
                _add_missing(message, (_NO_REFERRER, *wanted) if secret else wanted, replace=secret)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _mend_host(scope: Scope) -> None:
    """A Host that is no address gives way to our own: everything that asks for the request's address reads it."""
    for place, (name, value) in enumerate(scope["headers"]):
        if name == b"host" and not _is_host(value.decode("latin-1")):
            own = urlsplit(settings().public_url).netloc.encode()
            scope["headers"] = [*scope["headers"][:place], (name, own), *scope["headers"][place + 1 :]]  # type: ignore[index]


def _is_host(text: str) -> bool:
    try:
        parts = urlsplit(f"//{text}")
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _add_missing(message: Message, wanted: Iterable[tuple[bytes, bytes]], *, replace: bool) -> None:
    """Add the headers an answer does not name itself, each once; with `replace` its referrer policy is ours.

    On raw pairs: Litestar's mapping of headers reads the whole list anew for every look.
    """
    given: list[tuple[bytes, bytes]] = list(message.get("headers", ()))  # type: ignore[call-overload]
    raw = [pair for pair in given if not (replace and pair[0].lower() == _NO_REFERRER[0])]
    named = {name.lower() for name, _ in raw}
    for name, value in wanted:
        if name not in named:
            named.add(name)
            raw.append((name, value))
    message["headers"] = raw  # type: ignore[typeddict-unknown-key]


def _is_personal(scope: Scope) -> bool:
    actor = scope.get("hub.actor")
    return scope["path"].startswith(_LINKS) or getattr(actor, "kind", "public") != "public"


async def check_origin(request: Request[Any, Any, Any]) -> None:
    """Before any handler: a write must come from our own pages. Raises NotAllowed `foreign_origin` or `token_missing`.

    A Bearer key needs no token: no browser sends it by itself.
    """
    if request.method not in UNSAFE:
        return
    actor = request.scope.get("hub.actor")
    if getattr(actor, "by_key", False):
        return
    if not _own_origin(request):
        raise NotAllowed("foreign_origin")
    opt = request.route_handler.opt
    if opt.get("without_token") or opt.get("by_link"):
        # Pages of a link check their own token, since only the handler knows the link.
        return
    expected = getattr(actor, "csrf", "")
    if expected and not same_token(expected, await sent_token(request)):
        raise NotAllowed("token_missing")


async def sent_token(request: Request[Any, Any, Any]) -> str:
    """The token this request brings, in the header or in the form's field."""
    given = request.headers.get(TOKEN_HEADER, "")
    if given:
        return given
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        value = (await request.form()).get(TOKEN_FIELD, "")
        return value if isinstance(value, str) else ""
    return ""


def same_token(expected: str, given: str) -> bool:
    """Equal, compared in constant time; an empty token is never right."""
    return bool(expected) and hmac.compare_digest(expected.encode(), given.encode())


def _own_origin(request: Request[Any, Any, Any]) -> bool:
    site = request.headers.get("sec-fetch-site", "")
    if site:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin", "")
    # Pages with `Referrer-Policy: no-referrer` send "null"; browsers without Sec-Fetch-Site still bring the token.
    if not origin or (origin == "null" and not request.route_handler.opt.get("without_token")):
        return True
    try:
        sent = urlsplit(origin)
    except ValueError:
        return False
    own = {request.headers.get("host", "").lower(), urlsplit(settings().public_url).netloc.lower()}
    return sent.scheme in ("http", "https") and sent.netloc.lower() in own
