"""People of the own institution: lists hold case codes, a name opens one at a time by POST and leaves a line."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.database.columns import new_id
from referral_hub.errors import Refused
from referral_hub.participants.actions import Opened, edit_person, open_person, register
from referral_hub.participants.person import LANGUAGES, SEXES
from referral_hub.participants.place_names import name_of_gmina, where_is
from referral_hub.participants.queries import disclosures_about, people_seen_by, person_seen_by
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

Answer = Response[bytes]


@get("/people", opt=needs(Permission.PERSON_READ))
async def show_people(request: Request[Any, Any, Any]) -> Answer:
    """People of the institution, last used first, under their case codes."""
    form = Form({name: request.query_params.get(name, "") for name in ("page", "mine")})
    return await _list_page(request, form)


@post("/people", opt=needs(Permission.PERSON_READ), status_code=200)
async def open_in_list(request: Request[Any, Any, Any]) -> Answer:
    """The same list, found by a label (never in an address) or with one name opened."""
    form = Form(await request.form())
    person = form.id("open", required=False)
    if not person:
        return await _list_page(request, form)
    opened = await open_person(person, actor=actor_of(request), purpose="list")
    return await _list_page(request, form, opened)


@get("/people/new", opt=needs(Permission.PERSON_EDIT))
async def show_new(request: Request[Any, Any, Any]) -> Answer:
    """An empty form for one more person."""
    return _person_form(request, Form({"sex": "not_stated", "language": "pl", "key": str(new_id())}), None)


@post("/people/new", opt=needs(Permission.PERSON_EDIT), status_code=303)
async def post_new(request: Request[Any, Any, Any]) -> Answer:
    """Register a person."""
    form, actor = Form(await request.form()), actor_of(request)

    async def work() -> Answer:
        return _to(f"/people/{(await register(actor=actor, **read_person(form))).id}?new=1")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return _person_form(request, form, None, status=422)


@get("/people/{person:uuid}", opt=needs(Permission.PERSON_READ))
async def show_person(request: Request[Any, Any, Any], person: FromPath[UUID]) -> Answer:
    """A person, closed: case code, needs, and what was passed on."""
    actor = actor_of(request)
    row = await person_seen_by(actor, person)
    return page(
        request,
        "participants/person.html",
        person=row,
        gmina=name_of_gmina(row.gmina),
        need_labels=[book.label("need", code, look_of(request).language) for code in row.needs],
        disclosures=await disclosures_about(actor, person),
        is_new=request.query_params.get("new") == "1",
        saved=request.query_params.get("saved") == "1",
    )


@post("/people/{person:uuid}/open", opt=needs(Permission.PERSON_EDIT), status_code=200)
async def open_to_edit(request: Request[Any, Any, Any], person: FromPath[UUID]) -> Answer:
    """The person opened, ready to be changed; the opening is logged."""
    opened = await open_person(person, actor=actor_of(request), purpose="edit")
    return _person_form(request, Form(_written(opened)), opened.id, case_code=opened.case_code)


@post("/people/{person:uuid}", opt=needs(Permission.PERSON_EDIT), status_code=303)
async def post_person(request: Request[Any, Any, Any], person: FromPath[UUID]) -> Answer:
    """Keep the changes."""
    form, actor = Form(await request.form()), actor_of(request)
    row = await person_seen_by(actor, person)
    try:
        await edit_person(person, actor=actor, **read_person(form))
    except Refused as refusal:
        form.take(refusal)
        return _person_form(request, form, person, case_code=row.case_code, status=422)
    return _to(f"/people/{person}?saved=1")


def read_person(form: Form, *, prefix: str = "") -> dict[str, Any]:
    """What was typed about a person; raises Refused with every problem that the form can see."""
    place = form.text(f"{prefix}gmina", required=False, most=100)
    where = where_is(place)
    if place and where is None:
        form.add(f"{prefix}gmina", "place_not_known")
    fields: dict[str, Any] = {
        "label": form.text(f"{prefix}label", most=120),
        "sex": form.choice(f"{prefix}sex", SEXES, required=False) or "not_stated",
        "gmina": where.gmina if where else "",
        "groups": form.many(f"{prefix}groups", [word.code for word in book.words("audience")]),
        "needs": form.many(f"{prefix}needs", [word.code for word in book.words("need")]),
        "contact": form.text(f"{prefix}contact", required=False, most=254),
        "safe_contact": form.text(f"{prefix}safe_contact", required=False, most=254),
        "language": form.choice(f"{prefix}language", LANGUAGES, required=False) or "pl",
    }
    form.check()
    return fields


def _written(opened: Opened) -> dict[str, object]:
    return {
        "label": opened.label,
        "contact": opened.contact,
        "safe_contact": opened.safe_contact,
        "sex": opened.sex,
        "gmina": opened.gmina,
        "groups": list(opened.groups),
        "needs": list(opened.needs),
        "language": opened.language,
    }


async def _list_page(request: Request[Any, Any, Any], form: Form, opened: Opened | None = None) -> Answer:
    number = form.whole("page", least=1, most=100_000, required=False) or 1
    mine = form.flag("mine")
    label = form.text("label", required=False, most=120)
    people = await people_seen_by(actor_of(request), mine=mine, label=label, page=number)
    language = look_of(request).language
    rows = [
        (row, name_of_gmina(row.gmina), [book.label("need", code, language) for code in row.needs])
        for row in people.items
    ]
    return page(
        request, "participants/list.html", people=people, rows=rows, form=form, mine=mine, opened=opened, asked=label
    )


def _person_form(
    request: Request[Any, Any, Any], form: Form, person: UUID | None, *, case_code: str = "", status: int = 200
) -> Answer:
    language = look_of(request).language
    return page(
        request,
        "participants/form.html",
        status=status,
        form=form,
        person=person,
        case_code=case_code,
        place=name_of_gmina(form.value("gmina")),
        groups=book.terms("audience", language),
        needs=book.terms("need", language),
    )


def _to(address: str) -> Answer:
    return Response(b"", status_code=303, headers={"Location": address})


routes = [show_people, open_in_list, show_new, post_new, show_person, open_to_edit, post_person]
