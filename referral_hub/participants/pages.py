"""People of the own institution: lists hold case codes, a name opens one at a time by POST and leaves a line."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.database.columns import new_id
from referral_hub.errors import Refused
from referral_hub.participants.actions import Opened, edit_person, open_person, register
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
from referral_hub.participants.queries import disclosures_about, people_seen_by, person_seen_by
from referral_hub.participants.safe_contact import CHANNELS
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page, share

Answer = Response[bytes]
DONE = ("new", "known", "saved", "closed", "reopened", "merged")
KEPT_YEARS = 5
share(safe_channels=CHANNELS)


@get("/people", opt=needs(Permission.PERSON_READ))
async def show_people(request: Request[Any, Any, Any]) -> Answer:
    """People of the institution, last used first, under their case codes."""
    form = Form({name: request.query_params.get(name, "") for name in ("page", "mine", "closed")})
    return await list_page(request, form)


@post("/people", opt=needs(Permission.PERSON_READ), status_code=200)
async def open_in_list(request: Request[Any, Any, Any]) -> Answer:
    """The same list, found by a label (never in an address) or with one name opened."""
    form = Form(await request.form())
    person = form.id("open", required=False)
    if not person:
        return await list_page(request, form)
    opened = await open_person(person, actor=actor_of(request), purpose="list")
    return await list_page(request, form, opened)


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


async def list_page(
    request: Request[Any, Any, Any], form: Form, opened: Opened | None = None, status: int = 200
) -> Answer:
    """The list as asked for: a page of mine or everybody's, open or closed entries, or found by a label."""
    actor = actor_of(request)
    number = form.whole("page", least=1, most=100_000, required=False) or 1
    mine, closed = form.flag("mine"), form.flag("closed")
    label = form.text("label", required=False, most=120)
    people = await people_seen_by(actor, mine=mine, closed=closed, label=label, page=number)
    language = look_of(request).language
    rows = [
        (row, name_of_gmina(row.gmina), [book.label("need", code, language) for code in row.needs])
        for row in people.items
    ]
    return page(
        request,
        "participants/list.html",
        status=status,
        people=people,
        rows=rows,
        form=form,
        mine=mine,
        closed=closed,
        opened=opened,
        asked=label,
        colleagues=[one for one in await caseworkers_beside(actor) if one.id != actor.account],
        handed=request.query_params.get("handed", "") if request.method == "GET" else "",
    )


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


routes = [show_people, open_in_list, show_new, post_new, show_person, open_to_edit, post_person]
