"""Meetings of an offer for everybody: the list and the calendar feed, without anybody's name."""

import hashlib
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import ANONYMOUS
from referral_hub.accounts.guards import PUBLIC, actor_of
from referral_hub.errors import NotFound
from referral_hub.settings import settings
from referral_hub.timetable.feed import BACK, feed
from referral_hub.timetable.queries import (
    blocked_days,
    duties_of,
    first_free,
    leader_text,
    meetings_of,
    offer_seen,
    sees_of,
)
from referral_hub.web.look import look_of
from referral_hub.web.openapi import says
from referral_hub.web.page import page
from referral_hub.web.wording import translate

HubRequest = Request[Any, Any, Any]
KEPT: Final = "public, max-age=900"


@get("/offers/{offer:uuid}/meetings", opt=PUBLIC, include_in_schema=False)
async def show_meetings(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """Every meeting to come, and when an expert is there."""
    actor, language = actor_of(request), look_of(request).language
    shown = await offer_seen(offer, actor)
    sees = sees_of(actor, shown.institution)
    duties = await duties_of(offer, sees=sees)
    return page(
        request,
        "timetable/meetings.html",
        offer=shown,
        meetings=[met for met in await meetings_of(offer, sees=sees, kind="meeting") if met.status != "held"],
        duties=duties,
        blocked=await blocked_days(offer) if duties else [],
        first_free=await first_free(offer) if duties else None,
        feed=not shown.quiet and shown.public,
        leader=lambda code: leader_text(code, language),
    )


@get("/offers/{offer:uuid}/meetings.ics", opt=PUBLIC, include_in_schema=False)
async def feed_meetings(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """The same as iCalendar, what anybody may see and no more, whoever asks: a feed's address travels.

    An offer at which being seen is a protected fact has no feed: a calendar lies open on many screens.
    """
    shown = await offer_seen(offer, ANONYMOUS)
    if shown.quiet:
        raise NotFound
    body = feed(
        shown,
        await meetings_of(offer, sees="public", kind="meeting", since=clock.now() - BACK),
        await duties_of(offer, sees="public"),
        await blocked_days(offer),
        address=f"{settings().public_url}/offers/{offer}",
        host=urlsplit(settings().public_url).hostname or "localhost",
        leader=lambda code: leader_text(code, "pl"),
        words=lambda text: translate("pl", text),
    )
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": KEPT, "Content-Disposition": f'inline; filename="spotkania-{offer}.ics"'}
    if tag in request.headers.get("If-None-Match", ""):
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type="text/calendar", headers=headers)


class MeetingTold(Struct, frozen=True):
    """A meeting as the public sees it; `free` is null without a limit of places."""

    id: UUID
    kind: str
    starts_at: str
    ends_at: str
    place: str
    room: str
    topic: str
    leader: str
    led_by_member: bool
    places: int | None
    free: int | None
    status: str


class MeetingsTold(Struct, frozen=True):
    """The meetings to come of an offer; `first_free` is the first appointment nobody has taken."""

    items: list[MeetingTold]
    first_free: str | None


@get(
    "/api/v1/offers/{offer:uuid}/meetings",
    opt=PUBLIC | says("The meetings to come of an offer", answer=MeetingsTold, refusals=(404,)),
)
async def get_meetings(request: HubRequest, offer: FromPath[UUID]) -> MeetingsTold:
    """The list as JSON, in Warsaw time; appointments of duty hours are told by the first free one."""
    actor = actor_of(request)
    shown = await offer_seen(offer, actor)
    found = await meetings_of(offer, sees=sees_of(actor, shown.institution), kind="meeting")
    free = await first_free(offer)
    items = [
        MeetingTold(
            id=met.id,
            kind=met.kind,
            starts_at=met.starts_at.astimezone(clock.WARSAW).isoformat(timespec="minutes"),
            ends_at=met.ends_at.astimezone(clock.WARSAW).isoformat(timespec="minutes"),
            place=met.place,
            room=met.room,
            topic=met.topic,
            leader=met.leader,
            led_by_member=met.led_by_member,
            places=met.places,
            free=met.free,
            status=met.status,
        )
        for met in found
        if met.status != "held"
    ]
    return MeetingsTold(items, free.astimezone(clock.WARSAW).isoformat(timespec="minutes") if free else None)


routes = [show_meetings, feed_meetings, get_meetings]
