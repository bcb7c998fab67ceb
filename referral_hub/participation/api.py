"""Taking part in the club for programs: the list, a start, an effect, the year's figures."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.participation.actions import add_effect, start
from referral_hub.participation.course import Described
from referral_hub.participation.figure_queries import figures_of
from referral_hub.participation.figures import Figures
from referral_hub.participation.pages import year_asked
from referral_hub.participation.queries import STATES, Parts, participations_seen_by
from referral_hub.web.body import json_answer, read_json
from referral_hub.web.once import once
from referral_hub.web.openapi import says

HubRequest = Request[Any, Any, Any]
READER: Final = needs(Permission.PARTICIPATION_READ)
EDITOR: Final = needs(Permission.PARTICIPATION_EDIT)


class NewParticipation(Struct, forbid_unknown_fields=True):
    """A start; `main_group` a code of the vocabulary `audience`."""

    started_on: date
    contract_number: str = ""
    contract_on: date | None = None
    main_group: str = ""
    refused_group: bool = False


class NewEffect(Struct, forbid_unknown_fields=True):
    """An effect; `effect` a code of the vocabulary `outcome`, `source` club, person or partner."""

    effect: str
    reached_on: date
    source: str = "club"


class Made(Struct, frozen=True):
    """The key of what was made."""

    id: UUID


@get(
    "/api/v1/participations",
    opt=READER
    | says(
        "Who takes part in the own club, by case code",
        query={"state": "now, ended or all", "year": "touching this year", "page": "from 1"},
        answer=Parts,
        refusals=(403,),
    ),
)
async def list_participations(request: HubRequest) -> Response[bytes]:
    """Case codes, days and how many effects."""
    asked = request.query_params
    state, number = asked.get("state", "now"), asked.get("page", "")
    return json_answer(
        await participations_seen_by(
            actor_of(request),
            state=state if state in STATES else "now",
            year=year_asked(request),
            page=int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1,
        )
    )


@post(
    "/api/v1/people/{person:uuid}/participations",
    opt=EDITOR
    | says(
        "A person begins to take part in the club",
        body=NewParticipation,
        answer=Made,
        status=201,
        refusals=(403, 404, 422),
    ),
    status_code=201,
)
async def add_participation(request: HubRequest, person: FromPath[UUID]) -> Response[Any]:
    """Start."""
    actor, given = actor_of(request), await read_json(request, NewParticipation)

    async def work() -> Response[Any]:
        described = Described(
            started_on=given.started_on,
            contract_number=given.contract_number.strip(),
            contract_on=given.contract_on,
            main_group=given.main_group,
            refused_group=given.refused_group,
        )
        return json_answer(Made(await start(person, described, actor=actor)), 201)

    return await once(request, actor.scope, work)


@post(
    "/api/v1/participations/{part:uuid}/effects",
    opt=EDITOR | says("An effect was reached", body=NewEffect, answer=Made, status=201, refusals=(403, 404, 422)),
    status_code=201,
)
async def post_effect_by_program(request: HubRequest, part: FromPath[UUID]) -> Response[Any]:
    """One more effect."""
    actor, given = actor_of(request), await read_json(request, NewEffect)

    async def work() -> Response[Any]:
        made = await add_effect(part, given.effect, given.reached_on, actor=actor, source=given.source)
        return json_answer(Made(made), 201)

    return await once(request, actor.scope, work)


@get(
    "/api/v1/participations/year",
    opt=READER
    | says(
        "A year of the club in figures; a small number is null outside the club",
        query={"year": "this one by default"},
        answer=Figures,
        refusals=(403,),
    ),
)
async def tell_year(request: HubRequest) -> Response[bytes]:
    """The same figures as the page's."""
    return json_answer(await figures_of(year_asked(request) or clock.today().year, actor=actor_of(request)))


routes = [list_participations, add_participation, post_effect_by_program, tell_year]
