"""For programs: take a sending back or let it go at once, renew a basis, and remind those who owe an answer."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath
from msgspec import Struct

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.caseload.reminding import remind
from referral_hub.caseload.undo import send_now, undo_sending
from referral_hub.errors import Problem, Refused
from referral_hub.referrals.api import told_once
from referral_hub.referrals.basis_renewal import renew_basis
from referral_hub.referrals.schemas import ReferralTold
from referral_hub.web.body import json_answer, read_json
from referral_hub.web.once import once
from referral_hub.web.openapi import says

MOST = 100


class Undo(Struct, forbid_unknown_fields=True):
    """The version that the sending answered."""

    version: int


class Undone(Struct):
    """The fresh draft that replaces what was taken back."""

    id: UUID


class Left(Struct):
    """The referral that has left."""

    id: UUID


class Renewal(Struct, forbid_unknown_fields=True):
    """The version that was seen, and the new basis as `POST /api/v1/referrals` takes it."""

    version: int
    basis: dict[str, Any]


class Reminded(Struct, forbid_unknown_fields=True):
    """Whose receivers to remind, at most a hundred."""

    tasks: list[UUID]


class ToldOf(Struct):
    """What became of one: `reminded`, or why not."""

    id: UUID
    number: str
    code: str


@post(
    "/api/v1/referrals/{task:uuid}/undo",
    opt=needs(Permission.REFERRAL_SEND)
    | says("Take a sending back before it leaves", body=Undo, answer=Undone, status=201, refusals=(403, 404, 409, 422)),
    status_code=201,
)
async def take_back(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Response[Any]:
    """Void what was sent with `hold_back`, and make a fresh draft of it; `has_left` once it is too late."""
    actor, given = actor_of(request), await read_json(request, Undo)

    async def work() -> Response[Any]:
        return json_answer(Undone(await undo_sending(task, actor=actor, version=given.version)), 201)

    return await once(request, actor.scope, work)


@post(
    "/api/v1/referrals/{task:uuid}/leave",
    opt=needs(Permission.REFERRAL_SEND)
    | says("Let a sending go before its time is over", answer=Left, refusals=(403, 404, 422)),
    status_code=200,
)
async def leave_at_once(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Response[Any]:
    """What was sent with `hold_back` leaves now, and its receiver can answer; `has_left` where it is out already."""
    actor = actor_of(request)

    async def work() -> Response[Any]:
        await send_now(task, actor=actor)
        return json_answer(Left(task))

    return await once(request, actor.scope, work)


@post(
    "/api/v1/referrals/{task:uuid}/basis",
    opt=needs(Permission.REFERRAL_SEND)
    | says(
        "Renew the legal basis of an open referral", body=Renewal, answer=ReferralTold, refusals=(403, 404, 409, 422)
    ),
    status_code=200,
)
async def renew(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Response[Any]:
    """The old one stays as it was; what had ended by its day is shared again as far as the state allows."""
    actor, given = actor_of(request), await read_json(request, Renewal)

    async def work() -> UUID:
        await renew_basis(task, actor=actor, version=given.version, basis=given.basis)
        return task

    return await told_once(request, actor, work)


@post(
    "/api/v1/referrals/remind",
    opt=needs(Permission.REFERRAL_SEND)
    | says("Remind receivers who owe an answer", body=Reminded, answer=list[ToldOf], refusals=(403, 422)),
    status_code=200,
)
async def remind_many(request: Request[Any, Any, Any]) -> Response[Any]:
    """At most once a business day each; the mails carry a number only."""
    actor, given = actor_of(request), await read_json(request, Reminded)
    if len(given.tasks) > MOST:
        raise Refused("invalid", [Problem("tasks", "too_long", {"most": MOST, "length": len(given.tasks)})])

    async def work() -> Response[Any]:
        told = await remind(given.tasks, actor=actor)
        return json_answer([ToldOf(one.task, one.number, one.code) for one in told])

    return await once(request, actor.scope, work)


routes = [take_back, leave_at_once, renew, remind_many]
