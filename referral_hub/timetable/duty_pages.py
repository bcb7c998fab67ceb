"""A partner's own duty hours: weekly hours, days off, and the appointments they make."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.database.columns import new_id
from referral_hub.directory.queries import sites_of
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.timetable.duty_actions import add_duty, block_day, change_duty, end_duty, unblock_day
from referral_hub.timetable.forms import duty_form, read_duty
from referral_hub.timetable.pages import choices, number_in
from referral_hub.timetable.planned import HORIZON, names_a_person
from referral_hub.timetable.queries import (
    Duty,
    ShownOffer,
    blocked_days,
    duties_of,
    first_free,
    meetings_of,
    own_offer,
    past_meetings,
)
from referral_hub.web.forms import Form
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)
DAYS: Final = tuple(str(day) for day in range(1, 8))


@get("/my-offers/{offer:uuid}/duty", opt=EDITOR, include_in_schema=False)
async def own_duty(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """The hours, the days off, the appointments, and new hours."""
    shown = await own_offer(offer, actor_of(request))
    return await _page(request, shown, Form({"minutes": "30", "weekday": "1", "key": str(new_id())}))


@post("/my-offers/{offer:uuid}/duty", opt=EDITOR, include_in_schema=False)
async def add_own_duty(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """New weekly hours; their appointments stand open at once."""
    actor, form = actor_of(request), Form(await request.form())
    shown = await own_offer(offer, actor)

    async def work() -> Response[Any]:
        facts = read_duty(form, await sites_of(shown.institution))
        await add_duty(offer, facts, actor=actor)
        careful = "&careful=name" if names_a_person(facts.leader_role) else ""
        return go(f"/my-offers/{offer}/duty?saved=1{careful}")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _page(request, shown, form, status=refusal.status)


@get("/my-offers/{offer:uuid}/duty/{duty:uuid}", opt=EDITOR, include_in_schema=False)
async def edit_own_duty(request: HubRequest, offer: FromPath[UUID], duty: FromPath[UUID]) -> Response[bytes]:
    """Hours as they stand, to change or end."""
    shown = await own_offer(offer, actor_of(request))
    known = await _known(offer, duty)
    return await _one(request, shown, known, duty_form(known))


@post("/my-offers/{offer:uuid}/duty/{duty:uuid}", opt=EDITOR, include_in_schema=False)
async def save_own_duty(request: HubRequest, offer: FromPath[UUID], duty: FromPath[UUID]) -> Response[Any]:
    """Other hours from now on; appointments already booked stay."""
    actor, form = actor_of(request), Form(await request.form())
    shown = await own_offer(offer, actor)
    known = await _known(offer, duty)
    try:
        version = form.whole("version", most=10**9)
        facts = read_duty(form, await sites_of(shown.institution))
        left = await change_duty(duty, facts, actor=actor, offer=offer, version=version or 0)
    except (Refused, Stale) as refusal:
        form.take(refusal)
        return await _one(request, shown, known, form, status=refusal.status)
    careful = "&careful=name" if names_a_person(facts.leader_role) else ""
    return go(f"/my-offers/{offer}/duty?saved=1&left={left}{careful}")


@post("/my-offers/{offer:uuid}/duty/{duty:uuid}/end", opt=EDITOR, include_in_schema=False)
async def end_own_duty(request: HubRequest, offer: FromPath[UUID], duty: FromPath[UUID]) -> Response[Any]:
    """Take the hours back; appointments already booked stay."""
    actor = actor_of(request)
    await own_offer(offer, actor)
    left = await end_duty(duty, actor=actor, offer=offer)
    return go(f"/my-offers/{offer}/duty?ended=1&left={left}")


@post("/my-offers/{offer:uuid}/duty/block", opt=EDITOR, include_in_schema=False)
async def block_own_day(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """Nobody is there on a day: its booked appointments are cancelled and their people told."""
    actor, form = actor_of(request), Form(await request.form())
    shown = await own_offer(offer, actor)
    try:
        day = form.date("free_on", earliest=clock.today(), latest=clock.today() + HORIZON)
        form.check()
        cancelled = await block_day(offer, day or date.max, actor=actor)
    except Refused as refusal:
        form.take(refusal)
        return await _page(request, shown, form, status=refusal.status)
    return go(f"/my-offers/{offer}/duty?saved=1&cancelled={cancelled}#days-off")


@post("/my-offers/{offer:uuid}/duty/unblock", opt=EDITOR, include_in_schema=False)
async def unblock_own_day(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """The day counts again."""
    actor, form = actor_of(request), Form(await request.form())
    shown = await own_offer(offer, actor)
    try:
        day = form.date("free_on")
        form.check()
        await unblock_day(offer, day or date.max, actor=actor)
    except Refused as refusal:
        form.take(refusal)
        return await _page(request, shown, form, status=refusal.status)
    return go(f"/my-offers/{offer}/duty?saved=1#days-off")


async def _known(offer: UUID, duty: UUID) -> Duty:
    found = next((one for one in await duties_of(offer, sees="all") if one.id == duty), None)
    if found is None:
        raise NotFound
    return found


async def _page(request: HubRequest, shown: ShownOffer, form: Form, status: int = 200) -> Response[bytes]:
    appointments = await meetings_of(shown.id, sees="all", kind="appointment")
    return page(
        request,
        "timetable/duty.html",
        status=status,
        offer=shown,
        form=form,
        days=DAYS,
        duties=await duties_of(shown.id, sees="all"),
        blocked=await blocked_days(shown.id),
        booked=[met for met in appointments if met.status == "planned" and met.enrolled],
        free=sum(met.status == "planned" and not met.enrolled for met in appointments),
        past=[met for met in await past_meetings(shown.id) if met.kind == "appointment"],
        first_free=await first_free(shown.id),
        done={name: number_in(request, name) for name in ("saved", "ended", "left", "cancelled", "declared")},
        **await choices(request, shown.institution),
    )


async def _one(request: HubRequest, shown: ShownOffer, duty: Duty, form: Form, status: int = 200) -> Response[bytes]:
    return page(
        request,
        "timetable/duty_one.html",
        status=status,
        offer=shown,
        duty=duty,
        form=form,
        days=DAYS,
        **await choices(request, shown.institution),
    )


routes = [own_duty, add_own_duty, edit_own_duty, save_own_duty, end_own_duty, block_own_day, unblock_own_day]
