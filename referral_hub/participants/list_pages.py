"""The list of people: case codes, what goes on with each, several handed over or printed; a name opens by POST."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.participants.actions import Opened, open_person
from referral_hub.participants.finding import noted
from referral_hub.participants.keeping import caseworkers_beside, left_behind
from referral_hub.participants.place_names import name_of_gmina
from referral_hub.participants.queries import People, people_seen_by
from referral_hub.participants.standing import standing_of
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
Answer = Response[bytes]
ON_PAPER: Final = 100


@get("/people", opt=needs(Permission.PERSON_READ))
async def show_people(request: HubRequest) -> Answer:
    """People of the institution, last used first, under their case codes."""
    form = Form({name: request.query_params.get(name, "") for name in ("page", "mine", "closed")})
    return await list_page(request, form)


@post("/people", opt=needs(Permission.PERSON_READ), status_code=200)
async def open_in_list(request: HubRequest) -> Answer:
    """The same list, found by a label (never in an address) or with one name opened."""
    form = Form(await request.form())
    person = form.id("open", required=False)
    if not person:
        return await list_page(request, form)
    opened = await open_person(person, actor=actor_of(request), purpose="list", fields=["label"])
    return await list_page(request, form, opened)


@post("/people/print", opt=needs(Permission.PERSON_READ), status_code=200)
async def print_people(request: HubRequest) -> Answer:
    """The ticked people for paper, under case codes; with nobody ticked the list as it was asked for."""
    form, actor = Form(await request.form()), actor_of(request)
    ticked = ticked_people(form)
    if ticked:
        people = await people_seen_by(actor, among=ticked, per_page=ON_PAPER)
    else:
        people = await people_seen_by(actor, mine=form.flag("mine"), closed=form.flag("closed"), per_page=ON_PAPER)
    keepers = {one.id: one.name for one in await caseworkers_beside(actor)}
    rows = await _rows(request, people)
    return page(request, "participants/print.html", people=people, rows=rows, keepers=keepers, now=clock.now())


async def list_page(request: HubRequest, form: Form, opened: Opened | None = None, status: int = 200) -> Answer:
    """The list as asked for: a page of mine or everybody's, open or closed entries, or found by a label."""
    actor = actor_of(request)
    number = form.whole("page", least=1, most=100_000, required=False) or 1
    mine, closed = form.flag("mine"), form.flag("closed")
    label = form.text("label", required=False, most=120)
    people = await people_seen_by(actor, mine=mine, closed=closed, label=label, page=number)
    if label and opened is None:
        await noted(label, people.items, actor)
    handed = request.query_params.get("handed", "") if request.method == "GET" else ""
    return page(
        request,
        "participants/list.html",
        status=status,
        people=people,
        rows=await _rows(request, people),
        form=form,
        mine=mine,
        closed=closed,
        opened=opened,
        asked=label,
        colleagues=[one for one in await caseworkers_beside(actor) if one.id != actor.account],
        left=await left_behind(actor),
        handed=int(handed) if handed.isascii() and handed.isdigit() and len(handed) < 7 else None,
    )


async def _rows(request: HubRequest, people: People) -> list[tuple[Any, ...]]:
    """(row, gmina, needs in words, what goes on) of each."""
    language = look_of(request).language
    standing = await standing_of(actor_of(request), [row.id for row in people.items])
    return [
        (
            row,
            name_of_gmina(row.gmina),
            [book.label("need", code, language) for code in row.needs],
            standing[row.id],
        )
        for row in people.items
    ]


def ticked_people(form: Form) -> list[UUID]:
    """Who was ticked; what is no id is nobody."""
    found = []
    for text in form.values("person")[:ON_PAPER]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


routes = [show_people, open_in_list, print_people]
