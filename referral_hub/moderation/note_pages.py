"""Write a private note about a partner, or take one away."""

import secrets
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.queries import institution_name
from referral_hub.errors import Problem, Refused
from referral_hub.institutions.free_text import cautions
from referral_hub.moderation.notes import MOST, add_note, notes_about, remove_note
from referral_hub.web.forms import Form
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
KEEPER: Final = needs(Permission.NOTE_KEEP)


@get("/institutions/{institution:uuid}/notes", opt=KEEPER, include_in_schema=False)
async def notes(request: HubRequest, institution: FromPath[UUID]) -> Response[bytes]:
    """What colleagues noted, and a box for one more."""
    return await _notes(request, institution, Form({"offer": request.query_params.get("offer", "")}))


@post("/institutions/{institution:uuid}/notes", opt=KEEPER, include_in_schema=False)
async def write_note(request: HubRequest, institution: FromPath[UUID]) -> Response[Any]:
    """Keep it; words that look as if they named a person are asked about once."""
    actor, form = actor_of(request), Form(await request.form())

    async def work() -> Response[Any]:
        text = form.text("text", most=MOST, lines=True)
        offer = form.id("offer", required=False)
        form.check()
        if not form.flag("checked"):
            form.problems.extend(Problem("checked", code) for code in cautions(text))
        form.check()
        await add_note(institution, text, actor=actor, offer=offer)
        return go(f"/institutions/{institution}/notes?saved=1")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _notes(request, institution, form, status=422)


@post("/notes/{note:uuid}/remove", opt=KEEPER, include_in_schema=False)
async def take_away(request: HubRequest, note: FromPath[UUID]) -> Response[bytes]:
    """The words are gone at once."""
    institution = await remove_note(note, actor=actor_of(request))
    return go(f"/institutions/{institution}/notes?removed=1")


async def _notes(request: HubRequest, institution: UUID, form: Form, status: int = 200) -> Response[bytes]:
    actor = actor_of(request)
    told = next((name for name in ("saved", "removed") if name in request.query_params), "")
    return page(
        request,
        "moderation/notes.html",
        status=status,
        institution=institution,
        name=await institution_name(institution),
        notes=await notes_about(institution, actor),
        owner=actor.institution_name,
        form=form,
        key=form.value("key") or secrets.token_urlsafe(16),
        careful=[problem for problem in form.problems if problem.field == "checked"],
        told=told,
        most=MOST,
    )


routes = [notes, write_note, take_away]
