"""One person of the own institution: registered, shown closed, opened by POST (which leaves a line), changed."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.database.columns import new_id
from referral_hub.errors import Refused
from referral_hub.participants.actions import edit_person, open_person, register
from referral_hub.participants.course import course_of
from referral_hub.participants.keeping import caseworkers_beside
from referral_hub.participants.person_forms import (
    person_choices,
    read_person,
    same_choices,
    settled_same,
    written,
)
from referral_hub.participants.place_names import name_of_gmina
from referral_hub.participants.queries import disclosures_about, person_seen_by
from referral_hub.participants.safe_contact import CHANNELS
from referral_hub.participants.standing import standing_of
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page, share

Answer = Response[bytes]
DONE = ("new", "known", "saved", "closed", "reopened", "merged")
KEPT_YEARS = 5
share(safe_channels=CHANNELS)


@get("/people/new", opt=needs(Permission.PERSON_EDIT))
async def show_new(request: Request[Any, Any, Any]) -> Answer:
    """An empty form for one more person."""
    return await _person_form(request, Form({"sex": "not_stated", "language": "pl", "key": str(new_id())}), None)


@post("/people/new", opt=needs(Permission.PERSON_EDIT), status_code=303)
async def post_new(request: Request[Any, Any, Any]) -> Answer:
    """Register a person, unless it is somebody known."""
    form, actor = Form(await request.form()), actor_of(request)

    async def work() -> Answer:
        person = read_person(form)
        known = await settled_same(form, person["label"], actor)
        if known is not None:
            return _to(known, "known")
        return _to((await register(actor=actor, **person)).id, "new")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _person_form(request, form, None, status=422)


@get("/people/{person:uuid}", opt=needs(Permission.PERSON_READ))
async def show_person(request: Request[Any, Any, Any], person: FromPath[UUID]) -> Answer:
    """A person, closed: case code, needs, and what was passed on."""
    actor, language = actor_of(request), look_of(request).language
    row = await person_seen_by(actor, person)
    if row.id != person:
        return Response(b"", status_code=303, headers={"Location": f"/people/{row.id}"})
    done = request.query_params.get("done", "")
    colleagues = await caseworkers_beside(actor)
    return page(
        request,
        "participants/person.html",
        person=row,
        gmina=name_of_gmina(row.gmina),
        standing=(await standing_of(actor, [row.id]))[row.id],
        need_labels=[book.label("need", code, language) for code in row.needs],
        keeper=next((one.name for one in colleagues if one.id == row.keeper), ""),
        others=[one for one in colleagues if one.id != row.keeper],
        form=Form({}),
        disclosures=await disclosures_about(actor, row.id),
        course=await course_of(row.id, {one.id: one.name for one in colleagues}),
        kept_until=row.closed_at.astimezone(clock.WARSAW).year + KEPT_YEARS if row.closed_at else None,
        done=done if done in DONE else "",
    )


@post("/people/{person:uuid}/open", opt=needs(Permission.PERSON_EDIT), status_code=200)
async def open_to_edit(request: Request[Any, Any, Any], person: FromPath[UUID]) -> Answer:
    """The person opened, ready to be changed; the opening is logged."""
    opened = await open_person(person, actor=actor_of(request), purpose="edit")
    return await _person_form(request, Form(written(opened)), opened.id, case_code=opened.case_code)


@post("/people/{person:uuid}", opt=needs(Permission.PERSON_EDIT), status_code=303)
async def post_person(request: Request[Any, Any, Any], person: FromPath[UUID]) -> Answer:
    """Keep the changes."""
    form, actor = Form(await request.form()), actor_of(request)
    row = await person_seen_by(actor, person)
    try:
        await edit_person(row.id, actor=actor, **read_person(form))
    except Refused as refusal:
        form.take(refusal)
        return await _person_form(request, form, row.id, case_code=row.case_code, status=422)
    return _to(row.id, "saved")


async def _person_form(
    request: Request[Any, Any, Any], form: Form, person: UUID | None, *, case_code: str = "", status: int = 200
) -> Answer:
    return page(
        request,
        "participants/form.html",
        status=status,
        form=form,
        person=person,
        case_code=case_code,
        same=await same_choices(form, actor_of(request)) if person is None else [],
        **person_choices(form, look_of(request).language),
    )


def _to(person: UUID, done: str) -> Answer:
    return Response(b"", status_code=303, headers={"Location": f"/people/{person}?done={done}"})


routes = [show_new, post_new, show_person, open_to_edit, post_person]
