"""Closing for programs: the figures, always with small numbers hidden, and what waits to be settled."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.closure.actions import settle
from referral_hub.closure.figure_pages import asked_of, namer, told
from referral_hub.closure.figure_queries import groups_seen_by
from referral_hub.closure.figures import Share
from referral_hub.closure.queries import to_settle
from referral_hub.errors import NotAllowed
from referral_hub.referrals.closing import verdicts_for
from referral_hub.web.body import json_answer, read_json
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.openapi import says

HubRequest = Request[Any, Any, Any]


class LineTold(Struct):
    """One line; `key` is '' for all together. A figure with `n` null is hidden, with n 0 there are no cases."""

    key: str
    name: str
    figures: dict[str, Share]


class ClosingTold(Struct):
    """The figures of closing. Shares are from 0 to 1, days are Polish business days (median)."""

    by: str
    period: str
    form: str
    as_of: date
    lines: list[LineTold]


class ItemTold(Struct):
    """What waits to be settled, under the case code; `words` only where the person shared them."""

    referral: UUID
    number: str
    case_code: str
    kind: str
    state: str
    source: str
    got_help: str
    words: str
    opened_at: datetime
    verdicts: list[str]


class ItemsTold(Struct):
    """All that waits, the oldest first."""

    items: list[ItemTold]


class VerdictGiven(Struct, forbid_unknown_fields=True):
    """`verdict` is one of the item's `verdicts`; `kind` what was read of it."""

    verdict: str
    kind: str = ""
    words: str = ""


class Settled(Struct):
    """What stands now."""

    referral: UUID
    verdict: str


@get(
    "/api/v1/cooperation/closing",
    opt=needs(Permission.COOPERATION_READ)
    | says(
        "How well loops are closed",
        query={"by": "flow, need or offer", "period": "2026, 2026-1 to 2026-4, or empty", "form": "a form of support"},
        answer=ClosingTold,
        refusals=(403, 422),
    ),
)
async def read_closing(request: HubRequest) -> Response[Any]:
    """The figures of one view, as they may leave the club."""
    actor, asked = actor_of(request), asked_of(request)
    if asked.full:
        raise NotAllowed
    found = await told(await groups_seen_by(actor, asked.by), asked, actor)
    name = await namer(actor, asked.by, found, look_of(request).language)
    listed = [LineTold(line.key, name(line.key), line.shares) for line in found]
    return json_answer(ClosingTold(asked.by, asked.period, asked.form, clock.today(), listed))


@get(
    "/api/v1/discrepancies",
    opt=needs(Permission.DISCREPANCY_SETTLE)
    | says("What both ends tell differently, and people who still wait", answer=ItemsTold, refusals=(403,)),
)
async def read_discrepancies(request: HubRequest) -> Response[Any]:
    """What waits to be settled by this actor."""
    items = [
        ItemTold(
            one.task, one.number, one.case_code, one.kind, one.state, one.source, one.got_help, one.said,
            one.opened_at, list(verdicts_for(one.kind)),
        )
        for one in await to_settle(actor_of(request))
    ]  # fmt: skip
    return json_answer(ItemsTold(items))


@post(
    "/api/v1/referrals/{task:uuid}/discrepancy",
    opt=needs(Permission.DISCREPANCY_SETTLE)
    | says("Settle what differs", body=VerdictGiven, answer=Settled, refusals=(403, 404, 409, 422)),
    status_code=200,
)
async def settle_discrepancy(request: HubRequest, task: FromPath[UUID]) -> Response[Any]:
    """Settle one item; neither report is changed."""
    actor = actor_of(request)
    given = await read_json(request, VerdictGiven)

    async def work() -> Response[Any]:
        await settle(task, actor=actor, verdict=given.verdict, words=given.words, kind=given.kind)
        return json_answer(Settled(task, given.verdict))

    return await once(request, actor.scope, work)


routes = [read_closing, read_discrepancies, settle_discrepancy]
