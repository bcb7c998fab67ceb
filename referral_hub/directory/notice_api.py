"""Notices for programs: a partner's own system says that it is closed on Friday, and takes it back."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, post
from litestar.params import FromPath
from msgspec import Struct

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.directory.notices import add_notice, end_notice
from referral_hub.web.body import read_json
from referral_hub.web.once import once
from referral_hub.web.openapi import says

EDITOR = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)


class NoticeGiven(Struct, forbid_unknown_fields=True):
    """At most 200 characters in Polish; both days inside, the last at most 90 days ahead.

    `about`: one of the institution's offers or sites, null for everything. `sure`: the words look like a person's name
    and shall stay.
    """

    text: str
    from_on: date
    until_on: date
    about: UUID | None = None
    sure: bool = False


class NoticeKept(Struct, frozen=True):
    """The notice's id, to take it down by."""

    id: UUID


@post(
    "/api/v1/institutions/{institution:uuid}/notices",
    opt=EDITOR
    | says("Say something for some days", body=NoticeGiven, answer=NoticeKept, status=201, refusals=(403, 404, 422)),
    status_code=201,
)
async def say(request: Request[Any, Any, Any], institution: FromPath[UUID]) -> Response[Any]:
    """Put a notice up; it begins and ends by its days."""
    actor = actor_of(request)
    given = await read_json(request, NoticeGiven)

    async def work() -> Response[Any]:
        made = await add_notice(
            institution,
            " ".join(given.text.split()),
            from_on=given.from_on,
            until_on=given.until_on,
            actor=actor,
            about=given.about,
            sure=given.sure,
        )
        return Response(msgspec.json.encode(NoticeKept(made)), status_code=201, media_type="application/json")

    return await once(request, actor.scope, work)


@delete(
    "/api/v1/notices/{notice:uuid}",
    opt=EDITOR | says("Take a notice down before its last day", status=204, refusals=(403, 404)),
    status_code=204,
)
async def take_down(request: Request[Any, Any, Any], notice: FromPath[UUID]) -> None:
    """End it; twice is the same."""
    await end_notice(notice, actor=actor_of(request))


routes = [say, take_down]
