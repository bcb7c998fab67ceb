"""Meetings of one referral: its two institutions choose days, an appointment or a whole series for it."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.attendance.declaring import declare_appointments
from referral_hub.attendance.enrolling import OPEN_TO, Enrolled, end_enrolment, enrol, enrol_in_series
from referral_hub.attendance.queries import chosen_by
from referral_hub.database.columns import new_id
from referral_hub.errors import NotAllowed, Refused
from referral_hub.referrals.pages import as_party
from referral_hub.referrals.queries import Referral
from referral_hub.timetable.pages import EDITOR, number_in
from referral_hub.timetable.queries import Met, leader_text, meetings_of
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
ENROLS: Final = needs(Permission.MEETING_ENROL)
SHOWN: Final = 40


class Series(Struct, frozen=True):
    """A series to choose at once: its next meeting and how many there are to come."""

    id: UUID
    first: Met
    number: int


@get("/referrals/{task:uuid}/meetings", opt=ENROLS, include_in_schema=False)
async def show_chosen(request: HubRequest, task: FromPath[UUID]) -> Response[bytes]:
    """What is chosen and what may still be; looking changes nothing."""
    return await _page(request, await _found(request, task), Form({"key": str(new_id())}))


@post("/referrals/{task:uuid}/meetings", opt=ENROLS, include_in_schema=False)
async def choose_meetings(request: HubRequest, task: FromPath[UUID]) -> Response[Any]:
    """Put the referral on the lists; what is full says which days are next."""
    actor, form = actor_of(request), Form(await request.form())
    found = await _found(request, task)

    async def work() -> Response[Any]:
        series = form.id("series", required=False)
        if series is not None:
            made = await enrol_in_series(task, series, actor=actor)
        else:
            made = await enrol(task, _ids(form), actor=actor)
        return go(f"/referrals/{task}/meetings?{_told(made)}")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _page(request, found, form, status=refusal.status)


@post("/referrals/{task:uuid}/meetings/{meeting:uuid}/end", opt=ENROLS, include_in_schema=False)
async def give_up_meeting(request: HubRequest, task: FromPath[UUID], meeting: FromPath[UUID]) -> Response[Any]:
    """Take the referral off one list."""
    actor = actor_of(request)
    found = await _found(request, task)
    try:
        await end_enrolment(task, meeting, actor=actor)
    except Refused as refusal:
        form = Form({"key": str(new_id())})
        form.take(refusal)
        return await _page(request, found, form, status=refusal.status)
    return go(f"/referrals/{task}/meetings?ended=1")


@post("/my-offers/{offer:uuid}/duty/reading", opt=EDITOR, include_in_schema=False)
async def declare(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """The free appointments become the number of free places, as of now."""
    await declare_appointments(offer, actor=actor_of(request))
    return go(f"/my-offers/{offer}/duty?declared=1")


def _ids(form: Form) -> list[UUID]:
    found = []
    for text in form.values("meeting")[:500]:
        one = Form({"meeting": text}).id("meeting", required=False)
        if one is None:
            form.add("meeting", "not_a_choice")
        else:
            found.append(one)
    if not form.values("meeting"):
        form.add("meeting", "choose_a_meeting")
    form.check()
    return found


def _told(made: Enrolled) -> str:
    return f"enrolled={made.new}&full={made.full}" + ("&scheduled=1" if made.scheduled else "")


async def _found(request: HubRequest, task: UUID) -> Referral:
    """The referral in the role that speaks for one of its sides. Raises NotFound, NotAllowed."""
    found = await as_party(actor_of(request), task, read_words=False)
    if found.party not in ("SND", "RCV"):
        raise NotAllowed
    return found


async def _page(request: HubRequest, found: Referral, form: Form, status: int = 200) -> Response[bytes]:
    actor, language = actor_of(request), look_of(request).language
    chosen = await chosen_by(found.id, actor=actor, sees="all")
    taken = {one.met.id for one in chosen}
    every = [met for met in await meetings_of(found.offer.id, sees="all") if met.status == "planned"]
    coming = [met for met in every if met.starts_at > clock.now() and met.id not in taken]
    may = found.state in OPEN_TO and not found.no_data and not found.sharing_ended
    meetings = [met for met in coming if met.kind == "meeting"]
    return page(
        request,
        "attendance/choose.html",
        status=status,
        referral=found,
        form=form,
        chosen=chosen,
        meetings=meetings[:SHOWN] if may else [],
        series=_series(meetings) if may else [],
        appointments=[met for met in coming if met.kind == "appointment" and met.free][:SHOWN] if may else [],
        may=may,
        now=clock.now(),
        again=request.query_params.get("enrolled") == "0",
        done={name: number_in(request, name) for name in ("enrolled", "full", "scheduled", "ended")},
        leader=lambda code: leader_text(code, language),
    )


def _series(meetings: list[Met]) -> list[Series]:
    found: dict[UUID, list[Met]] = {}
    for met in meetings:
        if met.series is not None:
            found.setdefault(met.series, []).append(met)
    return [Series(one, members[0], len(members)) for one, members in found.items() if len(members) > 1]


routes = [show_chosen, choose_meetings, give_up_meeting, declare]
