"""The public pages of the directory: search with its map, an institution, an offer."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from referral_hub.accounts.guards import PUBLIC, actor_of
from referral_hub.accounts.permissions import Permission
from referral_hub.directory.cards import (
    PHONES,
    Card,
    Partner,
    answered_first,
    away_on,
    contacts_for,
    hours_today,
    notices_of,
    notices_on,
    phones_for,
)
from referral_hub.directory.confidential import face, partner_face
from referral_hub.directory.favourites import favourites_of
from referral_hub.directory.observed import figures_for_staff
from referral_hub.directory.panels import institution_panels, offer_panels
from referral_hub.directory.public_api import asked_pairs
from referral_hub.directory.read_model import Model, offers_of, remember
from referral_hub.directory.read_model_areas import areas_of
from referral_hub.directory.read_model_asked import read_asked
from referral_hub.directory.read_model_refresh import directory, keeping
from referral_hub.directory.read_model_search import SORTS, Asked, search
from referral_hub.directory.read_model_view import (
    address,
    card_html,
    chip_list,
    cost_text,
    groups,
    items,
    items_for_staff,
    parameters,
    speaks,
    spots,
    spots_json,
)
from referral_hub.directory.read_model_why import area_name
from referral_hub.errors import NotFound
from referral_hub.geography.units import unit
from referral_hub.institutions.merged import survivor_of
from referral_hub.search.polish import sort_key
from referral_hub.settings import settings
from referral_hub.vocabularies import book
from referral_hub.web.look import look_of
from referral_hub.web.page import page
from referral_hub.web.wording import translate

lifespan = keeping
_WWW = ("http://", "https://")


@get("/", opt=PUBLIC)
async def show_search(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The search. What cannot be taken in the address is left out and said, the rest is searched."""
    model, language = await directory(), look_of(request).language
    asked, problems = read_asked(asked_pairs(request))
    found = search(model, asked)
    areas = await areas_of(model)
    here = spots(model, asked, found)
    actor = actor_of(request)
    staff = actor.may(Permission.DIRECTORY_STAFF)
    shown = items(model, found, language, staff=staff)
    only_staff = items_for_staff(model, asked, {item.id for item in shown}, language) if staff else []
    shown_groups = groups(asked, found, language)
    pairs = parameters(asked)
    return page(
        request,
        "directory/search.html",
        asked=asked,
        found=found,
        problems=[problem for problem in problems if problem.field != "lang"],
        items=shown,
        only_staff=only_staff,
        observed=await figures_for_staff([UUID(item.id) for item in (*shown, *only_staff)], actor),
        groups=shown_groups,
        chosen=sum(option.chosen for group in shown_groups for option in group.first) + asked.free,
        chip_list=chip_list(asked, found, language, translate(language, "Only with free places")),
        place_typed=_place_typed(asked),
        place_names=_place_names(model),
        sorts=[(code, translate(language, f"sort.{code}")) for code in SORTS if code != "near" or found.places],
        first_number=(found.page - 1) * asked.per_page + 1,
        page_base=address([*pairs, ("page", "")]),
        spots=here,
        spots_json=spots_json(here),
        chosen_areas=[area for place in found.places for area in place.areas],
        areas_version=areas.version,
        approximate=areas.approximate,
        tiles=settings().map_tile_url,
        open_filters=False,
        show_map=False,
        sending=actor.may(Permission.REFERRAL_SEND),
        kept=await _kept(request),
    )


def _place_typed(asked: Asked) -> str:
    """What stands in the place box: names; codes are boxes of the filter."""
    return next((name for name in asked.places if not name.isdigit()), "")


def _place_names(model: Model) -> list[str]:
    """Names to offer while somebody types a place: those of the network."""

    def collect() -> list[str]:
        sites = [site for card in model.by_number.values() for site in card.sites]
        return sorted({name for site in sites for name in (site.place, site.municipality) if name}, key=sort_key)[:400]

    return remember(model.shape, "place_names", collect)


@get("/map.json", opt=PUBLIC)
async def get_areas(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The areas of the map; the address holds their version, so they may be kept."""
    areas = await areas_of(await directory())
    current = request.query_params.get("v") == areas.version
    kept = "public, max-age=604800, immutable" if current else "no-cache"
    return Response(areas.body, media_type="application/geo+json", headers={"Cache-Control": kept})


@get("/institutions/{institution:uuid}", opt=PUBLIC)
async def show_institution(request: Request[Any, Any, Any], institution: FromPath[UUID]) -> Response[bytes]:
    """An institution with its places and offers."""
    model, language = await directory(), look_of(request).language
    public = model.partners.get(str(institution))
    if public is None:
        return await _moved(institution)
    staff = actor_of(request).may(Permission.DIRECTORY_STAFF)
    partner = partner_face(public, staff=staff)
    cards = _offers_of(model, partner, staff=staff)
    town, main = unit(partner.terc), partner.sites[0] if partner.sites else None
    return page(
        request,
        "directory/institution.html",
        partner=partner,
        kind=book.label("kind", partner.kind, language),
        municipality=town.name if town else (main.municipality if main else ""),
        cards=[
            {
                "id": card.id,
                "title": card.title(language),
                "html": card_html(model, card, card.site, language, own_page=True),
            }
            for card in cards
        ],
        panels=await institution_panels(institution, actor_of(request), language),
        # Of an offer that takes people in now, if any does.
        first_step=next(
            (card.first_step for card in sorted(cards, key=lambda one: one.status != "published") if card.first_step),
            "",
        ),
        main_site=main,
        todays={site.id: hours_today(site, model.day) for site in partner.sites},
        away=away_on(partner, model.day),
        notices=notices_on(partner, model.day, {site.id for site in partner.sites}),
        **_contacts(partner, None),
        **_rights(request),
    )


async def _moved(institution: UUID) -> Response[bytes]:
    """The address of an entry that became part of another leads there for good. Raises NotFound for any other."""
    survivor = await survivor_of(institution)
    if survivor is None:
        raise NotFound
    headers = {"Location": f"/institutions/{survivor}", "Cache-Control": "no-cache"}
    return Response(b"", status_code=301, headers=headers)


@get("/offers/{offer:uuid}", opt=PUBLIC)
async def show_offer(request: Request[Any, Any, Any], offer: FromPath[UUID]) -> Response[bytes]:
    """An offer: the first step on top, then whom it is for, where, when, and free places."""
    model, language = await directory(), look_of(request).language
    public = model.cards.get(str(offer))
    if public is None:
        raise NotFound
    staff = actor_of(request).may(Permission.DIRECTORY_STAFF)
    card = face(public, staff=staff)
    if card.by_category:
        return _by_category(request, card, language)
    others = [other for other in _offers_of(model, card.partner, staff=staff) if other.id != card.id]
    area = [area_name(found, language) for code in card.area if (found := unit(code)) is not None]
    return page(
        request,
        "directory/offer.html",
        card=card,
        title=card.title(language),
        title_is_polish=language != "pl" and language not in card.titles,
        description=card.description(language) or card.source_text,
        description_is_polish=language != "pl" and language not in card.descriptions,
        form=book.label("form", card.form, language),
        by_category_only=public.by_category,
        kind=book.label("kind", card.partner.kind, language),
        audiences=[book.label("audience", code, language) for code in card.audiences],
        speaks=speaks(card, language),
        area=", ".join(area),
        terms=_terms(card, language),
        reading=_reading(card, language),
        panels=await offer_panels(offer, actor_of(request), language),
        todays={site.id: hours_today(site, model.day) for site in card.sites},
        others=[card_html(model, other, other.site, language, own_page=True) for other in others[:10]],
        away=away_on(card.partner, model.day),
        notices=notices_of(card, model.day),
        kept=await _kept(request),
        **_contacts(card.partner, card),
        **_rights(request),
    )


def _by_category(request: Request[Any, Any, Any], card: Card, language: str) -> Response[bytes]:
    """An offer whose institution the public may not know: what kind of help, where, and whom to ask."""
    return page(
        request,
        "directory/by_category.html",
        card=card,
        title=card.title(language),
        needs=[book.label("need", code, language) for code in card.needs],
        audiences=[book.label("audience", code, language) for code in card.audiences],
    )


def _offers_of(model: Model, partner: Partner, *, staff: bool) -> list[Card]:
    """Its open offers as this reader may see them; those shown by category only are on no public page of it."""
    own = [face(card, staff=staff) for card in offers_of(model, partner.id) if card.status == "published"]
    return sorted((card for card in own if not card.by_category), key=lambda card: sort_key(card.titles["pl"]))


async def _kept(request: Request[Any, Any, Any]) -> frozenset[str] | None:
    """The offers the viewer keeps at hand; None for those who keep none, the public first of all."""
    actor = actor_of(request)
    if actor.account is None or not actor.may(Permission.FAVOURITE_KEEP):
        return None
    return frozenset(str(offer) for offer in await favourites_of(actor))


def _rights(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Whether addresses for staff are shown, and whether a person may be referred from here."""
    actor = actor_of(request)
    return {"staff": actor.may(Permission.DIRECTORY_STAFF), "sending": actor.may(Permission.REFERRAL_SEND)}


def _contacts(partner: Partner, card: Card | None) -> dict[str, Any]:
    """Phones, mailboxes and web addresses of an offer, else of the whole institution."""

    def of(*kinds: str) -> list[Any]:
        if card is not None:
            return contacts_for(card, card.site, kinds)
        return [contact for contact in partner.contacts if contact.kind in kinds]

    pages = [contact.value for contact in of("www")]
    return {
        "phones": (phones_for(card, card.site) if card is not None else answered_first(of(*PHONES)))[:4],
        "emails": of("email")[:3],
        "sites_www": [text if text.startswith(_WWW) else f"https://{text}" for text in pages][:2],
    }


def _terms(card: Card, language: str) -> list[tuple[str, str]]:
    """What else a person asks before coming."""
    named = (("Papers to bring", card.papers), ("Cost", cost_text(card, language)), ("Stipend", card.stipend))
    pairs = [*named, ("Insurance", card.insurance)]
    told = [(translate(language, name), text) for name, text in pairs if text]
    return [*told, (translate(language, "How one gets in"), translate(language, f"intake.{card.intake_mode}"))]


def _reading(card: Card, language: str) -> list[tuple[str, str]]:
    """The numbers beside the free places, as somebody gave them."""
    given = (
        ("All places", card.reading["maximum"]),
        ("Free for women", card.reading["free_women"]),
        ("Free for men", card.reading["free_men"]),
        ("Held for referrals under way", card.capacity.held or None),
    )
    return [(translate(language, name), str(number)) for name, number in given if number is not None]


routes = [show_search, get_areas, show_institution, show_offer]
