"""Internal notes and the text to copy: both open something of the person, so both are pressed for, not visited."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.caseload.as_note import note_text
from referral_hub.caseload.notes import add_note, count_notes, open_notes, remove_note
from referral_hub.database.columns import new_id
from referral_hub.errors import NotFound, Refused
from referral_hub.participants.free_text import cautions_about
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.queries import Referral, referral
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

Answer = Response[bytes]


async def notes_part(found: Referral, actor: Actor, language: str) -> Attachment | None:
    """On the referral's page: how many notes there are and the way to them, for the sender's caseworkers."""
    if found.party != "SND":
        return None
    return Attachment("caseload/notes_part.html", {"task": found.id, "count": await count_notes(found.id, actor)})


async def _own(task: UUID, actor: Actor) -> Referral:
    """The referral as its sender. Raises NotFound for everybody else."""
    found = await referral(actor.acting_for(Permission.REFERRAL_SEND), task, open_person=False, read_words=False)
    if found.sender.id != actor.institution:
        raise NotFound
    return found


@post("/referrals/{task:uuid}/notes/open", opt=needs(Permission.REFERRAL_SEND), status_code=200)
async def post_open_notes(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """The notes; reading them is a line on the person's list."""
    return await _notes(request, task, Form({}))


@post("/referrals/{task:uuid}/notes", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_note(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """Keep a note; words that tell a diagnosis are shown once more before they are kept."""
    form, actor = Form(await request.form()), actor_of(request)
    words = form.text("words", most=2000, lines=True)

    async def work() -> Answer:
        await add_note(task, words, actor=actor)
        return go(f"/referrals/{task}?done=note")

    try:
        form.check()
        if cautions_about(words) and form.value("sure") != "1":
            return await _notes(request, task, form, warning=cautions_about(words)[0])
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _notes(request, task, form, status=422)


@post("/referrals/{task:uuid}/notes/{note:uuid}/remove", opt=needs(Permission.REFERRAL_SEND), status_code=200)
async def post_remove_note(request: Request[Any, Any, Any], task: FromPath[UUID], note: FromPath[UUID]) -> Answer:
    """Remove an own note at once, or bring it back (`back=1`)."""
    form, actor = Form(await request.form()), actor_of(request)
    await remove_note(note, actor=actor, back=form.flag("back"))
    return await _notes(request, task, Form({}))


@get("/referrals/{task:uuid}/as-note", opt=needs(Permission.REFERRAL_SEND))
async def show_as_note(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """The case as plain text without a name."""
    return _as_note(request, await _own(task, actor_of(request)), "")


@post("/referrals/{task:uuid}/as-note", opt=needs(Permission.REFERRAL_SEND), status_code=200)
async def post_as_note(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """The same with the person's label: an opening like any other, and logged."""
    actor = actor_of(request)
    await _own(task, actor)
    found = await referral(actor.acting_for(Permission.REFERRAL_SEND), task, open_person=("label",), read_words=False)
    return _as_note(request, found, str(found.person.get("label", "")))


def _as_note(request: Request[Any, Any, Any], found: Referral, label: str) -> Answer:
    text = note_text(found, look_of(request).language, label=label)
    return page(request, "caseload/as_note.html", referral=found, text=text, named=bool(label))


async def _notes(
    request: Request[Any, Any, Any], task: UUID, form: Form, *, status: int = 200, warning: str = ""
) -> Answer:
    actor = actor_of(request)
    found = await _own(task, actor)
    return page(
        request,
        "caseload/notes.html",
        status=status,
        referral=found,
        notes=await open_notes(task, actor=actor),
        form=form,
        warning=warning,
        key=str(new_id()),
    )


routes = [post_open_notes, post_note, post_remove_note, show_as_note, post_as_note]
