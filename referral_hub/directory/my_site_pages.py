"""A place of one's own institution: address, hours, how to get there, how to get in."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.area import read_area
from referral_hub.directory.edit_forms import Compared, after, choices, clashing, kept_words, started_from, word_why
from referral_hub.directory.facts import LONGEST, VISIBILITIES
from referral_hub.directory.hours import from_stored
from referral_hub.directory.offer_forms import was_sent
from referral_hub.directory.opening import open_site
from referral_hub.directory.pending_actions import withdraw
from referral_hub.directory.queries import own_site
from referral_hub.directory.saving import Editing, editing, save_entry, written
from referral_hub.errors import NotFound, Refused
from referral_hub.geography.units import unit
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)
FIELDS: Final = ("name", "street", "post_code", "place", "hours_text", "travel", "access_text")
ACCESS: Final = ("yes", "no", "planned", "unknown")
MOST: Final = {**LONGEST, "post_code": 6}
LINES: Final = ("hours_text", "travel", "access_text")


@get("/my-offers/places/new", opt=EDITOR, include_in_schema=False)
async def new_site(request: HubRequest) -> Response[bytes]:
    """An empty place."""
    return await _page(request, Form({"address_visibility": "public", "access": "unknown"}))


@post("/my-offers/places/new", opt=EDITOR, include_in_schema=False)
async def make_site(request: HubRequest) -> Response[Any]:
    """Add it to one's own institution; where edits wait, it waits too."""
    actor, form = actor_of(request), Form(await request.form())
    if actor.institution is None:
        raise NotFound
    try:
        waits = await open_site(actor.institution, _typed(form), actor=actor)
    except Refused as refusal:
        form.take(refusal)
        return await _page(request, form, status=422)
    return go("/my-offers?waits=1" if waits else "/my-offers")


@get("/my-offers/places/{site:uuid}", opt=EDITOR, include_in_schema=False)
async def edit(request: HubRequest, site: FromPath[UUID]) -> Response[bytes]:
    """The place as it stands, and what we understood of its hours."""
    held = await editing("site", site, actor=actor_of(request))
    return await _page(request, _form(held.values, written(held.entry.version, held.values), held.entry.version), held)


@post("/my-offers/places/{site:uuid}", opt=EDITOR, include_in_schema=False)
async def save(request: HubRequest, site: FromPath[UUID]) -> Response[Any]:
    """Keep what was typed, beside what somebody else changed meanwhile."""
    actor, form = actor_of(request), Form(await request.form())
    held = await editing("site", site, actor=actor)
    try:
        why = word_why(form)
        given = _typed(form, held.entry.values["terc"])
        saved = await save_entry(
            "site", site, given, actor=actor, started=started_from(form), chosen=choices(form), why=why
        )
    except Refused as refusal:
        form.take(refusal)
        return await _page(request, form, held, status=422)
    if saved.clashes:
        again = _form(saved.values, saved.again, saved.entry.version)
        return await _page(request, again, held, clashing(again, saved, look_of(request).language), status=409)
    return go(after(saved, f"/my-offers/places/{site}?saved=1"))


@post("/my-offers/places/{site:uuid}/withdraw", opt=EDITOR, include_in_schema=False)
async def take_back(request: HubRequest, site: FromPath[UUID]) -> Response[Any]:
    """Take back what waits for the coordinator."""
    await withdraw("site", site, actor=actor_of(request))
    return go(f"/my-offers/places/{site}?withdrawn=1")


def _form(values: dict[str, Any], started: str, version: int) -> Form:
    known = unit(values["terc"])
    shown = {name: values[name] for name in (*FIELDS, "address_visibility", "access")}
    return Form({**shown, "gmina": known.name if known else "", "version": version, "started": started})


def _typed(form: Form, home: str = "") -> dict[str, Any]:
    given: dict[str, Any] = {
        name: form.text(name, required=name == "place", most=MOST.get(name, 300), lines=name in LINES)
        for name in FIELDS
        if was_sent(form, name) or name == "place"
    }
    given["address_visibility"] = form.choice("address_visibility", VISIBILITIES)
    if was_sent(form, "access"):
        given["access"] = form.choice("access", ACCESS)
    gmina = form.text("gmina", required=False, most=120) or given["place"]
    codes, _ = read_area(gmina, home)
    fitting = [code for code in codes if len(code) == 6]
    if len(fitting) == 1:
        given["terc"] = fitting[0]
    elif given["place"]:
        form.add("gmina", "area_not_known", places=gmina)
    form.check()
    return given


async def _page(
    request: HubRequest,
    form: Form,
    held: Editing | None = None,
    clashes: list[Compared] | None = None,
    status: int = 200,
) -> Response[bytes]:
    asked, actor = request.query_params, actor_of(request)
    site = await own_site(held.entry.id, actor) if held else None
    return page(
        request,
        "partner/site.html",
        status=status,
        form=form,
        held=held,
        site=site,
        own=held is None or held.entry.institution == actor.institution,
        clashes=clashes or [],
        week=from_stored(site.hours) if site else None,
        saved="saved" in asked,
        withdrawn="withdrawn" in asked,
        restored="restored" in asked,
        waits="waits" in asked,
        kept=kept_words(asked.get("kept", ""), look_of(request).language),
        visibilities=VISIBILITIES,
        access=ACCESS,
    )


routes = [new_site, make_site, edit, save, take_back]
