"""A place of one's own institution: address, hours, how to get there."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.actions import SiteFacts, add_site, edit_site
from referral_hub.directory.area import read_area
from referral_hub.directory.facts import LONGEST, VISIBILITIES
from referral_hub.directory.hours import from_stored
from referral_hub.directory.queries import own_site
from referral_hub.directory.schemas import OwnSite
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.geography.units import unit
from referral_hub.web.forms import Form
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)
FIELDS: Final = ("name", "street", "post_code", "place", "hours_text", "travel")


@get("/my-offers/places/new", opt=EDITOR, include_in_schema=False)
async def new_site(request: HubRequest) -> Response[bytes]:
    """An empty place."""
    return _page(request, Form({"address_visibility": "public"}))


@post("/my-offers/places/new", opt=EDITOR, include_in_schema=False)
async def make_site(request: HubRequest) -> Response[Any]:
    """Add it to one's own institution."""
    actor, form = actor_of(request), Form(await request.form())
    if actor.institution is None:
        raise NotFound
    try:
        await add_site(actor.institution, SiteFacts(**_typed(form), main=False), actor=actor)
    except Refused as refusal:
        form.take(refusal)
        return _page(request, form, status=422)
    return go("/my-offers")


@get("/my-offers/places/{site:uuid}", opt=EDITOR, include_in_schema=False)
async def edit(request: HubRequest, site: FromPath[UUID]) -> Response[bytes]:
    """The place as it stands, and what we understood of its hours."""
    own = await own_site(site, actor_of(request))
    shown = {name: getattr(own, name) for name in (*FIELDS, "address_visibility", "version")}
    known = unit(own.terc)
    return _page(request, Form({**shown, "gmina": known.name if known else ""}), own)


@post("/my-offers/places/{site:uuid}", opt=EDITOR, include_in_schema=False)
async def save(request: HubRequest, site: FromPath[UUID]) -> Response[Any]:
    """Keep what was typed."""
    actor, form = actor_of(request), Form(await request.form())
    own = await own_site(site, actor)
    try:
        version = form.whole("version")
        await edit_site(site, _typed(form, own.terc), actor=actor, version=version)
    except Refused as refusal:
        form.take(refusal)
        return _page(request, form, own, status=422)
    except Stale:
        form.add("", "stale")
        return _page(request, form, own, status=409)
    return go(f"/my-offers/places/{site}?saved=1")


def _typed(form: Form, home: str = "") -> dict[str, Any]:
    typed: dict[str, Any] = {
        name: form.text(
            name,
            required=name == "place",
            most=LONGEST.get(name, 6),
            lines=name in ("hours_text", "travel"),
        )
        for name in FIELDS
    }
    typed["address_visibility"] = form.choice("address_visibility", VISIBILITIES)
    gmina = form.text("gmina", required=False, most=120) or typed["place"]
    codes, _ = read_area(gmina, home)
    fitting = [code for code in codes if len(code) == 6]
    if len(fitting) == 1:
        typed["terc"] = fitting[0]
    elif typed["place"]:
        form.add("gmina", "area_not_known", places=gmina)
    form.check()
    return typed


def _page(request: HubRequest, form: Form, site: OwnSite | None = None, status: int = 200) -> Response[bytes]:
    return page(
        request,
        "partner/site.html",
        status=status,
        form=form,
        site=site,
        week=from_stored(site.hours) if site else None,
        saved="saved" in request.query_params,
        visibilities=VISIBILITIES,
    )


routes = [new_site, make_site, edit, save]
