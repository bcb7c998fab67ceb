"""The editor of an offer: what it says, and its state."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.database.transaction import transaction
from referral_hub.directory.better_queries import advice_for
from referral_hub.directory.contact_forms import read_contacts
from referral_hub.directory.edit_forms import (
    Compared,
    after,
    choices,
    clashing,
    kept_words,
    started_from,
    with_word,
    word_why,
)
from referral_hub.directory.entries import Entry
from referral_hub.directory.offer_forms import new_offer_form, offer_form, read_offer
from referral_hub.directory.opening import open_offer
from referral_hub.directory.panels import own_links
from referral_hub.directory.pending_actions import withdraw
from referral_hub.directory.queries import institution_name, sites_of
from referral_hub.directory.saving import Editing, Saved, editing, lacking, reachable, save_entry, written
from referral_hub.directory.schemas import OwnSite
from referral_hub.directory.state_actions import LONGEST_WORD, Moved, move_offer
from referral_hub.directory.states import State, Verb, state_of, verbs
from referral_hub.errors import NotFound, Refused
from referral_hub.vocabularies.book import shape, terms
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)


@get("/my-offers/new", opt=EDITOR, include_in_schema=False)
async def new_offer(request: HubRequest) -> Response[bytes]:
    """An empty offer."""
    institution = home_of(actor_of(request), request.query_params.get("institution", ""))
    return await _editor(request, new_offer_form(await sites_of(institution)), institution)


@post("/my-offers/new", opt=EDITOR, include_in_schema=False)
async def make_offer(request: HubRequest) -> Response[Any]:
    """Put it into the directory, or keep it as a draft; where edits wait, it waits as one."""
    actor, form = actor_of(request), Form(await request.form())
    institution = home_of(actor, form.value("institution"))
    publish = form.value("act") == "publish"
    try:
        given = await _read(form, institution, publish=publish)
        opened = await open_offer(institution, given, actor=actor, publish=publish)
    except Refused as refusal:
        form.take(refusal)
        return await _editor(request, form, institution, status=422)
    asks = next((link for link in own_links(shape(given["form"])) if link.asks), None)
    if asks is not None:
        return go(f"/my-offers/{opened.entry.id}/{asks.path}?new=1")
    target = _home_page(opened.entry.id, institution, actor)
    return go(with_word(target, waits=opened.waits, contacts=read_contacts(form)))


@get("/my-offers/{offer:uuid}", opt=EDITOR, include_in_schema=False)
async def edit(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """The offer as it stands, with what waits laid over it, to change."""
    held = await editing("offer", offer, actor=actor_of(request))
    form = offer_form(held.values, written(held.entry.version, held.values), held.entry.version)
    return await _editor(request, form, held.entry.institution, held=held)


@post("/my-offers/{offer:uuid}", opt=EDITOR, include_in_schema=False)
async def save(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """Keep what was typed, beside what somebody else changed meanwhile; where both did, ask."""
    actor, form = actor_of(request), Form(await request.form())
    held = await editing("offer", offer, actor=actor)
    institution, sites = held.entry.institution, await sites_of(held.entry.institution)
    try:
        publish = form.value("act") == "publish" and held.entry.status == "draft"
        why = word_why(form)
        given = await _read(form, institution, publish=publish)
        async with transaction(actor.scope):
            saved = await save_entry(
                "offer", offer, given, actor=actor, started=started_from(form), chosen=choices(form), why=why
            )
            moved = None if saved.clashes else await _publish(form, offer, actor, saved.entry)
    except Refused as refusal:
        form.take(refusal)
        return await _editor(request, form, institution, held=held, status=422)
    if not saved.clashes:
        return go(_after(saved, moved, actor, form))
    again = offer_form(saved.values, saved.again, saved.entry.version)
    clashes = clashing(again, saved, look_of(request).language, names_of(sites))
    return await _editor(request, again, institution, held=held, clashes=clashes, status=409)


@post("/my-offers/{offer:uuid}/status", opt=EDITOR, include_in_schema=False)
async def change_state(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """Publish, schedule, close for a time, open again, put away, take back: as the table of states allows."""
    actor, form = actor_of(request), Form(await request.form())
    held = await editing("offer", offer, actor=actor)
    try:
        verb = form.choice("verb", tuple(Verb)) or ""
        day = form.date("visible_from" if verb == Verb.SCHEDULE else "closed_until", required=verb == Verb.SCHEDULE)
        word = form.text("closed_why", required=False, most=LONGEST_WORD)
        form.check()
        moved = await move_offer(offer, verb, actor=actor, day=day, word=word)
    except Refused as refusal:
        form.take(refusal)
        shown = offer_form(held.values, written(held.entry.version, held.values), held.entry.version)
        shown.problems = form.problems
        return await _editor(request, shown, held.entry.institution, held=held, state_form=form, status=422)
    return go(_home_page(offer, moved.institution, actor, "&waits=1" if moved.waits else ""))


@post("/my-offers/{offer:uuid}/withdraw", opt=EDITOR, include_in_schema=False)
async def take_back(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """Take back what waits for the coordinator; the directory keeps what it shows."""
    await withdraw("offer", offer, actor=actor_of(request))
    return go(f"/my-offers/{offer}?withdrawn=1")


def home_of(actor: Actor, named: str = "") -> UUID:
    """The actor's own institution, or the one a coordinator named."""
    if named and actor.may(Permission.DIRECTORY_MODERATE):
        wished = Form({"institution": named}).id("institution")
        if wished is None:
            raise NotFound
        return wished
    if actor.institution is None:
        raise NotFound
    return actor.institution


async def _read(form: Form, institution: UUID, *, publish: bool) -> dict[str, Any]:
    sites = await sites_of(institution)
    home = next((site.terc for site in sites if site.terc), "")
    return read_offer(form, sites, home=home, publish=publish, reachable=publish and await reachable(institution))


async def _publish(form: Form, offer: UUID, actor: Actor, entry: Entry) -> Moved | None:
    """Publish a draft with the saving, if that button was pressed; what is already out stays as it is."""
    if form.value("act") != "publish" or entry.status != "draft":
        return None
    return await move_offer(offer, Verb.PUBLISH, actor=actor)


def _home_page(offer: UUID, institution: UUID, actor: Actor, more: str = "") -> str:
    """Back to one's own list, or to the institution looked after."""
    if actor.institution == institution:
        return f"/my-offers?saved={offer}{more}"
    return f"/institutions/{institution}/edit?saved=1{more}"


def _after(saved: Saved, moved: Moved | None, actor: Actor, form: Form) -> str:
    target = _home_page(saved.entry.id, saved.entry.institution, actor, "&waits=1" if moved and moved.waits else "")
    return after(saved, target, read_contacts(form))


def names_of(sites: list[OwnSite]) -> dict[str, str]:
    """What people call each place."""
    return {str(site.id): ", ".join(filter(None, (site.name, site.street, site.place))) for site in sites}


async def _editor(
    request: HubRequest,
    form: Form,
    institution: UUID,
    *,
    held: Editing | None = None,
    clashes: list[Compared] | None = None,
    state_form: Form | None = None,
    status: int = 200,
) -> Response[bytes]:
    language = look_of(request).language
    sites = await sites_of(institution)
    state = state_of(held.entry.row, clock.today()) if held else State.DRAFT
    own = actor_of(request).institution == institution
    return page(
        request,
        "partner/offer.html",
        status=status,
        form=form,
        held=held,
        offer=held.entry.id if held else None,
        state=state,
        verbs=verbs(state) if held else [],
        state_form=state_form or Form(),
        clashes=clashes or [],
        missing=await lacking(held.entry, held.values) if held and state is State.DRAFT else [],
        advice=await advice_for(held.entry.id, own=own) if held and state is not State.DRAFT else [],
        withdrawn="withdrawn" in request.query_params,
        restored="restored" in request.query_params,
        waits="waits" in request.query_params,
        kept=kept_words(request.query_params.get("kept", ""), language),
        institution=await institution_name(institution),
        institution_id=institution,
        own=own,
        sites=sites,
        site_options=list(names_of(sites).items()),
        more=own_links(shape(form.value("form"))),
        forms=terms("form", language, sort=True),
        need_terms=terms("need", language),
        audience_terms=terms("audience", language),
        untranslated=sum(not form.value(name) for name in ("title_en", "title_uk")),
    )


routes = [new_offer, make_offer, edit, save, change_state, take_back]
