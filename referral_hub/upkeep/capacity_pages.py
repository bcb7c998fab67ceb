"""„Ile jest wolnych miejsc?” by a link from mail: no account, one tap, undo. A visit changes nothing."""

import secrets
from typing import Any, Final
from uuid import UUID

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
    seal_cookie,
)
from referral_hub.accounts.sessions import keep_actor
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.queries import institution_name, reported_offers
from referral_hub.directory.reading_actions import report_reading, undo_reading
from referral_hub.directory.reading_forms import Typed, read_said, stepped
from referral_hub.directory.schemas import OwnOffer
from referral_hub.errors import NotAllowed, NotFound, Refused
from referral_hub.settings import settings
from referral_hub.upkeep.asking_actions import renew_by_address, send_capacity_link
from referral_hub.web.forms import Form
from referral_hub.web.once import once
from referral_hub.web.page import page
from referral_hub.web.security import same_token, sent_token

HubRequest = Request[Any, Any, Any]
KIND: Final = "c"
GONE: Final = {"expired": 410, "revoked": 410, "unknown": 404}


@get("/c/{secret:str}", opt=PUBLIC, include_in_schema=False)
async def open_link(request: HubRequest, secret: FromPath[str]) -> Response[bytes]:
    """Trade the secret for a signed cookie and lead to an address without it."""
    link = await link_of_secret(KIND, secret)
    if link is None:
        return _gone(request, "unknown")
    kept = Cookie(
        COOKIES[KIND],
        value=seal_cookie(link),
        path="/c",
        httponly=True,
        samesite="lax",
        secure=settings().https,
        max_age=int(LASTS[KIND].total_seconds()),
    )
    answer = go("/c", kept)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@get("/c", opt=PUBLIC, include_in_schema=False)
async def offers_by_link(request: HubRequest) -> Response[bytes]:
    """All published offers of the institution, those due first; `?done=` names the reading just told."""
    link = await _link(request)
    if link is None or link.state != "open":
        return _gone(request, link.state if link else "unknown", link)
    return await _offers_page(request, link)


@post("/c/offers/{offer:uuid}", opt=BY_LINK, include_in_schema=False)
async def tell_by_link(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """One tap: the same, none, or another number."""
    link, actor = await _holder(request)
    form = Form(await request.form())
    own = next((one for one in await reported_offers(_institution(link)) if one.id == offer), None)
    if own is None:
        raise NotFound
    moved = stepped(form, own)
    if moved is not None:
        return await _offers_page(request, link, typed={offer: moved})

    async def tell() -> Response[Any]:
        reading = await report_reading(offer, read_said(form), actor=actor)
        return go(f"/c?done={reading}")

    try:
        return await once(request, actor.scope, tell, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _offers_page(request, link, status=422, typed={offer: Typed(None, form)})


@post("/c/readings/{reading:uuid}/undo", opt=BY_LINK, include_in_schema=False)
async def undo_by_link(request: HubRequest, reading: FromPath[UUID]) -> Response[Any]:
    """Take the last tap back."""
    link, actor = await _holder(request)
    try:
        offer = await undo_reading(reading, actor=actor)
    except Refused as refusal:
        form = Form()
        form.take(refusal)
        return await _offers_page(request, link, status=422, problem=form)
    return go(f"/c?undone={offer}")


@post("/c/renew", opt=BY_LINK, include_in_schema=False)
async def renew(request: HubRequest) -> Response[Any]:
    """A new link, only ever to the address the institution is known by. Says the same whatever was done."""
    link = await _link(request)
    form = Form(await request.form())
    if link is not None:
        if not same_token(actor_of_link(link).csrf, await sent_token(request)):
            raise NotAllowed("token_missing")
        await send_capacity_link(_institution(link), by=actor_of_link(link).scope)
        return go("/c/renewed")
    address = form.text("email", most=254)
    if form.problems:
        return _gone(request, "unknown", form=form, status=422)
    await renew_by_address(address)
    return go("/c/renewed")


@get("/c/renewed", opt=PUBLIC, include_in_schema=False)
async def renewed(request: HubRequest) -> Response[bytes]:
    """Where to look for the new link."""
    return page(request, "capacity/renewed.html")


async def _link(request: HubRequest) -> Link | None:
    return await link_of_cookie(KIND, request.cookies.get(COOKIES[KIND], ""))


def _institution(link: Link) -> UUID:
    if link.institution is None:
        raise NotFound
    return link.institution


async def _holder(request: HubRequest) -> tuple[Link, Actor]:
    """The open link behind a POST and who its holder is. Raises NotFound, NotAllowed `token_missing`."""
    link = await _link(request)
    if link is None or link.state != "open":
        raise NotFound("link_ended")
    actor = actor_of_link(link)
    if not same_token(actor.csrf, await sent_token(request)):
        raise NotAllowed("token_missing")
    return link, actor


async def _offers_page(
    request: HubRequest,
    link: Link,
    *,
    status: int = 200,
    typed: dict[UUID, Typed] | None = None,
    problem: Form | None = None,
) -> Response[bytes]:
    institution = _institution(link)
    keep_actor(request.scope, actor_of_link(link))
    offers = await reported_offers(institution)
    return page(
        request,
        "capacity/offers.html",
        status=status,
        institution=await institution_name(institution),
        until=link.ends_at,
        offers=offers,
        typed=typed or {},
        keys={offer.id: secrets.token_urlsafe(12) for offer in offers},
        done=_just_told(request, offers),
        undone=_just_undone(request, offers),
        problem=problem,
    )


def _just_told(request: HubRequest, offers: list[OwnOffer]) -> OwnOffer | None:
    asked = request.query_params.get("done", "")
    return next((offer for offer in offers if asked and str(offer.reading) == asked), None)


def _just_undone(request: HubRequest, offers: list[OwnOffer]) -> OwnOffer | None:
    asked = request.query_params.get("undone", "")
    return next((offer for offer in offers if asked and str(offer.id) == asked), None)


def _gone(
    request: HubRequest, state: str, link: Link | None = None, *, form: Form | None = None, status: int = 0
) -> Response[bytes]:
    """Why this link no longer works, and one button for a new one."""
    if link is not None:
        # Its token, so that the one button works; never its rights.
        keep_actor(request.scope, structs.replace(actor_of_link(link), institution=None))
    known = link is not None
    code = status or GONE[state]
    return page(request, "capacity/gone.html", status=code, state=state, known=known, form=form or Form())


routes = [open_link, offers_by_link, tell_by_link, undo_by_link, renew, renewed]
