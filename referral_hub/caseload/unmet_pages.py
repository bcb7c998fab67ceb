"""Needs that nobody met: a small form to note one, the button on a referral that ended in nothing, and the list."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.care import Care
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.caseload.unmet import WHYS, may_note, note_unmet_of, unmet_needs
from referral_hub.composing.composing import read_need
from referral_hub.database.columns import new_id
from referral_hub.errors import Refused
from referral_hub.participants.place_names import name_of_gmina, where_is
from referral_hub.referrals.actions import note_unmet_need
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.referral import Referral
from referral_hub.referrals.states import State
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

Answer = Response[bytes]
CARE = Care(
    "/unmet",
    "Unmet needs",
    "What people needed and nobody in the network could give, without any person.",
    "report:read",
)
FROM_ADDRESS = ("need", "place", "why")


async def unmet_part(found: Referral, actor: Actor, language: str) -> Attachment | None:
    """On a referral that ended in nothing: one press to note the need, or that it is noted."""
    if found.party != "SND":
        return None
    state = await may_note(found.request_id, State(found.state), found.reason, actor)
    if not state:
        return None
    return Attachment(
        "caseload/unmet_part.html", {"task": found.id, "state": state}, "rest" if state == "noted" else "next"
    )


@get("/unmet", opt=needs(Permission.REPORT_READ, Permission.REFERRAL_SEND))
async def show_unmet(request: Request[Any, Any, Any]) -> Answer:
    """What stayed unmet in the last year, most often first."""
    language = look_of(request).language
    lacks = await unmet_needs(actor_of(request))
    rows = [
        (book.label("need", row.need, language), name_of_gmina(row.gmina), row.why, row.number) for row in lacks.rows
    ]
    return page(
        request,
        "caseload/unmet.html",
        rows=rows,
        lacks=lacks,
        may_note=actor_of(request).may(Permission.REFERRAL_SEND),
        noted=request.query_params.get("noted") == "1",
    )


@get("/unmet/new", opt=needs(Permission.REFERRAL_SEND))
async def show_new_unmet(request: Request[Any, Any, Any]) -> Answer:
    """The form, filled in from where somebody found nothing."""
    start = {name: request.query_params.get(name, "") for name in FROM_ADDRESS}
    return _form(request, Form({**start, "key": str(new_id())}))


@post("/unmet/new", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_unmet(request: Request[Any, Any, Any]) -> Answer:
    """Note it: need, gmina and why; nothing that points at a person."""
    form, actor = Form(await request.form()), actor_of(request)

    async def work() -> Answer:
        need, typed = read_need(form), form.text("place", required=False, most=100)
        why = form.choice("why", WHYS, required=False) or "no_offer"
        where = where_is(typed)
        if typed and where is None:
            form.add("place", "place_not_known")
        form.check()
        await note_unmet_need(actor=actor, need=need, gmina=where.gmina if where else "", why=why)
        return go("/unmet?noted=1")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return _form(request, form, status=422)


@post("/referrals/{task:uuid}/unmet", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_unmet_of(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """One press on a referral that nobody took on."""
    try:
        await note_unmet_of(task, actor=actor_of(request))
    except Refused as refusal:
        return go(f"/referrals/{task}?done={refusal.code}")
    return go(f"/referrals/{task}?done=unmet")


def _form(request: Request[Any, Any, Any], form: Form, status: int = 200) -> Answer:
    return page(
        request,
        "caseload/unmet_new.html",
        status=status,
        form=form,
        need_terms=book.terms("need", look_of(request).language),
        whys=WHYS,
    )


routes = [show_unmet, show_new_unmet, post_unmet, post_unmet_of]
