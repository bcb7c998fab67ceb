"""Looking after the register of one's own people: hand over, merge, close, reopen."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.errors import Problem, Refused
from referral_hub.participants.actions import Opened, open_person
from referral_hub.participants.keeping import (
    CLOSE_REASONS,
    caseworkers_beside,
    close_person,
    hand_over,
    hand_over_all,
    keepers_beside,
    reopen_person,
)
from referral_hub.participants.list_pages import list_page, ticked_people
from referral_hub.participants.merging import merge_people
from referral_hub.participants.queries import PersonRow, people_seen_by, person_seen_by
from referral_hub.web.forms import Form
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
Answer = Response[bytes]
EDITOR = needs(Permission.PERSON_EDIT)


@post("/people/hand-over", opt=needs(Permission.PERSON_EDIT))
async def post_hand_over(request: HubRequest) -> Answer:
    """Give the ticked people to a colleague."""
    form, actor = Form(await request.form()), actor_of(request)
    try:
        to, people = form.id("to"), ticked_people(form)
        if to is None or form.problems:
            raise Refused("invalid", form.problems)
        count = await hand_over(people, to=to, actor=actor)
    except Refused as refusal:
        form.take(refusal)
        return await list_page(request, form, status=422)
    return go(f"/people?handed={count}" + ("&mine=1" if form.flag("mine") else ""))


@get("/people/keepers", opt=needs(Permission.PERSON_HAND_OVER))
async def show_keepers(request: HubRequest) -> Answer:
    """Who keeps how many people, those first whose account has ended; no person is named."""
    return await _keepers(request, Form({"of": request.query_params.get("of", "")[:36]}))


@post("/people/keepers", opt=needs(Permission.PERSON_HAND_OVER))
async def post_keepers(request: HubRequest) -> Answer:
    """Everybody that somebody keeps goes to a colleague."""
    form, actor = Form(await request.form()), actor_of(request)
    try:
        of, to = form.id("of"), form.id("to")
        if of is None or to is None or form.problems:
            raise Refused("invalid", form.problems)
        count = await hand_over_all(of, to=to, actor=actor)
    except Refused as refusal:
        form.take(refusal)
        return await _keepers(request, form, status=422)
    return go(f"/people/keepers?handed={count}")


async def _keepers(request: HubRequest, form: Form, status: int = 200) -> Answer:
    actor = actor_of(request)
    handed = request.query_params.get("handed", "") if request.method == "GET" else ""
    return page(
        request,
        "participants/keepers.html",
        status=status,
        form=form,
        keepers=await keepers_beside(actor),
        colleagues=await caseworkers_beside(actor),
        handed=int(handed) if handed.isascii() and handed.isdigit() and len(handed) < 7 else None,
        reads=actor.may(Permission.PERSON_READ),
    )


@get("/people/{person:uuid}/close", opt=EDITOR)
async def show_close(request: HubRequest, person: FromPath[UUID]) -> Answer:
    """Why the work with somebody is over."""
    return _close_page(request, await person_seen_by(actor_of(request), person), Form({}))


@post("/people/{person:uuid}/close", opt=EDITOR)
async def post_close(request: HubRequest, person: FromPath[UUID]) -> Answer:
    """Close the entry."""
    form, actor = Form(await request.form()), actor_of(request)
    row = await person_seen_by(actor, person)
    try:
        await close_person(row.id, form.value("why"), actor=actor)
    except Refused as refusal:
        form.take(refusal)
        return _close_page(request, row, form, status=422)
    return go(f"/people/{row.id}?done=closed")


def _close_page(request: HubRequest, row: PersonRow, form: Form, status: int = 200) -> Answer:
    return page(request, "participants/close.html", status=status, person=row, form=form, reasons=CLOSE_REASONS)


@post("/people/{person:uuid}/reopen", opt=EDITOR)
async def post_reopen(request: HubRequest, person: FromPath[UUID]) -> Answer:
    """Somebody comes again."""
    await reopen_person(person, actor=actor_of(request))
    return go(f"/people/{person}?done=reopened")


@get("/people/{person:uuid}/merge", opt=EDITOR)
async def show_merge(request: HubRequest, person: FromPath[UUID]) -> Answer:
    """Which other entry is the same person: asked by its case code."""
    return page(
        request,
        "participants/merge.html",
        person=await person_seen_by(actor_of(request), person),
        form=Form({}),
        pair=None,
    )


@post("/people/{person:uuid}/merge", opt=EDITOR)
async def post_merge(request: HubRequest, person: FromPath[UUID]) -> Answer:
    """First both entries side by side (two openings, logged), then the merge."""
    form, actor = Form(await request.form()), actor_of(request)
    row = await person_seen_by(actor, person)
    pair = None
    try:
        code = form.text("code", most=20)
        form.check()
        other = await _other(actor, row, code)
        if form.value("act") == "merge":
            await merge_people(row.id, other.id, actor=actor)
            return go(f"/people/{row.id}?done=merged")
        pair = tuple([await _side(one, actor) for one in (row.id, other.id)])
    except Refused as refusal:
        form.take(refusal)
    status = 422 if form.problems else 200
    return page(request, "participants/merge.html", status=status, person=row, form=form, pair=pair)


async def _side(person: UUID, actor: Any) -> Opened:
    return await open_person(person, actor=actor, purpose="merge", fields=["label", "contact"])


async def _other(actor: Any, row: PersonRow, code: str) -> PersonRow:
    found = [one for one in (await people_seen_by(actor, label=code)).items if one.case_code == code.strip().upper()]
    if not found:
        raise Refused("invalid", [Problem("code", "code_not_found")])
    if found[0].id == row.id:
        raise Refused("invalid", [Problem("code", "same_entry")])
    return found[0]


routes = [
    post_hand_over,
    show_keepers,
    post_keepers,
    show_close,
    post_close,
    post_reopen,
    show_merge,
    post_merge,
]
