"""What was changed, by whom, when and why; and the way back: of an offer, a place, an institution."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.field_history_queries import past_of
from referral_hub.directory.restoring import RESTORED, restore_value, restore_version
from referral_hub.errors import Refused
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)
PATHS: Final = {
    "offer": "/my-offers/{}/history",
    "site": "/my-offers/places/{}/history",
    "institution": "/institutions/{}/history",
}


@get("/my-offers/{offer:uuid}/history", opt=EDITOR, include_in_schema=False)
async def offer_history(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """Of an offer and its own contacts."""
    return await _page(request, "offer", offer)


@post("/my-offers/{offer:uuid}/history", opt=EDITOR, include_in_schema=False)
async def restore_offer(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """Give the offer back a value, or all it said at a moment."""
    return await _restore(request, "offer", offer)


@get("/my-offers/places/{site:uuid}/history", opt=EDITOR, include_in_schema=False)
async def site_history(request: HubRequest, site: FromPath[UUID]) -> Response[bytes]:
    """Of a place."""
    return await _page(request, "site", site)


@post("/my-offers/places/{site:uuid}/history", opt=EDITOR, include_in_schema=False)
async def restore_site(request: HubRequest, site: FromPath[UUID]) -> Response[Any]:
    """Give the place back a value, or all it said at a moment."""
    return await _restore(request, "site", site)


@get("/institutions/{institution:uuid}/history", opt=EDITOR, include_in_schema=False)
async def institution_history(request: HubRequest, institution: FromPath[UUID]) -> Response[bytes]:
    """Of an institution and its contacts."""
    return await _page(request, "institution", institution)


@post("/institutions/{institution:uuid}/history", opt=EDITOR, include_in_schema=False)
async def restore_institution(request: HubRequest, institution: FromPath[UUID]) -> Response[Any]:
    """Give the institution back a value, or all it said at a moment."""
    return await _restore(request, "institution", institution)


async def _restore(request: HubRequest, kind: str, subject: UUID) -> Response[Any]:
    actor, form = actor_of(request), Form(await request.form())
    try:
        if form.value("moment"):
            saved = await restore_version(kind, subject, _moment(form), actor=actor)
        else:
            line = form.id("line")
            form.check()
            if line is None:
                raise Refused("not_restorable")
            saved = await restore_value(kind, subject, line, actor=actor)
    except Refused as refusal:
        form.take(refusal)
        return await _page(request, kind, subject, form, status=422)
    return go(PATHS[kind].format(subject) + ("?waits=1" if saved.waits else "?restored=1"))


def _moment(form: Form) -> datetime:
    try:
        moment = datetime.fromisoformat(form.value("moment")[:40])
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        form.add("", "not_restorable")
        form.check()
        raise Refused("not_restorable")
    return moment


async def _page(
    request: HubRequest, kind: str, subject: UUID, form: Form | None = None, status: int = 200
) -> Response[bytes]:
    asked, actor = request.query_params, actor_of(request)
    text = asked.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1
    entry, past, pages = await past_of(kind, subject, number, actor=actor, language=look_of(request).language)
    return page(
        request,
        "partner/history.html",
        status=status,
        form=form or Form(),
        entry=entry,
        past=past,
        number=min(max(number, 1), pages),
        pages=pages,
        path=PATHS[kind].format(subject),
        back=_back(kind, subject, entry.institution == actor.institution),
        restored="restored" in asked,
        waits="waits" in asked,
        kept=[],
        withdrawn=False,
        restored_word=RESTORED,
    )


def _back(kind: str, subject: UUID, own: bool) -> str:
    if kind == "institution":
        return "/my-offers/institution" if own else f"/institutions/{subject}/edit"
    return f"/my-offers/{subject}" if kind == "offer" else f"/my-offers/places/{subject}"


routes = [offer_history, restore_offer, site_history, restore_site, institution_history, restore_institution]
