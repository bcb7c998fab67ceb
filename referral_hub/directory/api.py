"""Readings for programs: a partner's own system tells its free places."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.directory.capacity import Capacity
from referral_hub.directory.queries import capacity_of
from referral_hub.directory.reading_actions import Said, report_reading
from referral_hub.directory.schemas import ReadingGiven
from referral_hub.errors import Problem, Refused
from referral_hub.web.body import read_json
from referral_hub.web.once import once
from referral_hub.web.openapi import says

_AS_GIVEN = (
    "free", "unit", "maximum", "taken", "waiting", "waiting_days", "from_when", "status", "note", "by_group",
)  # fmt: skip


@post(
    "/api/v1/offers/{offer:uuid}/readings",
    opt=needs(Permission.READING_REPORT)
    | says("Tell how many places are free", body=ReadingGiven, answer=Capacity, status=201),
    status_code=201,
)
async def add_reading(request: Request[Any, Any, Any], offer: FromPath[UUID]) -> Response[Any]:
    """Tell how many places of an offer are free; the offer's capacity as it is afterwards."""
    actor = actor_of(request)
    given = await read_json(request, ReadingGiven)
    said = Said(
        **{name: getattr(given, name) for name in _AS_GIVEN},
        as_of=_as_of(given.as_of),
        free_women=given.by.K if given.by else None,
        free_men=given.by.M if given.by else None,
    )

    async def work() -> Response[Any]:
        await report_reading(offer, said, actor=actor)
        answer = msgspec.json.encode(await capacity_of(offer))
        return Response(answer, status_code=201, media_type="application/json")

    return await once(request, actor.scope, work)


def _as_of(text: str | None) -> date | datetime | None:
    """A day or a moment in ISO 8601; Refused("invalid") for anything else."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise Refused("invalid", [Problem("as_of", "not_a_date")]) from None


routes = [add_reading]
