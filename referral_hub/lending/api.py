"""Lending for programs: when a resource is free, and asking for a time."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.guards import PUBLIC, actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.errors import Problem, Refused
from referral_hub.lending.actions import ask
from referral_hub.lending.intervals import day_span, parts
from referral_hub.lending.queries import booking, lent, spans_of
from referral_hub.lending.schemas import Booked, BookingAsked, BusyPart, Calendar
from referral_hub.web.body import read_json
from referral_hub.web.once import once
from referral_hub.web.openapi import says

MOST_DAYS = 62


@get(
    "/api/v1/offers/{offer:uuid}/calendar",
    opt=PUBLIC
    | says(
        "When a resource that is lent is not free.",
        query={"from": "first day, by default today", "to": f"last day, at most {MOST_DAYS} days later"},
        answer=Calendar,
        refusals=(404, 422),
    ),
)
async def get_calendar(request: Request[Any, Any, Any], offer: FromPath[UUID]) -> Response[bytes]:
    """Busy times of the days asked for, never whose."""
    one = await lent(offer, actor_of(request))
    first = _day(request, "from", clock.today())
    last = _day(request, "to", first + timedelta(days=6))
    if not first <= last <= first + timedelta(days=MOST_DAYS):
        raise Refused("invalid", [Problem("to", "days_crossed")])
    start, end = day_span(first)[0], day_span(last)[1]
    found = parts(await spans_of(offer, start, end), one.details.pieces, start, end)
    busy = [BusyPart(part.start, part.end, part.free) for part in found if part.free < one.details.pieces]
    body = msgspec.json.encode(Calendar(offer, first, last, one.details.pieces, busy))
    return Response(body, media_type="application/json")


@post(
    "/api/v1/offers/{offer:uuid}/bookings",
    opt=needs(Permission.BOOKING_ASK)
    | says("Ask for a time.", body=BookingAsked, answer=Booked, status=201, refusals=(404, 422)),
    status_code=201,
)
async def add_booking(request: Request[Any, Any, Any], offer: FromPath[UUID]) -> Response[Any]:
    """Ask for pieces in [starts_at, ends_at); the booking as it stands."""
    actor, given = actor_of(request), await read_json(request, BookingAsked)
    problems = [
        Problem(name, "not_a_date")
        for name, moment in (("starts_at", given.starts_at), ("ends_at", given.ends_at))
        if moment.tzinfo is None
    ]
    if problems:
        raise Refused("invalid", problems)
    await lent(offer, actor)

    async def work() -> Response[Any]:
        made, _ = await ask(
            offer, given.starts_at, given.ends_at, actor=actor, pieces=given.pieces, purpose=given.purpose
        )
        body = msgspec.json.encode(await booking(made, actor))
        return Response(body, status_code=201, media_type="application/json")

    return await once(request, actor.scope, work)


def _day(request: Request[Any, Any, Any], name: str, otherwise: date) -> date:
    text = request.query_params.get(name, "")
    if not text:
        return otherwise
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year < 2100:
        raise Refused("invalid", [Problem(name, "not_a_date")])
    return day


routes = [get_calendar, add_booking]
