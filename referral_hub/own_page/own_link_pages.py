"""The door to a person's own pages: a link from a card, or the number and the code on it; and the frame behind it.

The link alone names no institution, since a phone may lie open; the code does, until the browser is closed. Whoever
types what fits nobody learns nothing: not whether there is such a number, nor whether tries have run out.
"""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from msgspec import structs

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import BY_LINK, PUBLIC
from referral_hub.accounts.links import (
    COOKIES,
    LASTS,
    Link,
    actor_of_link,
    link_of_cookie,
    link_of_secret,
    open_cookie,
    seal_cookie,
)
from referral_hub.accounts.own_codes import MOST_WRONG, PAUSE, card_opened_by
from referral_hub.accounts.sessions import keep_actor
from referral_hub.accounts.sign_in_pages import go
from referral_hub.database.transaction import PUBLIC as NOBODY
from referral_hub.database.transaction import transaction
from referral_hub.errors import NotAllowed, NotFound
from referral_hub.own_page.own_numbers import entries_merged_into, person_of_number
from referral_hub.settings import settings
from referral_hub.web.forms import Form
from referral_hub.web.look import COOKIES as LOOKS
from referral_hub.web.page import Network, network, page
from referral_hub.web.security import same_token, sent_token
from referral_hub.web.throttle import Throttle

HubRequest = Request[Any, Any, Any]
Answer = Response[Any]
KIND: Final = "p"
BY_CODE: Final = "p-code"
CODE_COOKIE: Final = "hub_p_code"

guesses: Final = Throttle(MOST_WRONG, PAUSE)


@get("/p/{secret:str}", opt=PUBLIC, include_in_schema=False)
async def open_own_link(request: HubRequest, secret: FromPath[str]) -> Answer:
    """Trade the secret for a signed cookie and lead to an address without it, in the person's own language."""
    link = await link_of_secret(KIND, secret)
    if link is None or link.state != "open":
        return code_page(request, Form({}), status=404 if link is None else 410, ended=True)
    language = "" if request.cookies.get("language") in LOOKS["language"] else await _language_of(link)
    return go(f"/p?lang={language}" if language else "/p", _cookie(link))


@post("/p/code", opt=BY_LINK, include_in_schema=False)
async def post_code(request: HubRequest) -> Answer:
    """The code from the card, with a number on it where no link was opened: opens the pages, and names on them."""
    form = Form(await request.form())
    guesses.check(request)
    known = await own_link(request)
    typed = form.text("number", most=40, required=known is None)
    code = form.text("code", most=40)
    if form.problems:
        return code_page(request, form, status=422, known=known is not None)
    person = known.subject if known is not None else await person_of_number(typed)
    by = actor_of_link(known).scope if known is not None else NOBODY
    link = await card_opened_by(person, code, by=by, earlier=await entries_merged_into(person))
    if link is None:
        guesses.count(request)
        form.add("code", "code_unknown" if known is not None else "number_or_code_unknown")
        return code_page(request, form, status=422, known=known is not None)
    answer = go("/p", _cookie(link))
    answer.cookies.append(_cookie(link, by_code=True))
    return answer


@post("/p/leave", opt=BY_LINK, include_in_schema=False)
async def leave(request: HubRequest) -> Answer:
    """Forget the person on this device."""
    answer = go("/p")
    for name in (COOKIES[KIND], CODE_COOKIE):
        answer.cookies.append(Cookie(name, value="", path="/p", max_age=0, httponly=True, samesite="lax"))
    return answer


async def own_link(request: HubRequest) -> Link | None:
    """The open link of this browser."""
    link = await link_of_cookie(KIND, request.cookies.get(COOKIES[KIND], ""))
    return link if link is not None and link.state == "open" and link.subject is not None else None


async def holder(request: HubRequest) -> tuple[Link, Actor]:
    """The open link behind a POST. Raises NotFound `link_ended`, NotAllowed `token_missing`."""
    link = await own_link(request)
    if link is None:
        raise NotFound("link_ended")
    actor = actor_of_link(link)
    if not same_token(actor.csrf, await sent_token(request)):
        raise NotAllowed("token_missing")
    return link, actor


def names_shown(request: HubRequest, link: Link) -> bool:
    """Whether this browser has given the code of this link."""
    return open_cookie(BY_CODE, request.cookies.get(CODE_COOKIE, "")) == link.id


def own_page(request: HubRequest, link: Link, template: str, *, status: int = 200, **facts: Any) -> Answer:
    """A page for the holder of a link; `named` says whether institutions may stand on it."""
    keep_actor(request.scope, actor_of_link(link))
    named = names_shown(request, link)
    return page(request, template, status=status, named=named, network=network if named else _nameless(), **facts)


def code_page(
    request: HubRequest, form: Form, *, status: int = 200, ended: bool = False, known: bool = False
) -> Answer:
    """Where number and code are typed; with a link open (`known`) the code is enough."""
    facts: dict[str, Any] = {"form": form, "ended": ended, "known": known, "minutes": int(PAUSE.total_seconds() // 60)}
    answer = page(request, "guest/code.html", status=status, network=_nameless(), named=False, **facts)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _nameless() -> Network:
    """The frame without the club: a phone may lie open, and even the club's name says something about the person."""
    return Network(banner=network.banner)


async def _language_of(link: Link) -> str:
    async with transaction(actor_of_link(link).scope) as sql:
        return str(await sql.fetchval("select language from participant where id = $1", link.subject) or "")


def _cookie(link: Link, *, by_code: bool = False) -> Cookie:
    sealed = seal_cookie(structs.replace(link, kind=BY_CODE) if by_code else link)
    return Cookie(
        CODE_COOKIE if by_code else COOKIES[KIND],
        value=sealed,
        path="/p",
        httponly=True,
        samesite="lax",
        secure=settings().https,
        # The names go when the browser closes; the neutral page stays for as long as the link lasts.
        max_age=None if by_code else int(LASTS[KIND].total_seconds()),
    )


routes = [open_own_link, post_code, leave]
