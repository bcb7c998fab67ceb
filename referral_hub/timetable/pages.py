"""A partner's own meetings: plan one or a series, change it, cancel it."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.database.columns import new_id
from referral_hub.directory.queries import sites_of
from referral_hub.errors import Refused, Stale
from referral_hub.timetable.actions import add_meetings, cancel_meeting, change_meeting
from referral_hub.timetable.forms import OTHER, meeting_form, read_meeting, read_rhythm
from referral_hub.timetable.planned import names_a_person
from referral_hub.timetable.queries import (
    Met,
    ShownOffer,
    leader_text,
    meetings_of,
    own_meeting,
    own_offer,
    past_meetings,
)
from referral_hub.timetable.rhythm import ONCE, RHYTHMS
from referral_hub.vocabularies.book import terms
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)


@get("/my-offers/{offer:uuid}/meetings", opt=EDITOR, include_in_schema=False)
async def own_meetings(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """What is planned, what was, and one more."""
    shown = await own_offer(offer, actor_of(request))
    return await _list(request, shown, Form({"rhythm": ONCE, "key": str(new_id())}))


@post("/my-offers/{offer:uuid}/meetings", opt=EDITOR, include_in_schema=False)
async def plan_meetings(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """Plan one meeting or a series; a second tap plans nothing more."""
    actor, form = actor_of(request), Form(await request.form())
    shown = await own_offer(offer, actor)
    careful = ""

    async def work() -> Response[Any]:
        nonlocal careful
        rhythm, until = read_rhythm(form)
        plan = read_meeting(form, await sites_of(shown.institution))
        made = await add_meetings(
            offer,
            plan,
            actor=actor,
            rhythm=rhythm,
            until=until,  # type: ignore[arg-type]
            on_holidays=form.flag("on_holidays"),
            anyway=form.flag("anyway"),
        )
        careful = "&careful=name" if names_a_person(plan.leader_role) else ""
        return go(f"/my-offers/{offer}/meetings?planned={len(made)}{careful}")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _list(request, shown, form, status=refusal.status)


@get("/my-offers/{offer:uuid}/meetings/{meeting:uuid}", opt=EDITOR, include_in_schema=False)
async def edit_own_meeting(request: HubRequest, offer: FromPath[UUID], meeting: FromPath[UUID]) -> Response[bytes]:
    """One meeting, to change or cancel."""
    actor = actor_of(request)
    met = await own_meeting(meeting, actor, offer=offer)
    return await _one(request, await own_offer(offer, actor), met, meeting_form(met))


@post("/my-offers/{offer:uuid}/meetings/{meeting:uuid}", opt=EDITOR, include_in_schema=False)
async def save_own_meeting(request: HubRequest, offer: FromPath[UUID], meeting: FromPath[UUID]) -> Response[Any]:
    """Keep the change, for this meeting or the rest of its series."""
    actor, form = actor_of(request), Form(await request.form())
    met = await own_meeting(meeting, actor, offer=offer)
    shown = await own_offer(offer, actor)
    try:
        version = form.whole("version", most=10**9)
        plan = read_meeting(form, await sites_of(shown.institution))
        changed = await change_meeting(
            meeting,
            plan,
            actor=actor,
            offer=offer,
            version=version or 0,
            rest=form.flag("rest"),
            anyway=form.flag("anyway"),
        )
    except (Refused, Stale) as refusal:
        form.take(refusal)
        return await _one(request, shown, met, form, status=refusal.status)
    careful = "&careful=name" if names_a_person(plan.leader_role) else ""
    return go(f"/my-offers/{offer}/meetings?changed={changed}{careful}")


@post("/my-offers/{offer:uuid}/meetings/{meeting:uuid}/cancel", opt=EDITOR, include_in_schema=False)
async def cancel_own_meeting(request: HubRequest, offer: FromPath[UUID], meeting: FromPath[UUID]) -> Response[Any]:
    """Cancel it, or the rest of its series; whoever is enrolled is told."""
    actor, form = actor_of(request), Form(await request.form())
    met = await own_meeting(meeting, actor, offer=offer)
    try:
        rest = form.flag("rest") and met.kind == "meeting"
        cancelled = await cancel_meeting(meeting, actor=actor, offer=offer, rest=rest)
    except Refused as refusal:
        shown, form = await own_offer(offer, actor), meeting_form(met)
        form.take(refusal)
        return await _one(request, shown, met, form, status=refusal.status)
    path = "meetings" if met.kind == "meeting" else "duty"
    return go(f"/my-offers/{offer}/{path}?cancelled={cancelled}")


def number_in(request: HubRequest, name: str) -> int:
    """A count that a redirect put into the address; 0 for anything else."""
    typed = request.query_params.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0


async def choices(request: HubRequest, institution: UUID) -> dict[str, Any]:
    """What the fields of a meeting or of duty hours offer to choose from."""
    actor, language = actor_of(request), look_of(request).language
    sites = await sites_of(institution)
    named = [", ".join(filter(None, (site.name, site.street, site.place))) for site in sites]
    return {
        "site_options": [(str(site.id), name) for site, name in zip(sites, named, strict=True)],
        "leaders": terms("leader", language),
        "other": OTHER,
        "leader": lambda code: leader_text(code, language),
        "careful": request.query_params.get("careful") == "name",
        "may_mark": actor.may(Permission.ATTENDANCE_MARK) and actor.institution == institution,
    }


async def _list(request: HubRequest, shown: ShownOffer, form: Form, status: int = 200) -> Response[bytes]:
    return page(
        request,
        "timetable/own.html",
        status=status,
        offer=shown,
        form=form,
        rhythms=RHYTHMS,
        meetings=await meetings_of(shown.id, sees="all", kind="meeting"),
        past=[met for met in await past_meetings(shown.id) if met.kind == "meeting"],
        done={name: number_in(request, name) for name in ("planned", "changed", "cancelled")},
        **await choices(request, shown.institution),
    )


async def _one(request: HubRequest, shown: ShownOffer, met: Met, form: Form, status: int = 200) -> Response[bytes]:
    return page(
        request,
        "timetable/own_one.html",
        status=status,
        offer=shown,
        met=met,
        form=form,
        **await choices(request, shown.institution),
    )


routes = [own_meetings, plan_meetings, edit_own_meeting, save_own_meeting, cancel_own_meeting]
