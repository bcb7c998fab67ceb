"""Pages about the hub itself: the accessibility statement, appearance, the privacy notice, help."""

from datetime import date
from typing import Any, Final

from litestar import Request, Response, get, post

from referral_hub.settings import settings
from referral_hub.web.forms import Form
from referral_hub.web.look import COOKIES, CookieName, keep
from referral_hub.web.page import page

# This layer is below accounts and so does not know its guards; `public` and `without_token` are their words.
_PUBLIC: Final[dict[str, Any]] = {"public": True}
_WITHOUT_TOKEN: Final[dict[str, Any]] = {"public": True, "without_token": True}

# When the pages were first published, last changed in a way that matters here, and when we last judged them.
PUBLISHED: Final = date(2026, 11, 23)
CHANGED: Final = date(2026, 11, 23)
JUDGED: Final = date(2026, 11, 23)
_WISHES: Final[tuple[CookieName, ...]] = ("language", "theme", "size")


@get("/accessibility", opt=_PUBLIC, include_in_schema=False)
async def accessibility(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The statement the Act of 4 April 2019 asks for, with the ids of the ministry's technical conditions."""
    return page(
        request,
        "site/accessibility.html",
        published=PUBLISHED,
        changed=CHANGED,
        judged=JUDGED,
        public_url=settings().public_url,
    )


@get("/appearance", opt=_PUBLIC, include_in_schema=False)
async def appearance(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Colours, text size and language on one page, for phones and for those who do not see the bar."""
    return page(request, "site/appearance.html", next=own_address(request.query_params.get("next")))


@post("/appearance", opt=_WITHOUT_TOKEN, include_in_schema=False)
async def change_appearance(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Keep what was chosen in cookies and go back to where it was chosen; a word that is none of ours is left."""
    form = Form(await request.form())
    answer = Response(b"", status_code=303, headers={"Location": own_address(form.value("next"))})
    for wish in _WISHES:
        if form.value(wish) in COOKIES[wish]:
            keep(answer, wish, form.value(wish))
    return answer


@get("/privacy-notice", opt=_PUBLIC, include_in_schema=False)
async def privacy_notice(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Who keeps what about whom, and what a person may ask for."""
    return page(request, "site/privacy_notice.html")


@get("/help", opt=_PUBLIC, include_in_schema=False)
async def help_page(request: Request[Any, Any, Any]) -> Response[bytes]:
    """How to do the few things people come for."""
    return page(request, "site/help.html")


def own_address(address: str | None) -> str:
    """An address on this site to go back to: a path of ours, never another host; '/' for anything else."""
    sent = (address or "")[:1000]
    own = sent.startswith("/") and not sent.startswith("//") and sent.isascii() and sent.isprintable()
    return sent if own and "\\" not in sent else "/"


routes = [accessibility, appearance, change_appearance, privacy_notice, help_page]
