"""A person's paths on pages: begin one, look, open the words, change what stands over the steps, close, print."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from markupsafe import Markup

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.database.columns import new_id
from referral_hub.errors import Refused, Stale
from referral_hub.institutions.contacts import phone_of
from referral_hub.participants.queries import person_seen_by
from referral_hub.paths.actions import Head, close_path, edit_path, note_review, reopen_path, start_path
from referral_hub.paths.plan import GOAL, MOST_STEPS, NUMBER, RESULTS, YEARS
from referral_hub.paths.queries import Path, loose_referrals, open_path, path_seen_by, paths_of
from referral_hub.paths.words import printed_steps, step_title
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page, render
from referral_hub.web.wording import LANGUAGES

HubRequest = Request[Any, Any, Any]
Answer = Response[Any]
READER: Final = needs(Permission.PERSON_READ)
WRITER: Final = needs(Permission.PERSON_EDIT)


@get("/people/{person:uuid}/paths", opt=READER, include_in_schema=False)
async def show_paths(request: HubRequest, person: FromPath[UUID]) -> Answer:
    """The paths of a person, and a new one."""
    return await _list(request, person, Form({}))


@post("/people/{person:uuid}/paths", opt=WRITER, include_in_schema=False)
async def post_path(request: HubRequest, person: FromPath[UUID]) -> Answer:
    """Begin a path; a double tap begins one."""
    form, actor = Form(await request.form()), actor_of(request)

    async def work() -> Answer:
        head = read_head(form)
        example = form.choice("example", [word.code for word in book.words("path_example")], required=False) or ""
        form.check()
        return go(f"/paths/{await start_path(person, actor=actor, head=head, example=example)}?done=started")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _list(request, person, form, status=422)


@get("/paths/{path:uuid}", opt=READER, include_in_schema=False)
async def show_path(request: HubRequest, path: FromPath[UUID]) -> Answer:
    """The way in labels, days and states; the person's own words stay closed."""
    return await path_page(request, await path_seen_by(actor_of(request), path), Form({}))


@post("/paths/{path:uuid}/open", opt=READER, include_in_schema=False, status_code=200)
async def post_open(request: HubRequest, path: FromPath[UUID]) -> Answer:
    """The same with goal and words; the opening is logged."""
    return await path_page(request, await open_path(actor_of(request), path), Form({}), opened=True)


@post("/paths/{path:uuid}", opt=WRITER, include_in_schema=False)
async def post_head(request: HubRequest, path: FromPath[UUID]) -> Answer:
    """Keep goal, contract and review."""
    form = Form(await request.form())

    async def work(version: int) -> None:
        head = read_head(form)
        form.check()
        await edit_path(path, actor=actor_of(request), version=version, head=head)

    return await changed(request, path, form, work)


@post("/paths/{path:uuid}/review", opt=WRITER, include_in_schema=False)
async def post_review(request: HubRequest, path: FromPath[UUID]) -> Answer:
    """Looked through today."""
    form = Form(await request.form())

    async def work(version: int) -> None:
        next_on = form.date(
            "next_on", required=False, earliest=clock.today() + timedelta(days=1), latest=clock.today() + YEARS
        )
        form.check()
        await note_review(path, actor=actor_of(request), version=version, next_on=next_on)

    return await changed(request, path, form, work)


@post("/paths/{path:uuid}/close", opt=WRITER, include_in_schema=False)
async def post_close(request: HubRequest, path: FromPath[UUID]) -> Answer:
    """The end of the way and its result, or back to an open one."""
    form, actor = Form(await request.form()), actor_of(request)

    async def work(version: int) -> None:
        if form.flag("again"):
            await reopen_path(path, actor=actor, version=version)
            return
        result = form.choice("result", RESULTS)
        form.check()
        await close_path(path, actor=actor, version=version, result=result or "")

    return await changed(request, path, form, work)


@post("/paths/{path:uuid}/print", opt=READER, include_in_schema=False, status_code=200)
async def post_print(request: HubRequest, path: FromPath[UUID]) -> Answer:
    """One page in plain language for the person, in the language asked for; it shows the words, so it is logged."""
    form = Form(await request.form())
    found = await open_path(actor_of(request), path)
    language = form.value("in") if form.value("in") in LANGUAGES else found.language
    language = language if language in LANGUAGES else look_of(request).language
    facts = {
        "path": found,
        "steps": printed_steps(found, language),
        "phone": await phone_of(found.institution),
        "today": clock.today(),
        "contract": book.label("contract", found.contract_kind, language) if found.contract_kind else "",
    }
    printed = Markup(render("paths/printed.html", language, facts))  # noqa: S704 -- rendered by our escaping environment
    return page(request, "paths/print.html", path=found, printed=printed, printed_in=language, all_languages=LANGUAGES)


def read_head(form: Form) -> Head:
    """What stands over the steps, as typed; `keep_goal` leaves the words that are there."""
    goal = form.text("goal", required=False, most=GOAL, lines=True)
    return Head(
        goal=None if form.flag("keep_goal") and not goal else goal,
        contract_kind=form.choice("contract_kind", [word.code for word in book.words("contract")], required=False)
        or "",
        contract_number=form.text("contract_number", required=False, most=NUMBER),
        contract_on=form.date("contract_on", required=False, earliest=clock.today() - YEARS, latest=clock.today()),
        review_on=form.date("review_on", required=False, earliest=clock.today() - YEARS, latest=clock.today() + YEARS),
    )


async def changed(request: HubRequest, path: UUID, form: Form, work: Any) -> Answer:
    """Make a change and lead back to the path; what is refused is shown on it with everything typed."""
    try:
        version = form.whole("version", most=10**9)
        form.check()
        await work(version or 0)
    except (Refused, Stale) as refusal:
        form.take(refusal)
        found = await path_seen_by(actor_of(request), path)
        return await path_page(request, found, form, status=refusal.status)
    return go(f"/paths/{path}?done=saved")


async def path_page(request: HubRequest, found: Path, form: Form, *, opened: bool = False, status: int = 200) -> Answer:
    """The page of one path."""
    language = look_of(request).language
    if not form.problems:
        typed = {
            "contract_kind": found.contract_kind,
            "contract_number": found.contract_number,
            "contract_on": found.contract_on.isoformat() if found.contract_on else "",
            "review_on": found.review_on.isoformat() if found.review_on else "",
            "goal": found.goal,
        }
        form = Form(typed)
    done = request.query_params.get("done", "")
    return page(
        request,
        "paths/one.html",
        status=status,
        path=found,
        form=form,
        opened=opened,
        done=done if done in ("saved", "started") else "",
        titles=[step_title(step, language) for step in found.steps],
        needs_of=[_need_of(step.need, step.form) for step in found.steps],
        contracts=book.terms("contract", language),
        contract=book.label("contract", found.contract_kind, language) if found.contract_kind else "",
        forms=book.terms("form", language, sort=True),
        needs=book.terms("need", language, sort=True),
        loose=await loose_referrals(actor_of(request), found),
        results=RESULTS,
        most=MOST_STEPS,
        today=clock.today(),
        all_languages=LANGUAGES,
        may_edit=actor_of(request).may(Permission.PERSON_EDIT),
    )


def _need_of(need: str, form: str) -> str:
    """The need that the composer starts from."""
    answered = book.needs_for(form) if form and not need else ()
    return need or (answered[0] if answered else "")


async def _list(request: HubRequest, person: UUID, form: Form, status: int = 200) -> Answer:
    actor, language = actor_of(request), look_of(request).language
    row = await person_seen_by(actor, person)
    needed = {word.extra.get("need"): word.code for word in book.words("path_example")}
    usual = next((needed[need] for need in row.needs if need in needed), "")
    return page(
        request,
        "paths/list.html",
        status=status,
        person=row,
        paths=await paths_of(actor, person),
        form=form if form.value("key") else Form({"example": usual}),
        examples=[
            (
                word.code,
                word.label(language),
                ", ".join(book.label("form", one, language) for one in word.listed("steps")),
            )
            for word in book.words("path_example")
        ],
        contracts=book.terms("contract", language),
        label=lambda code: book.label("contract", code, language),
        key=form.value("key") or str(new_id()),
        may_edit=actor.may(Permission.PERSON_EDIT),
    )


routes = [show_paths, post_path, show_path, post_open, post_head, post_review, post_close, post_print]
