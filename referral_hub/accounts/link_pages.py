"""What the pages behind a link from mail share: the secret traded for a cookie, and who holds the link."""

from typing import Any, Final

from litestar import Request, Response
from litestar.datastructures import Cookie

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.links import COOKIES, LASTS, Link, actor_of_link, link_of_cookie, seal_cookie
from referral_hub.accounts.sign_in_pages import go
from referral_hub.errors import NotAllowed, NotFound
from referral_hub.settings import settings
from referral_hub.web.security import same_token, sent_token

GONE: Final = {"expired": 410, "revoked": 410, "unknown": 404}
"""The status of a page that says why a link no longer works."""


def traded(link: Link, to: str = "") -> Response[bytes]:
    """Keep a signed cookie in place of the secret, for the link's own pages only, and lead there (`to`)."""
    home = f"/{link.kind}"
    kept = Cookie(
        COOKIES[link.kind],
        value=seal_cookie(link),
        path=home,
        httponly=True,
        samesite="lax",
        secure=settings().https,
        max_age=int(LASTS[link.kind].total_seconds()),
    )
    answer = go(to or home, kept)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


async def link_behind(request: Request[Any, Any, Any], kind: str) -> Link | None:
    """The link whose cookie this request brings, in whatever state."""
    return await link_of_cookie(kind, request.cookies.get(COOKIES[kind], ""))


async def holder_of(request: Request[Any, Any, Any], kind: str) -> tuple[Link, Actor]:
    """The link behind a POST that still works (used up counts), and its holder.

    Raises NotFound `link_ended`, NotAllowed `token_missing`.
    """
    link = await link_behind(request, kind)
    if link is None or link.state in GONE:
        raise NotFound("link_ended")
    actor = actor_of_link(link)
    if not same_token(actor.csrf, await sent_token(request)):
        raise NotAllowed("token_missing")
    return link, actor
