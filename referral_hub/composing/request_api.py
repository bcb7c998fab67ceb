"""For programs: papers of a request, what becomes of the others when one accepts, several people at once."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.composing.group_referral import Member, batch_seen_by, refer_group
from referral_hub.composing.papers_actions import set_papers
from referral_hub.errors import Problem, Refused
from referral_hub.referrals.api import told_once
from referral_hub.referrals.papers_kept import papers_of
from referral_hub.referrals.schemas import (
    BasisGiven,
    GroupTold,
    MemberTold,
    NewGroup,
    OthersDecided,
    PapersChanged,
    ReferralTold,
)
from referral_hub.referrals.sisters import USUAL_REASON, close_others, keep_others
from referral_hub.web.body import json_answer, read_json
from referral_hub.web.once import once
from referral_hub.web.openapi import says


@put(
    "/api/v1/referrals/{task:uuid}/papers",
    opt=needs(Permission.REFERRAL_SEND)
    | says(
        "Keep who applied, gave an opinion and issued",
        body=PapersChanged,
        answer=ReferralTold,
        refusals=(403, 404, 409, 422),
    ),
    status_code=200,
)
async def put_papers(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Response[Any]:
    """All papers as they are to stand; what stood there before stays in the history."""
    actor = actor_of(request)
    given = await read_json(request, PapersChanged)

    async def work() -> UUID:
        await set_papers(task, papers_of(given), actor=actor, version=given.version)
        return task

    return await told_once(request, actor, work)


@post(
    "/api/v1/referrals/{task:uuid}/others",
    opt=needs(Permission.REFERRAL_SEND)
    | says(
        "One has accepted: close the others, or keep them",
        body=OthersDecided,
        answer=ReferralTold,
        refusals=(403, 404, 422),
    ),
    status_code=200,
)
async def decide_about_others(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Response[Any]:
    """Nothing closes by itself: each of the others is withdrawn, or asked to be cancelled, with the reason."""
    actor = actor_of(request)
    given = await read_json(request, OthersDecided)
    if given.decision not in ("close", "keep"):
        raise Refused("invalid", [Problem("decision", "not_a_choice", {"choices": ["close", "keep"]})])

    async def work() -> UUID:
        if given.decision == "keep":
            await keep_others(task, actor=actor)
        else:
            await close_others(task, actor=actor, reason=given.reason or USUAL_REASON)
        return task

    return await told_once(request, actor, work)


async def _group(request: Request[Any, Any, Any], batch: UUID, status: int) -> Response[Any]:
    found = await batch_seen_by(actor_of(request), batch)
    people = [MemberTold(one.task, one.number, one.case_code, one.state, one.why_not) for one in found.people]
    return json_answer(GroupTold(found.id, found.offer, found.need, people), status)


@post(
    "/api/v1/referrals/groups",
    opt=needs(Permission.REFERRAL_SEND)
    | says("Refer several people at once", body=NewGroup, answer=GroupTold, status=201, refusals=(403, 404, 422)),
    status_code=201,
)
async def add_group(request: Request[Any, Any, Any]) -> Response[Any]:
    """Each person gets a referral; those that can be sent are sent, the others stay drafts with the reason."""
    actor = actor_of(request)
    given = await read_json(request, NewGroup)
    people = [Member(person=one.person, basis=_basis(one.basis)) for one in given.people]

    async def work() -> Response[Any]:
        # A repeat is told how things stand then: only the batch's id is kept.
        batch = await refer_group(
            actor=actor,
            offer=given.offer,
            need=given.need,
            people=people,
            priority=given.priority,
            note=given.note,
            why=given.why,
        )
        return json_answer(str(batch), 201)

    answer = await once(request, actor.scope, work)
    return await _group(request, msgspec.json.decode(answer.content, type=UUID), 201)


def _basis(given: BasisGiven | None) -> dict[str, object] | None:
    if given is None:
        return None
    return {name: value for name, value in msgspec.structs.asdict(given).items() if value is not None}


@get(
    "/api/v1/referrals/groups/{batch:uuid}",
    opt=needs(Permission.REFERRAL_SEND) | says("One group referral", answer=GroupTold, refusals=(403, 404)),
)
async def show_group(request: Request[Any, Any, Any], batch: FromPath[UUID]) -> Response[Any]:
    """What became of each person, as it stands now."""
    return await _group(request, batch, 200)


routes = [put_papers, decide_about_others, add_group, show_group]
