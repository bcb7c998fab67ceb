"""The demonstration's mailbox: `/demo/mail`, one letter, and both as JSON. On this machine only."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from referral_hub.accounts.guards import PUBLIC
from referral_hub.demo.mailbox import Letter, Mailbox, open_mailbox
from referral_hub.errors import NotFound
from referral_hub.settings import settings
from referral_hub.web.page import page


def _box(request: Request[Any, Any, Any]) -> Mailbox:
    """The mailbox, for a visitor of this machine. Raises NotFound for all others, and outside a demonstration."""
    box, visitor = open_mailbox(), request.scope.get("client")
    if (
        box is None
        or not visitor
        or not _own_host(request)
        or "x-forwarded-for" in request.headers
        or "forwarded" in request.headers
    ):
        raise NotFound
    try:
        if not ipaddress.ip_address(visitor[0]).is_loopback:
            raise NotFound
    except ValueError:
        raise NotFound from None
    return box


def _own_host(request: Request[Any, Any, Any]) -> bool:
    """Asked under this machine's own name: a foreign name that points here is another site reading over a shoulder."""
    try:
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
        known = host in ("localhost", urlsplit(settings().public_url).hostname)
        return known or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _letter(box: Mailbox, number: int) -> Letter:
    for letter in box.letters:
        if letter.id == number:
            return letter
    raise NotFound


@get("/demo/mail", opt=PUBLIC, include_in_schema=False)
async def mail(request: Request[Any, Any, Any]) -> Response[bytes]:
    """All letters, newest first."""
    return page(request, "demo/mail.html", letters=_box(request).letters[::-1])


@get("/demo/mail/{number:int}", opt=PUBLIC, include_in_schema=False)
async def letter(request: Request[Any, Any, Any], number: FromPath[int]) -> Response[bytes]:
    """One letter: its text and its links."""
    return page(request, "demo/letter.html", letter=_letter(_box(request), number))


@get("/demo/mail.json", opt=PUBLIC, include_in_schema=False)
async def mail_json(request: Request[Any, Any, Any]) -> Response[bytes]:
    """All letters, newest first: `[{id, at, to, subject, text, html, links}]`."""
    body = msgspec.json.encode(_box(request).letters[::-1])
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


routes = [mail, letter, mail_json]
