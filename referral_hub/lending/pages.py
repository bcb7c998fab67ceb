"""Asking for a time, the borrower's list, and the owner's answers by one tap."""

import secrets
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.errors import NotFound, Refused
from referral_hub.lending.actions import ask, decide
from referral_hub.lending.asking import BORROWER_ACTS, OWNER_ACTS, WORD_MOST
from referral_hub.lending.booking_forms import empty_form, read_wish
from referral_hub.lending.bookings_ical import bookings_ical
from referral_hub.lending.emails import span_text
from referral_hub.lending.queries import booking, bookings_of, borrowed_by, lent, own_lent, waiting_for
from referral_hub.web.forms import Form
from referral_hub.web.once import once
from referral_hub.web.page import page, share

HubRequest = Request[Any, Any, Any]
ASKS: Final = needs(Permission.BOOKING_ASK)
EDITOR: Final = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)
share(span_text=span_text)


@get("/offers/{offer:uuid}/booking", opt=ASKS, include_in_schema=False)
async def wish(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """A form for one time; `?day=` and `?hour=` are taken from the calendar."""
    asked = request.query_params
    try:
        day = max(date.fromisoformat(asked.get("day", "")), clock.today())
    except ValueError:
        day = clock.today()
    hour = asked.get("hour", "")
    typed = int(hour) if hour.isascii() and hour.isdigit() and len(hour) < 3 and int(hour) < 24 else None
    return await _asking(request, offer, empty_form(day, typed))


@post("/offers/{offer:uuid}/booking", opt=ASKS, include_in_schema=False)
async def send_wish(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """Ask; a double tap is one request, a time that is taken is said beside its field."""
    actor, form = actor_of(request), Form(await request.form())
    await lent(offer, actor)

    async def work() -> Response[Any]:
        wished = read_wish(form, clock.today())
        made, _ = await ask(
            offer, wished.start, wished.end, actor=actor, pieces=wished.pieces, purpose=wished.purpose
        )  # fmt: skip
        return go(f"/bookings?done={made}")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _asking(request, offer, form, status=422)


async def _asking(request: HubRequest, offer: UUID, form: Form, *, status: int = 200) -> Response[bytes]:
    actor = actor_of(request)
    one = await lent(offer, actor)
    if one.status != "published":
        raise NotFound
    return page(
        request,
        "lending/ask.html",
        status=status,
        lent=one,
        form=form,
        key=form.value("key") or secrets.token_urlsafe(12),
        at_once=one.details.confirms_itself or actor.institution == one.owner,
        today=clock.today(),
    )


@get("/bookings", opt=ASKS, include_in_schema=False)
async def borrowed(request: HubRequest) -> Response[bytes]:
    """What the actor's institution is asked for, and what it asked for and has."""
    actor = actor_of(request)
    if actor.institution is None:
        raise NotFound
    listed = await borrowed_by(actor.institution)
    done = request.query_params.get("done", "")
    return page(
        request,
        "lending/borrowed.html",
        listed=listed,
        waiting=await waiting_for(actor.institution) if actor.may(Permission.OFFER_EDIT) else [],
        now=clock.now(),
        done=next((one for one in listed if str(one.id) == done), None),
    )


@post("/bookings/{booking_id:uuid}", opt=ASKS, include_in_schema=False)
async def give_back(request: HubRequest, booking_id: FromPath[UUID]) -> Response[Any]:
    """The borrower no longer needs it."""
    form, actor = Form(await request.form()), actor_of(request)
    act = form.choice("act", BORROWER_ACTS)
    form.check()
    found = await booking(booking_id, actor)
    if found.borrower != actor.institution or act is None:
        raise NotFound
    await decide(booking_id, act, actor=actor)
    return go(f"/bookings?done={booking_id}")


@get("/my-offers/{offer:uuid}/bookings", opt=EDITOR, include_in_schema=False)
async def mine(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """Who asks for and has one's own resource; what waits for an answer first."""
    return await _mine(request, offer, Form())


@post("/my-offers/{offer:uuid}/bookings/{booking_id:uuid}", opt=EDITOR, include_in_schema=False)
async def answer(request: HubRequest, offer: FromPath[UUID], booking_id: FromPath[UUID]) -> Response[Any]:
    """Confirm or refuse with a word if there is one, or cancel what was confirmed."""
    form, actor = Form(await request.form()), actor_of(request)
    one, found = await own_lent(offer, actor), await booking(booking_id, actor)
    if found.offer != one.id:
        raise NotFound
    try:
        act = form.choice("act", OWNER_ACTS)
        word = form.text("word", required=False, most=WORD_MOST)
        form.check()
        await decide(booking_id, act or "", actor=actor, word=word)
    except Refused as refusal:
        form.take(refusal)
        return await _mine(request, offer, form, status=422)
    return go(f"/my-offers/{offer}/bookings?done={booking_id}")


@get("/my-offers/{offer:uuid}/bookings.ics", opt=EDITOR, include_in_schema=False)
async def as_calendar(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """The bookings for the owner's own calendar."""
    one = await own_lent(offer, actor_of(request))
    body = bookings_ical(one, await bookings_of(offer), clock.now())
    headers = {"Content-Disposition": 'attachment; filename="bookings.ics"', "Cache-Control": "no-store"}
    return Response(body, media_type="text/calendar", headers=headers)


async def _mine(request: HubRequest, offer: UUID, form: Form, *, status: int = 200) -> Response[bytes]:
    one = await own_lent(offer, actor_of(request))
    listed, now = await bookings_of(offer), clock.now()
    done = request.query_params.get("done", "")
    return page(
        request,
        "lending/bookings.html",
        status=status,
        lent=one,
        form=form,
        waiting=[one for one in listed if one.state == "asked" and one.ends_at > now],
        ahead=[one for one in listed if one.state == "confirmed" and one.ends_at > now],
        past=[one for one in listed if one.ends_at <= now or one.state in ("refused", "cancelled")][:20],
        done=next((one for one in listed if str(one.id) == done), None),
    )


routes = [wish, send_wish, borrowed, give_back, mine, answer, as_calendar]
