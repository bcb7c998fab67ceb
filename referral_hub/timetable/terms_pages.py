"""Terms of one's own offer: plan, change, close, cancel; and the next ones for everybody's calendar."""

import secrets
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.guards import PUBLIC, actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.read_model_refresh import directory
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.timetable.terms import STATUSES
from referral_hub.timetable.terms_actions import add_term, edit_term, set_term_status
from referral_hub.timetable.terms_forms import read_term, term_form
from referral_hub.timetable.terms_ical import terms_ical
from referral_hub.timetable.terms_queries import Term, next_terms, own_term_offer, term_of, terms_of
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)


@get("/my-offers/{offer:uuid}/terms", opt=EDITOR, include_in_schema=False)
async def own_terms(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """What is planned, and one more."""
    return await _page(request, offer, Form())


@post("/my-offers/{offer:uuid}/terms", opt=EDITOR, include_in_schema=False)
async def plan(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """Plan a term; a double tap plans one."""
    actor, form = actor_of(request), Form(await request.form())
    await own_term_offer(offer, actor)

    async def work() -> Response[Any]:
        return _back(offer, await add_term(offer, read_term(form), actor=actor))

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _page(request, offer, form, status=422)


@get("/my-offers/{offer:uuid}/terms/{term:uuid}", opt=EDITOR, include_in_schema=False)
async def edit(request: HubRequest, offer: FromPath[UUID], term: FromPath[UUID]) -> Response[bytes]:
    """One term, to change."""
    await own_term_offer(offer, actor_of(request))
    stands = await term_of(offer, term)
    return await _page(request, offer, term_form(stands), term=stands)


@post("/my-offers/{offer:uuid}/terms/{term:uuid}", opt=EDITOR, include_in_schema=False)
async def save(request: HubRequest, offer: FromPath[UUID], term: FromPath[UUID]) -> Response[Any]:
    """Keep what was typed; somebody else's change meanwhile is said, not overwritten."""
    actor, form = actor_of(request), Form(await request.form())
    await own_term_offer(offer, actor)
    stands = await term_of(offer, term)
    try:
        version = form.whole("version", most=10**9)
        await edit_term(offer, term, read_term(form), actor=actor, version=version)
    except (Refused, Stale) as refusal:
        form.take(refusal)
        return await _page(request, offer, form, term=stands, status=refusal.status)
    return _back(offer, term)


@post("/my-offers/{offer:uuid}/terms/{term:uuid}/status", opt=EDITOR, include_in_schema=False)
async def change_status(request: HubRequest, offer: FromPath[UUID], term: FromPath[UUID]) -> Response[Any]:
    """Open, close or cancel."""
    form = Form(await request.form())
    status = form.choice("status", STATUSES)
    form.check()
    await set_term_status(offer, term, status or "", actor=actor_of(request))
    return _back(offer, term)


@get("/offers/{offer:uuid}/terms.ics", opt=PUBLIC, include_in_schema=False)
async def as_calendar(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """The terms ahead as a calendar of whole days."""
    card = (await directory()).cards.get(str(offer))
    terms = await next_terms(offer) if card is not None and not (card.sensitive or card.by_category) else []
    if card is None or not terms:
        raise NotFound
    body = terms_ical(card.title(look_of(request).language), card.partner.name, terms, clock.now())
    headers = {"Content-Disposition": 'attachment; filename="terms.ics"'}
    return Response(body, media_type="text/calendar", headers=headers)


def _back(offer: UUID, term: UUID) -> Response[Any]:
    return go(f"/my-offers/{offer}/terms?saved={term}")


async def _page(
    request: HubRequest, offer: UUID, form: Form, *, term: Term | None = None, status: int = 200
) -> Response[bytes]:
    shown, listed = await own_term_offer(offer, actor_of(request)), await terms_of(offer)
    saved = request.query_params.get("saved", "")
    return page(
        request,
        "terms/one.html" if term is not None else "terms/mine.html",
        status=status,
        offer=shown,
        form=form,
        term=term,
        ahead=[one for one in listed if one.state not in ("over", "cancelled")],
        past=[one for one in listed if one.state in ("over", "cancelled")][-20:],
        saved=next((one for one in listed if str(one.id) == saved), None),
        key=form.value("key") or secrets.token_urlsafe(12),
    )


routes = [own_terms, plan, edit, save, change_status, as_calendar]
