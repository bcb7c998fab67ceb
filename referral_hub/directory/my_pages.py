"""„Moje oferty”: an institution keeps its own offers true, on a phone, in a minute."""

import secrets
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory import my_site_pages, offer_pages, own_institution_pages
from referral_hub.directory.better_queries import better_of, first_of
from referral_hub.directory.edit_forms import kept_words
from referral_hub.directory.offer_pages import home_of
from referral_hub.directory.own_states import own_states, waiting_subjects
from referral_hub.directory.panels import own_links
from referral_hub.directory.queries import institution_name, offers_of, own_offer, sites_of
from referral_hub.directory.reading_actions import report_reading, undo_reading
from referral_hub.directory.reading_forms import Typed, read_said, stepped
from referral_hub.directory.states import State
from referral_hub.directory.still_true import as_pressed
from referral_hub.errors import Refused
from referral_hub.vocabularies.book import shape
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)


@get("/my-offers", opt=EDITOR, include_in_schema=False)
async def my_offers(request: HubRequest) -> Response[bytes]:
    """Every offer with its number to confirm; those due first."""
    return await _offers_page(request)


@post("/my-offers/{offer:uuid}/readings", opt=EDITOR, include_in_schema=False)
async def tell(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """One tap: the same, none, or another number."""
    actor, form = actor_of(request), Form(await request.form())
    own = await own_offer(offer, actor)
    moved = stepped(form, own)
    if moved is not None:
        return await _offers_page(request, typed={offer: moved})

    async def work() -> Response[Any]:
        said = await as_pressed(offer, form, read_said(form))
        reading = await report_reading(offer, said, actor=actor)
        return go(f"/my-offers?done={reading}")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _offers_page(request, status=422, typed={offer: Typed(None, form)})


@post("/my-offers/readings/{reading:uuid}/undo", opt=EDITOR, include_in_schema=False)
async def undo(request: HubRequest, reading: FromPath[UUID]) -> Response[Any]:
    """Take the last tap back."""
    try:
        offer = await undo_reading(reading, actor=actor_of(request))
    except Refused as refusal:
        form = Form()
        form.take(refusal)
        return await _offers_page(request, status=422, problem=form)
    return go(f"/my-offers?undone={offer}")


async def _offers_page(
    request: HubRequest, *, status: int = 200, typed: dict[UUID, Typed] | None = None, problem: Form | None = None
) -> Response[bytes]:
    institution = home_of(actor_of(request))
    offers, states = await offers_of(institution), await own_states(institution)
    archived = [one for one in states.values() if one.state is State.ARCHIVED]
    better = await better_of(institution)
    asked = {name: request.query_params.get(name, "") for name in ("done", "undone", "saved")}
    return page(
        request,
        "partner/offers.html",
        status=status,
        institution=await institution_name(institution),
        offers=offers,
        states=states,
        archived=archived,
        waiting=await waiting_subjects(institution),
        better=better,
        first=first_of(better, 3),
        waits="waits" in request.query_params,
        kept=kept_words(request.query_params.get("kept", ""), look_of(request).language),
        sites=await sites_of(institution),
        typed=typed or {},
        keys={offer.id: secrets.token_urlsafe(12) for offer in offers},
        more={offer.id: own_links(shape(offer.form)) for offer in offers},
        done=next((one for one in offers if asked["done"] and str(one.reading) == asked["done"]), None),
        undone=next((one for one in offers if str(one.id) == asked["undone"]), None),
        saved=next((one for one in offers if str(one.id) == asked["saved"]), None),
        put_away=next((one for one in archived if str(one.id) == asked["saved"]), None),
        problem=problem,
        careful=request.query_params.get("careful") == "address",
    )


routes = [my_offers, tell, undo, *offer_pages.routes, *own_institution_pages.routes, *my_site_pages.routes]
