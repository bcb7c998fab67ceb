"""The state of an offer for programs: a partner's own system closes and opens its offers."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath
from msgspec import Struct

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.directory.state_actions import move_offer
from referral_hub.web.body import read_json
from referral_hub.web.once import once
from referral_hub.web.openapi import says


class StateWish(Struct, frozen=True, forbid_unknown_fields=True):
    """`verb`: publish, schedule, unschedule, close, reopen, archive or restore; `day`: shown from, or open again on."""

    verb: str
    day: date | None = None
    word: str = ""


class StateNow(Struct, frozen=True):
    """Where the offer is; `waits`: the state it will have once the coordinator agrees."""

    state: str
    waits: bool


@post(
    "/api/v1/offers/{offer:uuid}/state",
    opt=needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)
    | says("Move an offer to another state", body=StateWish, answer=StateNow, refusals=(404, 422)),
    status_code=200,
)
async def move(request: Request[Any, Any, Any], offer: FromPath[UUID]) -> Response[Any]:
    """Publish, schedule, close for a time, open again, put away or take back, as the table of states allows."""
    actor, wish = actor_of(request), await read_json(request, StateWish)

    async def work() -> Response[Any]:
        moved = await move_offer(offer, wish.verb[:20], actor=actor, day=wish.day, word=wish.word)
        answer = msgspec.json.encode(StateNow(moved.state.value, moved.waits))
        return Response(answer, status_code=200, media_type="application/json")

    return await once(request, actor.scope, work)


routes = [move]
