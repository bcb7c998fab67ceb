"""For programs: the papers of a request, and what becomes of the others when one accepts."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, post, put
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.errors import Problem, Refused
from referral_hub.referrals.api import told_once
from referral_hub.referrals.papers_actions import set_papers
from referral_hub.referrals.papers_kept import papers_of
from referral_hub.referrals.schemas import OthersDecided, PapersChanged, ReferralTold
from referral_hub.referrals.sisters import USUAL_REASON, close_others, keep_others
from referral_hub.web.body import read_json
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


routes = [put_papers, decide_about_others]
