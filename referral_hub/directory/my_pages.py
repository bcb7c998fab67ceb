"""„Moje oferty”: an institution keeps its own offers true, on a phone, in a minute."""

import secrets
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.database.transaction import transaction
from referral_hub.directory import my_site_pages
from referral_hub.directory.actions import OfferFacts, add_offer, edit_offer, edit_site
from referral_hub.directory.contact_forms import names_a_person
from referral_hub.directory.details import kind_of
from referral_hub.directory.offer_forms import OfferTyped, new_offer_form, offer_form, read_offer
from referral_hub.directory.panels import own_links
from referral_hub.directory.queries import institution_name, offer_facts, offers_of, own_offer, sites_of
from referral_hub.directory.reading_actions import report_reading, undo_reading
from referral_hub.directory.reading_forms import Typed, read_said, stepped
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.institutions.actions import set_contacts
from referral_hub.vocabularies.book import shape, terms
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)
STATUSES: Final = ("published", "closed", "archived")


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
        reading = await report_reading(offer, read_said(form), actor=actor)
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


@get("/my-offers/new", opt=EDITOR, include_in_schema=False)
async def new_offer(request: HubRequest) -> Response[bytes]:
    """An empty offer."""
    institution = _home(actor_of(request), request.query_params.get("institution", ""))
    return await _editor(request, new_offer_form(await sites_of(institution)), institution)


@post("/my-offers/new", opt=EDITOR, include_in_schema=False)
async def make_offer(request: HubRequest) -> Response[Any]:
    """Put it into the directory, or keep it as a draft."""
    actor, form = actor_of(request), Form(await request.form())
    institution = _home(actor, form.value("institution"))
    draft = form.value("act") == "draft"
    try:
        typed = read_offer(form, await sites_of(institution), home=await _terc(institution), draft=draft)
        facts = OfferFacts(**typed.changes, status="draft" if draft else "published")
        async with transaction(actor.scope):
            made = await add_offer(institution, facts, actor=actor, sites=typed.sites)
            await _beside(made, institution, typed, actor)
    except Refused as refusal:
        form.take(refusal)
        return await _editor(request, form, institution, status=422)
    if kind_of(typed.changes["form"]):
        return go(f"/my-offers/{made}/details?new=1")
    return go(_after(made, institution, typed, actor))


@get("/my-offers/{offer:uuid}", opt=EDITOR, include_in_schema=False)
async def edit(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """The offer as it stands, to change."""
    facts = await offer_facts(offer, actor_of(request))
    form = offer_form(facts, await sites_of(facts["institution"]))
    return await _editor(request, form, facts["institution"], offer=offer, offer_status=facts["status"])


@post("/my-offers/{offer:uuid}", opt=EDITOR, include_in_schema=False)
async def save(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """Keep what was typed; somebody else's change meanwhile is said, not overwritten."""
    actor, form = actor_of(request), Form(await request.form())
    facts = await offer_facts(offer, actor)
    institution, draft = facts["institution"], form.value("act") == "draft"
    try:
        version = form.whole("version")
        typed = read_offer(form, await sites_of(institution), home=await _terc(institution), draft=draft)
        status = "draft" if draft else facts["status"] if facts["status"] == "closed" else "published"
        async with transaction(actor.scope):
            changes = {**typed.changes, "status": status}
            source = "partner" if actor.institution == institution else "coordinator"
            await edit_offer(offer, changes, actor=actor, version=version, sites=typed.sites, source=source)
            await _beside(offer, institution, typed, actor)
    except Refused as refusal:
        form.take(refusal)
        return await _editor(request, form, institution, offer=offer, offer_status=facts["status"], status=422)
    except Stale:
        form.add("", "stale")
        return await _editor(request, form, institution, offer=offer, offer_status=facts["status"], status=409)
    return go(_after(offer, institution, typed, actor))


@post("/my-offers/{offer:uuid}/status", opt=EDITOR, include_in_schema=False)
async def change_status(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """Publish, close the intake, open it again, or put away; put away it can be found by nobody."""
    form = Form(await request.form())
    status = form.choice("status", STATUSES)
    form.check()
    actor = actor_of(request)
    own = await own_offer(offer, actor)
    await edit_offer(offer, {"status": status}, actor=actor)
    mine = own.institution == actor.institution
    return go(f"/my-offers?saved={offer}" if mine else f"/institutions/{own.institution}/edit?saved=1")


def _home(actor: Actor, named: str = "") -> UUID:
    """The actor's own institution, or the one a coordinator named."""
    if named and actor.may(Permission.DIRECTORY_MODERATE):
        wished = Form({"institution": named}).id("institution")
        if wished is None:
            raise NotFound
        return wished
    if actor.institution is None:
        raise NotFound
    return actor.institution


def _after(offer: UUID, institution: UUID, typed: OfferTyped, actor: Actor) -> str:
    """Back to one's own list, or to the institution looked after; with a word about an address that names somebody."""
    careful = "&careful=address" if names_a_person(typed.contacts) else ""
    if actor.institution == institution:
        return f"/my-offers?saved={offer}{careful}#offer-{offer}"
    return f"/institutions/{institution}/edit?saved=1{careful}"


async def _terc(institution: UUID) -> str:
    """Where the institution is, to tell places of one name apart."""
    return next((site.terc for site in await sites_of(institution) if site.terc), "")


async def _beside(offer: UUID, institution: UUID, typed: OfferTyped, actor: Actor) -> None:
    """What the editor shows of other rows: the offer's own contacts, the hours of its one site."""
    await set_contacts(institution, typed.contacts, by=actor.scope, source="partner", belongs_to=offer)
    if typed.hours_text is not None:
        await edit_site(typed.sites[0], {"hours_text": typed.hours_text}, actor=actor)


async def _offers_page(
    request: HubRequest, *, status: int = 200, typed: dict[UUID, Typed] | None = None, problem: Form | None = None
) -> Response[bytes]:
    institution = _home(actor_of(request))
    offers = await offers_of(institution)
    asked = {name: request.query_params.get(name, "") for name in ("done", "undone", "saved")}
    return page(
        request,
        "partner/offers.html",
        status=status,
        institution=await institution_name(institution),
        offers=offers,
        sites=await sites_of(institution),
        typed=typed or {},
        keys={offer.id: secrets.token_urlsafe(12) for offer in offers},
        more={offer.id: own_links(shape(offer.form)) for offer in offers},
        done=next((one for one in offers if asked["done"] and str(one.reading) == asked["done"]), None),
        undone=next((one for one in offers if str(one.id) == asked["undone"]), None),
        saved=next((one for one in offers if str(one.id) == asked["saved"]), None),
        problem=problem,
        careful=request.query_params.get("careful") == "address",
    )


async def _editor(
    request: HubRequest,
    form: Form,
    institution: UUID,
    *,
    offer: UUID | None = None,
    offer_status: str = "draft",
    status: int = 200,
) -> Response[bytes]:
    language = look_of(request).language
    sites = await sites_of(institution)
    return page(
        request,
        "partner/offer.html",
        status=status,
        form=form,
        offer=offer,
        offer_status=offer_status,
        institution=await institution_name(institution),
        institution_id=institution,
        own=actor_of(request).institution == institution,
        sites=sites,
        site_options=[(str(site.id), ", ".join(filter(None, (site.name, site.street, site.place)))) for site in sites],
        more=own_links(shape(form.value("form"))),
        forms=terms("form", language, sort=True),
        need_terms=terms("need", language),
        audience_terms=terms("audience", language),
        untranslated=sum(not form.value(name) for name in ("title_en", "title_uk")),
    )


routes = [my_offers, tell, undo, new_offer, make_offer, edit, save, change_status, *my_site_pages.routes]
