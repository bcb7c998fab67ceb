"""„Ile jest wolnych miejsc?” by a link from mail: no account, one tap, undo. A visit changes nothing."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import structs

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import BY_LINK, PUBLIC
from referral_hub.accounts.link_pages import GONE, holder_of, link_behind, traded
from referral_hub.accounts.links import (
    Link,
    actor_of_link,
    link_of_secret,
)
from referral_hub.accounts.sessions import keep_actor
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.proposals import dismiss_proposal
from referral_hub.directory.queries import institution_name, reported_offers
from referral_hub.directory.reading_actions import report_reading, undo_reading
from referral_hub.directory.reading_forms import Typed, read_said, stepped
from referral_hub.directory.schemas import OwnOffer
from referral_hub.directory.still_true import as_pressed
from referral_hub.errors import NotAllowed, NotFound, Refused
from referral_hub.upkeep.asking_actions import renew_by_address, send_capacity_link
from referral_hub.upkeep.many_readings import read_all_same, tell_all_same, undo_all
from referral_hub.upkeep.own_facts import own_contacts
from referral_hub.upkeep.own_facts_actions import not_for_me
from referral_hub.web.forms import Form
from referral_hub.web.once import once
from referral_hub.web.page import page
from referral_hub.web.security import same_token, sent_token
from referral_hub.web.throttle import Throttle

HubRequest = Request[Any, Any, Any]
KIND: Final = "c"
LEADS_TO: Final = {"contact": "/c/contact"}
# An office has a few institutions to ask for; whoever goes through a list of addresses has hundreds.
renewals: Final = Throttle(20, timedelta(hours=1))


@get("/c/{secret:str}", opt=PUBLIC, include_in_schema=False)
async def open_link(request: HubRequest, secret: FromPath[str]) -> Response[bytes]:
    """Trade the secret for a signed cookie and lead to an address without it."""
    link = await link_of_secret(KIND, secret)
    if link is None:
        return gone(request, "unknown")
    return traded(link, LEADS_TO.get(request.query_params.get("to", ""), ""))


@get("/c", opt=PUBLIC, include_in_schema=False)
async def offers_by_link(request: HubRequest) -> Response[bytes]:
    """All published offers of the institution, those due first; `?done=` names the readings just told."""
    link = await link_of(request)
    if link is None or link.state != "open":
        return gone(request, link.state if link else "unknown", link)
    return await _offers_page(request, link)


@post("/c/offers/{offer:uuid}", opt=BY_LINK, include_in_schema=False)
async def tell_by_link(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """One tap: the same, none, or another number."""
    link, actor = await holder(request)
    form = Form(await request.form())
    own = next((one for one in await reported_offers(institution_of(link)) if one.id == offer), None)
    if own is None:
        raise NotFound
    moved = stepped(form, own)
    if moved is not None:
        return await _offers_page(request, link, typed={offer: moved})

    async def tell() -> Response[Any]:
        said = await as_pressed(offer, form, read_said(form))
        reading = await report_reading(offer, said, actor=actor)
        return go(f"/c?done={reading}#told")

    try:
        return await once(request, actor.scope, tell, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _offers_page(request, link, status=422, typed={offer: Typed(None, form)})


@post("/c/same", opt=BY_LINK, include_in_schema=False)
async def tell_all_by_link(request: HubRequest) -> Response[Any]:
    """„Wszystko bez zmian”: every number that was shown as due is true today, each a reading of its own."""
    link, actor = await holder(request)
    form = Form(await request.form())

    async def tell() -> Response[Any]:
        made = await tell_all_same(institution_of(link), read_all_same(form), actor=actor)
        return go("/c?" + "&".join(f"done={reading}" for reading in made) + "#told")

    try:
        return await once(request, actor.scope, tell, key=form.value("key"))
    except Refused as refusal:
        return await _problem(request, link, refusal)


@post("/c/readings/{reading:uuid}/undo", opt=BY_LINK, include_in_schema=False)
async def undo_by_link(request: HubRequest, reading: FromPath[UUID]) -> Response[Any]:
    """Take the last tap back."""
    link, actor = await holder(request)
    try:
        offer = await undo_reading(reading, actor=actor)
    except Refused as refusal:
        return await _problem(request, link, refusal)
    return go(f"/c?undone={offer}")


@post("/c/readings/undo", opt=BY_LINK, include_in_schema=False)
async def undo_all_by_link(request: HubRequest) -> Response[Any]:
    """Take „wszystko bez zmian” back, all of it or nothing."""
    link, actor = await holder(request)
    try:
        offers = await undo_all(Form(await request.form()), actor=actor)
    except Refused as refusal:
        return await _problem(request, link, refusal)
    return go("/c?" + "&".join(f"undone={offer}" for offer in offers))


@post("/c/proposals/{proposal:uuid}/dismiss", opt=BY_LINK, include_in_schema=False)
async def dismiss_by_link(request: HubRequest, proposal: FromPath[UUID]) -> Response[Any]:
    """The number that a decline proposed is not for today."""
    _, actor = await holder(request)
    await dismiss_proposal(proposal, actor=actor)
    return go("/c")


@post("/c/renew", opt=BY_LINK, include_in_schema=False)
async def renew(request: HubRequest) -> Response[Any]:
    """A new link, only ever to the address the institution is known by. Says the same whatever was done."""
    link = await link_of(request)
    form = Form(await request.form())
    if link is not None:
        if not same_token(actor_of_link(link).csrf, await sent_token(request)):
            raise NotAllowed("token_missing")
        await send_capacity_link(institution_of(link), by=actor_of_link(link).scope)
        return go("/c/renewed")
    address = form.text("email", most=254)
    if form.problems:
        return gone(request, "unknown", form=form, status=422)
    renewals.check(request)
    renewals.count(request)
    await renew_by_address(address)
    return go("/c/renewed")


@get("/c/renewed", opt=PUBLIC, include_in_schema=False)
async def renewed(request: HubRequest) -> Response[bytes]:
    """Where to look for the new link."""
    return page(request, "capacity/renewed.html")


@post("/c/stop", opt=BY_LINK, include_in_schema=False)
async def stop(request: HubRequest) -> Response[Any]:
    """„To nie do mnie”: the holder ends the link, and no more mail goes to its address."""
    link, actor = await holder(request)
    await not_for_me(institution_of(link), link.address, actor=actor)
    return go("/c/stopped")


@get("/c/stopped", opt=PUBLIC, include_in_schema=False)
async def stopped(request: HubRequest) -> Response[bytes]:
    """What the holder's word did."""
    return page(request, "capacity/stopped.html")


async def link_of(request: HubRequest) -> Link | None:
    """The link whose cookie this request brings, in whatever state."""
    return await link_behind(request, KIND)


def institution_of(link: Link) -> UUID:
    """The institution a link is for. Raises NotFound."""
    if link.institution is None:
        raise NotFound
    return link.institution


async def holder(request: HubRequest) -> tuple[Link, Actor]:
    """The open link behind a POST and who its holder is. Raises NotFound, NotAllowed `token_missing`."""
    return await holder_of(request, KIND)


async def _problem(request: HubRequest, link: Link, refusal: Refused) -> Response[bytes]:
    form = Form()
    form.take(refusal)
    return await _offers_page(request, link, status=422, problem=form)


async def _offers_page(
    request: HubRequest,
    link: Link,
    *,
    status: int = 200,
    typed: dict[UUID, Typed] | None = None,
    problem: Form | None = None,
) -> Response[bytes]:
    institution = institution_of(link)
    keep_actor(request.scope, actor_of_link(link))
    offers = await reported_offers(institution)
    return page(
        request,
        "capacity/offers.html",
        status=status,
        institution=await institution_name(institution),
        until=link.ends_at,
        offers=offers,
        contacts=[one for own in await own_contacts(institution) for one in own.shown],
        typed=typed or {},
        keys={offer.id: secrets.token_urlsafe(12) for offer in offers},
        key=secrets.token_urlsafe(12),
        done=_named(request, "done", offers),
        undone=_named(request, "undone", offers),
        problem=problem,
    )


def _named(request: HubRequest, name: str, offers: Sequence[OwnOffer]) -> list[OwnOffer]:
    """Offers whose reading was just told (`done`), or that were just undone."""
    asked = set(request.query_params.getall(name, []))
    return [offer for offer in offers if str(offer.reading if name == "done" else offer.id) in asked]


def gone(
    request: HubRequest, state: str, link: Link | None = None, *, form: Form | None = None, status: int = 0
) -> Response[bytes]:
    """Why this link no longer works, and one button for a new one."""
    if link is not None:
        # Its token, so that the one button works; never its rights.
        keep_actor(request.scope, structs.replace(actor_of_link(link), institution=None))
    known = link is not None
    code = status or GONE[state]
    return page(request, "capacity/gone.html", status=code, state=state, known=known, form=form or Form())


routes = [
    open_link,
    offers_by_link,
    tell_by_link,
    tell_all_by_link,
    undo_by_link,
    undo_all_by_link,
    dismiss_by_link,
    renew,
    renewed,
    stop,
    stopped,
]
