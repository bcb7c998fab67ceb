"""When a resource is free: for everybody, without script, by week or by month; staff see who has it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from babel.dates import get_day_names
from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec.structs import replace

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import PUBLIC, actor_of
from referral_hub.accounts.permissions import Permission
from referral_hub.directory.hours import read_hours
from referral_hub.directory.ownership import looks_after
from referral_hub.lending.asking import AHEAD
from referral_hub.lending.calendar import hours_drawn, monday_of, month_of, week_of
from referral_hub.lending.intervals import day_span
from referral_hub.lending.queries import booked_between, borrows, lent, spans_of
from referral_hub.lending.schemas import Booked, Lent
from referral_hub.web.look import look_of
from referral_hub.web.page import page

BACK = timedelta(days=31)


@get("/offers/{offer:uuid}/calendar", opt=PUBLIC)
async def show(request: Request[Any, Any, Any], offer: FromPath[UUID]) -> Response[bytes]:
    """`?day=2026-11-23` shows its week, with `&view=month` its month; what cannot be read is today."""
    one, day = await lent(offer, actor_of(request)), _day(request.query_params.get("day", ""))
    return await (_month if request.query_params.get("view") == "month" else _week)(request, one, day)


async def _week(request: Request[Any, Any, Any], one: Lent, day: date) -> Response[bytes]:
    first = monday_of(day)
    start, end = day_span(first)[0], day_span(first + timedelta(days=6))[1]
    spans = await spans_of(one.id, start, end)
    hours = read_hours(one.details.lending_hours)
    drawn = hours_drawn(hours, spans, first)
    actor = actor_of(request)
    return page(
        request,
        "lending/week.html",
        lent=one,
        first=first,
        last=first + timedelta(days=6),
        days=[first + timedelta(days=number) for number in range(7)],
        rows=week_of(first, spans, one.details.pieces, drawn, clock.now(), hours),
        before=_kept(first - timedelta(days=7)),
        after=_kept(first + timedelta(days=7)),
        who=_told(await booked_between(one.id, start, end), actor, one) if sees_who(actor, one) else list[Booked](),
        **_rights(actor, one),
    )


async def _month(request: Request[Any, Any, Any], one: Lent, day: date) -> Response[bytes]:
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    spans = await spans_of(one.id, day_span(first)[0], day_span(after)[0])
    return page(
        request,
        "lending/month.html",
        lent=one,
        first=first,
        weeks=month_of(first, spans, one.details.pieces, clock.now(), read_hours(one.details.lending_hours)),
        weekdays=[weekday(day, look_of(request).language) for day in range(7)],
        before=_kept(first - timedelta(days=1)),
        after=_kept(after),
        **_rights(actor_of(request), one),
    )


def sees_who(actor: Actor, one: Lent) -> bool:
    """Staff and the owner know whose a booking is; the public knows only that it is taken."""
    return actor.kind == "account" and (actor.may(Permission.DIRECTORY_STAFF) or looks_after(actor, one.owner))


def _told(booked: list[Booked], actor: Actor, one: Lent) -> list[Booked]:
    """What for is between its two sides; other staff see whose."""
    if looks_after(actor, one.owner):
        return booked
    return [each if borrows(actor, each.borrower) else replace(each, purpose="") for each in booked]


def weekday(day: int, language: str) -> tuple[str, str]:
    """Short and long name of a day of the week, 0 is Monday: „pon.”, „poniedziałek”."""
    short, wide = (get_day_names(width, locale=language)[day] for width in ("abbreviated", "wide"))
    return short, wide


def _rights(actor: Actor, one: Lent) -> dict[str, Any]:
    asks = actor.kind == "account" and actor.may(Permission.BOOKING_ASK) and one.status == "published"
    return {"asks": asks, "owns": looks_after(actor, one.owner)}


def _day(typed: str) -> date:
    try:
        day = date.fromisoformat(typed) if len(typed) == 10 else None
    except ValueError:
        day = None
    return day if day is not None and _kept(day) else clock.today()


def _kept(day: date) -> date | None:
    """A day the calendar still turns to: a month back, a year ahead."""
    today = clock.today()
    return day if today - BACK <= day <= today + AHEAD else None


routes = [show]
