"""The steps of a path on pages: add, change, move, tick off, drop, and let a referral carry one out."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.guards import actor_of
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.paths.actions import Planned, add_step, edit_step, link_step, move_step, set_step
from referral_hub.paths.pages import READER, WRITER, HubRequest, changed
from referral_hub.paths.plan import WORDS, YEARS
from referral_hub.paths.queries import Path, Step, loose_referrals, path_seen_by
from referral_hub.paths.words import step_title
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page

Answer = Response[Any]


@post("/paths/{path:uuid}/steps", opt=WRITER, include_in_schema=False)
async def post_step(request: HubRequest, path: FromPath[UUID]) -> Answer:
    """One more step."""
    form = Form(await request.form())

    async def work(version: int) -> None:
        step = read_step(form)
        form.check()
        await add_step(path, actor=actor_of(request), version=version, step=step)

    return await changed(request, path, form, work)


@get("/paths/{path:uuid}/steps/{step:uuid}", opt=READER, include_in_schema=False)
async def show_step(request: HubRequest, path: FromPath[UUID], step: FromPath[UUID]) -> Answer:
    """One step, to change; its words stay closed."""
    found = await path_seen_by(actor_of(request), path)
    one = _of(found, step)
    typed = {
        "form": one.form,
        "need": one.need,
        "target_on": one.target_on.isoformat() if one.target_on else "",
        "task": str(one.task.id) if one.task else "",
    }
    return await _page(request, found, one, Form(typed))


@post("/paths/{path:uuid}/steps/{step:uuid}", opt=WRITER, include_in_schema=False)
async def post_edit(request: HubRequest, path: FromPath[UUID], step: FromPath[UUID]) -> Answer:
    """Keep the change."""
    form, actor = Form(await request.form()), actor_of(request)
    found = await path_seen_by(actor, path)
    one = _of(found, step)
    try:
        planned, version = read_step(form, keep_words=True), form.whole("version", most=10**9)
        form.check()
        await edit_step(path, step, actor=actor, version=version or 0, planned=planned)
    except (Refused, Stale) as refusal:
        form.take(refusal)
        return await _page(request, found, one, form, status=refusal.status)
    return Response(b"", status_code=303, headers={"Location": f"/paths/{path}?done=saved"})


@post("/paths/{path:uuid}/steps/{step:uuid}/move", opt=WRITER, include_in_schema=False)
async def post_move_step(request: HubRequest, path: FromPath[UUID], step: FromPath[UUID]) -> Answer:
    """One place up or down."""
    form = Form(await request.form())

    async def work(version: int) -> None:
        await move_step(path, step, actor=actor_of(request), version=version, way=form.value("way"))

    return await changed(request, path, form, work)


@post("/paths/{path:uuid}/steps/{step:uuid}/state", opt=WRITER, include_in_schema=False)
async def post_state(request: HubRequest, path: FromPath[UUID], step: FromPath[UUID]) -> Answer:
    """Done, dropped, or planned again."""
    form = Form(await request.form())

    async def work(version: int) -> None:
        await set_step(path, step, actor=actor_of(request), version=version, state=form.value("state"))

    return await changed(request, path, form, work)


@post("/paths/{path:uuid}/steps/{step:uuid}/referral", opt=WRITER, include_in_schema=False)
async def post_referral(request: HubRequest, path: FromPath[UUID], step: FromPath[UUID]) -> Answer:
    """Let one of the person's referrals carry the step out, or none."""
    form = Form(await request.form())

    async def work(version: int) -> None:
        task = form.id("task", required=False)
        form.check()
        await link_step(path, step, actor=actor_of(request), version=version, task=task)

    return await changed(request, path, form, work)


def read_step(form: Form, *, keep_words: bool = False) -> Planned:
    """A step as typed; with `keep_words` an empty field leaves the words that are there."""
    today = clock.today()
    words = form.text("words", required=False, most=WORDS, lines=True)
    return Planned(
        form=form.choice("form", [word.code for word in book.words("form", retired=True)], required=False) or "",
        need=form.choice("need", [word.code for word in book.words("need", retired=True)], required=False) or "",
        words=None if keep_words and not words else words,
        target_on=form.date("target_on", required=False, earliest=today - YEARS, latest=today + YEARS),
    )


def _of(path: Path, step: UUID) -> Step:
    found = next((one for one in path.steps if one.id == step), None)
    if found is None:
        raise NotFound
    return found


async def _page(request: HubRequest, path: Path, step: Step, form: Form, status: int = 200) -> Answer:
    language = look_of(request).language
    linked = [] if step.task is None else [(step.task.id, f"{step.task.number}, {step.task.receiver_name}")]
    return page(
        request,
        "paths/step.html",
        status=status,
        path=path,
        step=step,
        form=form,
        place=path.steps.index(step) + 1,
        title=step_title(step, language),
        forms=book.terms("form", language, sort=True),
        needs=book.terms("need", language, sort=True),
        referrals=linked + await loose_referrals(actor_of(request), path),
    )


routes = [post_step, show_step, post_edit, post_move_step, post_state, post_referral]
