"""The waiting list on the page of an offer, a referral's place in it, and „nie teraz”."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.database.columns import new_id
from referral_hub.directory.panels import OwnLink
from referral_hub.errors import Refused
from referral_hub.referrals.ageing import near_days
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.line_queries import Line, line_of, own_place
from referral_hub.referrals.passing import pass_place
from referral_hub.referrals.referral import Referral
from referral_hub.referrals.states import State
from referral_hub.web.body import json_answer, read_json
from referral_hub.web.forms import Form
from referral_hub.web.once import once
from referral_hub.web.openapi import says
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
OWN_LINK = OwnLink("line", "Waiting list")
ANSWERS: Final = needs(Permission.REFERRAL_ANSWER, Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)
SENDS: Final = needs(Permission.REFERRAL_SEND)


class PlacePassed(Struct, frozen=True):
    """The kept place that is let pass."""

    kept: UUID


class PlaceGone(Struct, frozen=True):
    """It went to the next in line."""

    passed: UUID


@get("/my-offers/{offer:uuid}/line", opt=ANSWERS, include_in_schema=False)
async def show_line(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """Who waits, in order, and for whom a place is kept."""
    actor = actor_of(request)
    return page(
        request,
        "referrals/line.html",
        line=await line_of(offer, actor),
        edits=actor.may(Permission.OFFER_EDIT),
        answers=actor.may(Permission.REFERRAL_ANSWER),
        days=near_days(clock.today()),
        key=str(new_id()),
    )


@post("/referrals/{task:uuid}/place", opt=SENDS, include_in_schema=False)
async def post_pass(request: HubRequest, task: FromPath[UUID]) -> Response[Any]:
    """Not now: the place goes to the next, the person keeps theirs in the line."""
    actor, form = actor_of(request), Form(await request.form())

    async def work() -> Response[Any]:
        kept, done = form.id("kept", required=False), "place_passed"
        try:
            await pass_place(task, kept, actor=actor)
        except Refused as refusal:
            if refusal.code != "place_has_gone":
                raise
            done = "place_gone"
        return go(f"/referrals/{task}?done={done}")

    return await once(request, actor.scope, work, key=form.value("key"))


@get(
    "/api/v1/offers/{offer:uuid}/line",
    opt=ANSWERS | says("The waiting list of one's own offer, in its order", answer=Line, refusals=(403, 404)),
)
async def api_line(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """Numbers and case codes, first one first."""
    return json_answer(await line_of(offer, actor_of(request)))


@post(
    "/api/v1/referrals/{task:uuid}/place",
    opt=SENDS | says("Let a kept place pass", body=PlacePassed, answer=PlaceGone, refusals=(403, 404, 422)),
    status_code=200,
)
async def api_pass(request: HubRequest, task: FromPath[UUID]) -> Response[Any]:
    """The place goes to the next in line; the person keeps theirs."""
    actor = actor_of(request)
    said = await read_json(request, PlacePassed)

    async def work() -> Response[Any]:
        await pass_place(task, said.kept, actor=actor)
        return json_answer(PlaceGone(said.kept))

    return await once(request, actor.scope, work)


async def line_part(found: Referral, actor: Actor, language: str) -> Attachment | None:
    """The place in line, on the referral's page and on the person's own."""
    own = await own_place(found.id, actor) if found.state == State.WAITLISTED else None
    if own is None:
        return None
    template = "referrals/own_line_part.html" if actor.kind == "participant" else "referrals/line_part.html"
    return Attachment(template, {"task": found.id, "own": own}, "next")


routes = [show_line, post_pass, api_line, api_pass]
