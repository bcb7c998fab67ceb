"""Places at meetings for programs: what a referral is on the lists of, and one more."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.attendance.enrolling import enrol, enrol_in_series
from referral_hub.attendance.queries import chosen_by
from referral_hub.errors import NotAllowed
from referral_hub.referrals.pages import as_party
from referral_hub.web.body import json_answer, read_json
from referral_hub.web.once import once
from referral_hub.web.openapi import says

ENROLS: Final = needs(Permission.MEETING_ENROL)


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """Either `meetings`, all or none, or one `series`: every meeting to come that has a place."""

    meetings: list[UUID] = []
    series: UUID | None = None


class PlaceTold(Struct, frozen=True):
    """A place on a list; `attendance` is empty until it is marked. Moments in Warsaw."""

    meeting: UUID
    kind: str
    starts_at: str
    ends_at: str
    where: str
    status: str
    attendance: str
    hours: float | None


class PlacesTold(Struct, frozen=True):
    """Everything a referral is on the lists of, the first meeting first."""

    items: list[PlaceTold]


@get(
    "/api/v1/referrals/{task:uuid}/enrolments",
    opt=ENROLS | says("The meetings a referral is enrolled in", answer=PlacesTold, refusals=(403, 404)),
)
async def list_enrolments(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Response[bytes]:
    """The list, for the referral's two institutions."""
    return await _told(actor_of(request), task)


@post(
    "/api/v1/referrals/{task:uuid}/enrolments",
    opt=ENROLS
    | says("Enrol a referral in meetings", body=Wish, answer=PlacesTold, status=201, refusals=(403, 404, 422)),
    status_code=201,
)
async def add_enrolments(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Response[bytes]:
    """Enrol, and answer with the whole list; a full meeting is 422 `meeting_full` with the next free ones."""
    actor = actor_of(request)
    wish = await read_json(request, Wish)

    async def work() -> Response[bytes]:
        if wish.series is not None:
            await enrol_in_series(task, wish.series, actor=actor)
        else:
            await enrol(task, wish.meetings, actor=actor)
        return await _told(actor, task, 201)

    return await once(request, actor.scope, work)


async def _told(actor: Actor, task: UUID, status: int = 200) -> Response[bytes]:
    found = await as_party(actor, task, read_words=False)
    if found.party not in ("SND", "RCV"):
        raise NotAllowed
    items = [
        PlaceTold(
            meeting=one.met.id,
            kind=one.met.kind,
            starts_at=one.met.starts_at.astimezone(clock.WARSAW).isoformat(timespec="minutes"),
            ends_at=one.met.ends_at.astimezone(clock.WARSAW).isoformat(timespec="minutes"),
            where=one.met.where,
            status=one.met.status,
            attendance=one.attendance,
            hours=one.hours,
        )
        for one in await chosen_by(task, actor=actor, sees="all")
    ]
    return json_answer(PlacesTold(items), status)


routes = [list_enrolments, add_enrolments]
