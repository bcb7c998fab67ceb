"""The coordinator decides what partners wish to change: several at once, one whole, or field by field."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.pending_actions import LONGEST_WORD, decide
from referral_hub.directory.pending_queries import PER_PAGE, how_many_wait, one_waiting, queue_page
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
MODERATOR: Final = needs(Permission.DIRECTORY_MODERATE)


@get("/edits", opt=MODERATOR, include_in_schema=False)
async def queue(request: HubRequest) -> Response[bytes]:
    """What waits, the longest first, each with what it changes."""
    return await _queue(request, Form())


@post("/edits", opt=MODERATOR, include_in_schema=False)
async def accept_ticked(request: HubRequest) -> Response[Any]:
    """Accept the ticked edits whole; what has moved since it was shown stays in the queue and is named."""
    form, actor = Form(await request.form()), actor_of(request)
    ticked = form.values("edit")[:PER_PAGE]
    if not ticked:
        form.add("edit", "choose_some")
        return await _queue(request, form, status=422)
    accepted, left = 0, 0
    for one in ticked:
        text, _, seen = one.partition(":")
        try:
            await decide(UUID(text), accepted=None, word="", seen=seen, actor=actor)
            accepted += 1
        except (ValueError, NotFound, Refused, Stale):
            left += 1
    return go(f"/edits?accepted={accepted}&left={left}")


@get("/edits/{edit:uuid}", opt=MODERATOR, include_in_schema=False)
async def one(request: HubRequest, edit: FromPath[UUID]) -> Response[bytes]:
    """One edit, field by field: what the public sees beside what is wished."""
    return await _one(request, edit, Form())


@post("/edits/{edit:uuid}", opt=MODERATOR, include_in_schema=False)
async def decide_one(request: HubRequest, edit: FromPath[UUID]) -> Response[Any]:
    """Accept the ticked fields and reject the rest with a word, or reject it all."""
    form, actor = Form(await request.form()), actor_of(request)
    try:
        act = form.choice("act", ("accept", "reject"))
        word = form.text("word", required=False, most=LONGEST_WORD, lines=True)
        ticked = form.values("field")
        if act == "accept" and not ticked:
            form.add("field", "choose_some")
        form.check()
        fields = ticked if act == "accept" else []
        became = await decide(edit, accepted=fields, word=word, seen=form.value("seen"), actor=actor)
    except Refused as refusal:
        if refusal.code == "edit_decided":
            return go("/edits?decided=1")
        form.take(refusal)
        return await _one(request, edit, form, status=422)
    except Stale:
        form.add("", "edit_moved")
        return await _one(request, edit, form, status=409)
    return go(f"/edits?became={became}")


async def _queue(request: HubRequest, form: Form, status: int = 200) -> Response[bytes]:
    asked = request.query_params
    number = int(text) if (text := asked.get("page", "1")).isascii() and text.isdigit() and len(text) < 9 else 1
    found, pages = await queue_page(number, actor_of(request), look_of(request).language)
    told = {name: int(asked[name]) for name in ("accepted", "left") if asked.get(name, "").isdecimal()}
    return page(
        request,
        "partner/edits.html",
        status=status,
        form=form,
        found=found,
        number=min(max(number, 1), pages),
        pages=pages,
        how_many=await how_many_wait(),
        accepted=min(told.get("accepted", 0), PER_PAGE),
        left=min(told.get("left", 0), PER_PAGE),
        became=asked.get("became", "") if asked.get("became") in ("accepted", "rejected") else "",
        decided="decided" in asked,
    )


async def _one(request: HubRequest, edit: UUID, form: Form, status: int = 200) -> Response[bytes]:
    found = await one_waiting(edit, actor_of(request), look_of(request).language)
    return page(request, "partner/edit.html", status=status, form=form, one=found)


routes = [queue, accept_ticked, one, decide_one]
