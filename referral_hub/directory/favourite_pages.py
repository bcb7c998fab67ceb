"""„Ulubione”: the offers a caseworker or coordinator turns to again, with their free places now."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.confidential import face
from referral_hub.directory.favourites import drop_favourite, favourites_of, keep_favourite
from referral_hub.directory.read_model_refresh import directory
from referral_hub.directory.read_model_view import card_html
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page
from referral_hub.web.site_pages import own_address

HubRequest = Request[Any, Any, Any]
KEEPER: Final = needs(Permission.FAVOURITE_KEEP)


@get("/favourites", opt=KEEPER, include_in_schema=False)
async def favourites(request: HubRequest) -> Response[bytes]:
    """Each as its card, the latest kept first; those that are no longer in the directory are named as such."""
    actor, model, language = actor_of(request), await directory(), look_of(request).language
    kept = await favourites_of(actor)
    cards = [face(model.cards[str(one)], staff=True) for one in kept if str(one) in model.cards]
    return page(
        request,
        "directory/favourites.html",
        cards=[
            {
                "id": card.id,
                "title": card.title(language),
                "html": card_html(model, card, card.site, language),
                "open": card.status == "published",
            }
            for card in cards
        ],
        gone=[one for one in kept if str(one) not in model.cards],
        sending=actor.may(Permission.REFERRAL_SEND),
    )


@post("/favourites/{offer:uuid}", opt=KEEPER, include_in_schema=False)
async def keep(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """The star; back to where it was pressed."""
    form = Form(await request.form())
    await keep_favourite(offer, actor=actor_of(request))
    return go(own_address(form.value("next")))


@post("/favourites/{offer:uuid}/drop", opt=KEEPER, include_in_schema=False)
async def drop(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """Take the star away."""
    form = Form(await request.form())
    await drop_favourite(offer, actor=actor_of(request))
    return go(own_address(form.value("next")))


routes = [favourites, keep, drop]
