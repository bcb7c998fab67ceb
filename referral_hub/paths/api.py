"""Paths for programs: a person's, one with its steps, and what the pages change of it; steps are in `step_api.py`.

Labels, days and states stand in the open; goal and words come with `open`, which is a reading and leaves its line.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.paths.actions import (
    Head,
    close_path,
    edit_path,
    note_review,
    reopen_path,
    start_path,
)
from referral_hub.paths.queries import Path, PathRow, open_path, path_seen_by, paths_of
from referral_hub.web.body import json_answer, read_json
from referral_hub.web.once import id_once
from referral_hub.web.openapi import says

HubRequest = Request[Any, Any, Any]
READER: Final = needs(Permission.PERSON_READ)
WRITER: Final = needs(Permission.PERSON_EDIT)
REFUSALS: Final = (403, 404, 409, 422)


class NewPath(Struct, forbid_unknown_fields=True):
    """What stands over the steps; `example` a code of the vocabulary `path_example` whose steps it begins with."""

    goal: str = ""
    contract_kind: str = ""
    contract_number: str = ""
    contract_on: date | None = None
    review_on: date | None = None
    example: str = ""


class PathChange(Struct, forbid_unknown_fields=True):
    """What stands over the steps from now on; without `goal` its words stay as they are."""

    version: int
    goal: str | None = None
    contract_kind: str = ""
    contract_number: str = ""
    contract_on: date | None = None
    review_on: date | None = None


class Reviewed(Struct, forbid_unknown_fields=True):
    """Looked through today; when to look again."""

    version: int
    next_on: date | None = None


class Closing(Struct, forbid_unknown_fields=True):
    """`result`: reached, partly, not_reached or changed."""

    version: int
    result: str


class Seen(Struct, forbid_unknown_fields=True):
    """The version that was seen."""

    version: int


def describes(summary: str, body: Any, status: int = 200) -> dict[str, Any]:
    """What a change of a path says of itself: its body, and the path as it stands then."""
    return WRITER | says(summary, body=body, answer=Path, status=status, refusals=REFUSALS)


async def _told_once(request: HubRequest, work: Callable[[], Awaitable[UUID]], status: int = 200) -> Response[Any]:
    """Do the work once and tell of the path as it stands now."""
    actor = actor_of(request)
    path = await id_once(request, actor.scope, work)
    return json_answer(await path_seen_by(actor, path), status)


async def changed(
    request: HubRequest, path: UUID, change: Callable[[], Awaitable[None]], status: int = 200
) -> Response[Any]:
    """Make a change once and answer with the path."""

    async def work() -> UUID:
        await change()
        return path

    return await _told_once(request, work, status)


@get(
    "/api/v1/people/{person:uuid}/paths",
    opt=READER | says("A person's paths, the open ones first", answer=list[PathRow], refusals=(403, 404)),
)
async def list_paths(request: HubRequest, person: FromPath[UUID]) -> Response[Any]:
    """Labels and days."""
    return json_answer(await paths_of(actor_of(request), person))


@post(
    "/api/v1/people/{person:uuid}/paths",
    opt=WRITER | says("Begin a path", body=NewPath, answer=Path, status=201, refusals=(403, 404, 422)),
    status_code=201,
)
async def begin_path(request: HubRequest, person: FromPath[UUID]) -> Response[Any]:
    """An open path, with the steps of an example."""
    actor, given = actor_of(request), await read_json(request, NewPath)

    async def work() -> UUID:
        return await start_path(person, actor=actor, head=_head(given), example=given.example)

    return await _told_once(request, work, 201)


@get(
    "/api/v1/paths/{path:uuid}",
    opt=READER | says("A path and its steps, the person's words closed", answer=Path, refusals=(403, 404)),
)
async def tell_path(request: HubRequest, path: FromPath[UUID]) -> Response[Any]:
    """`has_words` says that there is something to open."""
    return json_answer(await path_seen_by(actor_of(request), path))


@post(
    "/api/v1/paths/{path:uuid}/open",
    opt=READER | says("The same with goal and words: a reading, and a line of it", answer=Path, refusals=(403, 404)),
    status_code=200,
)
async def tell_words(request: HubRequest, path: FromPath[UUID]) -> Response[Any]:
    """The opening is logged; the person can ask who looked."""
    return json_answer(await open_path(actor_of(request), path))


@post("/api/v1/paths/{path:uuid}", opt=describes("Goal, contract and review", PathChange), status_code=200)
async def change_path(request: HubRequest, path: FromPath[UUID]) -> Response[Any]:
    """Keep what stands over the steps."""
    actor, given = actor_of(request), await read_json(request, PathChange)
    return await changed(request, path, lambda: edit_path(path, actor=actor, version=given.version, head=_head(given)))


@post("/api/v1/paths/{path:uuid}/review", opt=describes("Looked through today", Reviewed), status_code=200)
async def review_path(request: HubRequest, path: FromPath[UUID]) -> Response[Any]:
    """And when to look again."""
    actor, given = actor_of(request), await read_json(request, Reviewed)
    return await changed(
        request, path, lambda: note_review(path, actor=actor, version=given.version, next_on=given.next_on)
    )


@post("/api/v1/paths/{path:uuid}/close", opt=describes("The end of the way", Closing), status_code=200)
async def end_path(request: HubRequest, path: FromPath[UUID]) -> Response[Any]:
    """With its result."""
    actor, given = actor_of(request), await read_json(request, Closing)
    return await changed(
        request, path, lambda: close_path(path, actor=actor, version=given.version, result=given.result)
    )


@post("/api/v1/paths/{path:uuid}/reopen", opt=describes("The way goes on after all", Seen), status_code=200)
async def go_on(request: HubRequest, path: FromPath[UUID]) -> Response[Any]:
    """Back to an open path."""
    actor, given = actor_of(request), await read_json(request, Seen)
    return await changed(request, path, lambda: reopen_path(path, actor=actor, version=given.version))


def _head(given: NewPath | PathChange) -> Head:
    goal = given.goal.strip() if given.goal is not None else None
    return Head(
        goal=goal,
        contract_kind=given.contract_kind,
        contract_number=given.contract_number.strip(),
        contract_on=given.contract_on,
        review_on=given.review_on,
    )


routes = [list_paths, begin_path, tell_path, tell_words, change_path, review_path, end_path, go_on]
