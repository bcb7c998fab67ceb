"""People for programs: register one, list case codes."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.participants.actions import register
from referral_hub.participants.queries import people_seen_by
from referral_hub.participants.schemas import NewPerson, PeoplePage, PersonLine, PersonMade
from referral_hub.web.body import json_answer, read_json
from referral_hub.web.once import once
from referral_hub.web.openapi import says


@post(
    "/api/v1/people",
    opt=needs(Permission.PERSON_EDIT)
    | says("Register a person", body=NewPerson, answer=PersonMade, status=201, refusals=(403, 422)),
    status_code=201,
)
async def add_person(request: Request[Any, Any, Any]) -> Response[Any]:
    """Register a person of the own institution."""
    actor = actor_of(request)
    given = await read_json(request, NewPerson)

    async def work() -> Response[Any]:
        made = await register(actor=actor, **msgspec.structs.asdict(given))
        return json_answer(PersonMade(made.id, made.case_code, list(made.same_label)), 201)

    return await once(request, actor.scope, work)


@get(
    "/api/v1/people",
    opt=needs(Permission.PERSON_READ)
    | says(
        "People of the own institution by case code",
        query={
            "page": "from 1",
            "per_page": "at most 100",
            "mine": "1: only those I keep",
        },
        answer=PeoplePage,
        refusals=(403,),
    ),
)
async def list_people(request: Request[Any, Any, Any]) -> Response[Any]:
    """Case codes only: a name is opened one by one."""
    asked = request.query_params
    found = await people_seen_by(
        actor_of(request),
        mine=asked.get("mine", "") == "1",
        page=_whole(asked.get("page", ""), 1),
        per_page=_whole(asked.get("per_page", ""), 20),
    )
    items = [
        PersonLine(row.id, row.case_code, row.sex, row.gmina, row.needs, row.made_at, row.last_used_at)
        for row in found.items
    ]
    return json_answer(PeoplePage(found.total, found.page, found.pages, items))


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise


routes = [add_person, list_people]
