"""Referrals for programs: prepare, look, move, and the person's answer."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.errors import NotFound, Problem, Refused
from referral_hub.referrals.actions import ask_also, draft, give_feedback, mark_seen, perform
from referral_hub.referrals.own_house import send_or_take_on
from referral_hub.referrals.papers import NO_PAPERS
from referral_hub.referrals.papers_kept import papers_of
from referral_hub.referrals.queries import referral, worklist
from referral_hub.referrals.schemas import FeedbackGiven, FeedbackKept, MoveGiven, NewReferral, ReferralTold, WorkPage
from referral_hub.referrals.sisters import others_of
from referral_hub.referrals.states import Channel, Verb
from referral_hub.referrals.telling import line_told, referral_told
from referral_hub.referrals.worklist_asked import read_asked
from referral_hub.settings import settings
from referral_hub.web.body import any_json, json_answer, read_json
from referral_hub.web.look import look_of
from referral_hub.web.once import id_once, once
from referral_hub.web.openapi import says

_TAKING_PART = needs(Permission.REFERRAL_READ, Permission.REFERRAL_SEND, Permission.REFERRAL_ANSWER)
_LARGEST_MOVE = 30  # fields; a row of the table has six at most
_DRAFT_EXAMPLE = {
    "person": "0193580e-5c4a-7f1e-9b7d-3a2f6c8d1e40",
    "offer": "0193580e-6d21-7c53-8e4a-91b0c7d2f5a6",
    "need": "mieszkanie",
    "priority": "ordinary",
    "basis": {"kind": "consent", "ground": "zgoda", "given_how": "signed", "fields": ["label", "contact", "needs"]},
}
_MOVE_EXAMPLE = {"verb": "accept", "version": 2, "date": "2026-12-07"}


async def told(request: Request[Any, Any, Any], actor: Actor, task: UUID, status: int = 200) -> Response[Any]:
    """The referral as this actor may see it, others of its request for the sender."""
    found = await referral(actor, task)
    others = await others_of(actor, task) if found.party == "SND" else None
    return json_answer(referral_told(found, look_of(request).language, others), status)


async def told_once(
    request: Request[Any, Any, Any], actor: Actor, work: Callable[[], Awaitable[UUID]], status: int = 200
) -> Response[Any]:
    """Do the work once and tell of its task as it stands now."""
    return await told(request, actor, await id_once(request, actor.scope, work), status)


async def _also(given: NewReferral, basis: dict[str, Any], actor: Actor) -> UUID:
    """Another receiver for a request that exists: what is the request's own is not given twice."""
    if given.request_id is None:
        raise NotFound
    if given.papers is not None:
        raise Refused("invalid", [Problem("papers", "belongs_to_request")])
    return await ask_also(
        given.request_id,
        actor=actor,
        offer=given.offer,
        basis=basis,
        note=given.note or "",
        together=bool(given.together),
        person=given.person,
        need=given.need,
        priority=given.priority,
    )


@post(
    "/api/v1/referrals",
    opt=needs(Permission.REFERRAL_SEND)
    | says("Prepare a referral", body=NewReferral, answer=ReferralTold, status=201, refusals=(403, 404, 422),
           body_example=_DRAFT_EXAMPLE),
    status_code=201,
)  # fmt: skip
async def add_referral(request: Request[Any, Any, Any]) -> Response[Any]:
    """A referral in draft: nothing leaves the institution yet."""
    actor = actor_of(request)
    given = await read_json(request, NewReferral)
    basis = {name: value for name, value in msgspec.structs.asdict(given.basis).items() if value is not None}

    async def work() -> UUID:
        if given.request_id is not None:
            return await _also(given, basis, actor)
        return await draft(
            actor=actor,
            person=given.person,
            offer=given.offer,
            need=given.need,
            priority=given.priority,
            basis=basis,
            note=given.note or "",
            together=bool(given.together),
            papers=papers_of(given.papers) if given.papers else NO_PAPERS,
        )

    return await told_once(request, actor, work, 201)


@get(
    "/api/v1/referrals",
    opt=needs(Permission.REFERRAL_READ)
    | says(
        "One box of the worklist",
        query={
            "box": "todo, waiting, under-way, closed, drafts; all with q",
            "scope": "mine, institution, or network for coordinators",
            "q": "words of number, case code, institution, offer or need; never a name",
            "side": "sent or incoming",
            "need": "code of a need",
            "priority": "ordinary, priority or urgent",
            "late": "1: only where the clock has run out",
            "sort": "urgent, due, oldest or newest",
            "page": "from 1",
            "per_page": "at most 100",
        },
        answer=WorkPage,
        refusals=(403, 422),
    ),
)
async def list_referrals(request: Request[Any, Any, Any]) -> Response[Any]:
    """Sent and incoming referrals by case code."""
    asked = request.query_params
    found = await worklist(
        actor_of(request),
        box=asked.get("box", "todo"),
        scope=asked.get("scope", "institution"),
        page=_whole(asked.get("page", ""), 1),
        per_page=min(100, _whole(asked.get("per_page", ""), 20)),
        asked=read_asked(dict(asked)),
        sort=asked.get("sort", ""),
    )
    items = [line_told(row) for row in found.items]
    return json_answer(WorkPage(found.box, found.scope, found.counts, found.total, found.page, found.pages, items))


@get(
    "/api/v1/referrals/{task:uuid}",
    opt=_TAKING_PART | says("One referral", answer=ReferralTold, refusals=(404,)),
)
async def show_referral(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Response[Any]:
    """The referral as far as this actor may see it; looking at the person leaves a disclosure line."""
    return await told(request, actor_of(request), task)


@post(
    "/api/v1/referrals/{task:uuid}/moves",
    opt=_TAKING_PART
    | says("Make a move", body=MoveGiven, answer=ReferralTold, refusals=(403, 404, 409, 422),
           body_example=_MOVE_EXAMPLE),
    status_code=200,
)  # fmt: skip
async def make_move(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Response[Any]:
    """Make one of the moves that the referral names; a reroute answers with the new referral."""
    actor = actor_of(request)
    given, fields = _read_move(await _object(request))
    # A program sends at once, unless it asks for the time to take it back that a page gives.
    hold_back = settings().undo_seconds if given.hold_back else 0

    async def work() -> UUID:
        if given.verb == Verb.SEND and given.channel == Channel.SELF:
            return (
                await send_or_take_on(task, actor=actor, version=given.version, fields=fields, hold_back=hold_back)
            )[0]
        return await perform(
            task, actor=actor, verb=given.verb, version=given.version, fields=fields, channel=given.channel
        )

    return await told_once(request, actor, work)


@post(
    "/api/v1/referrals/{task:uuid}/seen",
    opt=_TAKING_PART | says("Note that one has read it", answer=ReferralTold, refusals=(404,)),
    status_code=200,
)
async def note_seen(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Response[Any]:
    """The receiver has opened it, or the sender has read how it ended."""
    actor = actor_of(request)
    await mark_seen(task, actor=actor)
    return await told(request, actor, task)


@post(
    "/api/v1/referrals/{task:uuid}/feedback",
    opt=needs(Permission.REFERRAL_SEND, Permission.REFERRAL_READ)
    | says(
        "Write down the person's answer", body=FeedbackGiven, answer=FeedbackKept, status=201, refusals=(403, 404, 422)
    ),
    status_code=201,
)
async def add_feedback(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Response[Any]:
    """The person's answer as told to the sender; the last one counts."""
    actor = actor_of(request)
    given = await read_json(request, FeedbackGiven)

    async def work() -> Response[Any]:
        await give_feedback(
            task, actor=actor, got_help=given.got_help, treated_well=given.treated_well, words=given.words or ""
        )
        return json_answer(FeedbackKept(given.got_help, given.treated_well), 201)

    return await once(request, actor.scope, work)


async def _object(request: Request[Any, Any, Any]) -> dict[str, object]:
    """The body of a move: its fields depend on the verb, so the table checks them."""
    sent = await any_json(request)
    if not isinstance(sent, dict) or len(sent) > _LARGEST_MOVE:
        raise Refused("invalid", [Problem("", "wrong_type", {"expected": "object"})])
    return {str(name)[:100]: value for name, value in sent.items()}


def _read_move(sent: dict[str, object]) -> tuple[MoveGiven, dict[str, object]]:
    hold_back = sent.pop("hold_back", None) is True
    problems = [Problem(name, "required") for name in ("verb", "version") if sent.get(name) is None]
    verb, version, channel = sent.pop("verb", None), sent.pop("version", None), sent.pop("channel", None) or "self"
    if verb is not None and not isinstance(verb, str):
        problems.append(Problem("verb", "wrong_type", {"expected": "str"}))
    if version is not None and (isinstance(version, bool) or not isinstance(version, int) or abs(version) > 2**31 - 1):
        problems.append(Problem("version", "wrong_type", {"expected": "int"}))
    if not isinstance(channel, str):
        problems.append(Problem("channel", "wrong_type", {"expected": "str"}))
    if problems:
        raise Refused("invalid", problems)
    return MoveGiven(str(verb), int(str(version)), str(channel), hold_back), sent


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise


routes = [add_referral, list_referrals, show_referral, make_move, note_seen, add_feedback]
