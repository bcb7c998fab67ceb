"""The steps of a path for programs: what one is about, its place, where it is, and the referral that carries it out."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath
from msgspec import Struct

from referral_hub.accounts.guards import actor_of
from referral_hub.paths.actions import Planned, add_step, edit_step, link_step, move_step, set_step
from referral_hub.paths.api import changed, describes
from referral_hub.web.body import read_json

HubRequest = Request[Any, Any, Any]


class StepChange(Struct, forbid_unknown_fields=True):
    """What a step is about: a form of support or a need, or words alone; without `words` those that are there stay."""

    version: int
    form: str = ""
    need: str = ""
    words: str | None = None
    target_on: date | None = None


class StepWay(Struct, forbid_unknown_fields=True):
    """`way`: up or down, one place."""

    version: int
    way: str


class StepState(Struct, forbid_unknown_fields=True):
    """`state`: planned, under_way, done or dropped."""

    version: int
    state: str


class StepReferral(Struct, forbid_unknown_fields=True):
    """The person's own referral that carries the step out; null lets it go."""

    version: int
    task: UUID | None


@post("/api/v1/paths/{path:uuid}/steps", opt=describes("One more step, at the end", StepChange, 201), status_code=201)
async def one_more_step(request: HubRequest, path: FromPath[UUID]) -> Response[Any]:
    """A form of support, a need, or words."""
    actor, given = actor_of(request), await read_json(request, StepChange)
    return await changed(
        request, path, lambda: add_step(path, actor=actor, version=given.version, step=_step(given)), 201
    )


@post("/api/v1/paths/{path:uuid}/steps/{step:uuid}", opt=describes("Change a step", StepChange), status_code=200)
async def change_step(request: HubRequest, path: FromPath[UUID], step: FromPath[UUID]) -> Response[Any]:
    """What it is about, and by when."""
    actor, given = actor_of(request), await read_json(request, StepChange)
    return await changed(
        request, path, lambda: edit_step(path, step, actor=actor, version=given.version, planned=_step(given))
    )


@post(
    "/api/v1/paths/{path:uuid}/steps/{step:uuid}/move", opt=describes("One place up or down", StepWay), status_code=200
)
async def shift_step(request: HubRequest, path: FromPath[UUID], step: FromPath[UUID]) -> Response[Any]:
    """At either end it stays."""
    actor, given = actor_of(request), await read_json(request, StepWay)
    return await changed(
        request, path, lambda: move_step(path, step, actor=actor, version=given.version, way=given.way)
    )


@post("/api/v1/paths/{path:uuid}/steps/{step:uuid}/state", opt=describes("Where a step is", StepState), status_code=200)
async def say_state(request: HubRequest, path: FromPath[UUID], step: FromPath[UUID]) -> Response[Any]:
    """What somebody says counts before what its referral shows."""
    actor, given = actor_of(request), await read_json(request, StepState)
    return await changed(
        request, path, lambda: set_step(path, step, actor=actor, version=given.version, state=given.state)
    )


@post(
    "/api/v1/paths/{path:uuid}/steps/{step:uuid}/referral",
    opt=describes("The referral that carries a step out", StepReferral),
    status_code=200,
)
async def carry_step(request: HubRequest, path: FromPath[UUID], step: FromPath[UUID]) -> Response[Any]:
    """One of the person's own, or none."""
    actor, given = actor_of(request), await read_json(request, StepReferral)
    return await changed(
        request, path, lambda: link_step(path, step, actor=actor, version=given.version, task=given.task)
    )


def _step(given: StepChange) -> Planned:
    words = given.words.strip() if given.words is not None else None
    return Planned(form=given.form, need=given.need, words=words, target_on=given.target_on)


routes = [one_more_step, change_step, shift_step, say_state, carry_step]
