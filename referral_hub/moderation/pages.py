"""The coordinator's queue by institution; a suggestion beside everybody's word, and three answers."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.errors import Refused, Stale
from referral_hub.moderation.actions import accept, ask, reject
from referral_hub.moderation.conflicts import Say
from referral_hub.moderation.frame import keep_count, note_conflicts
from referral_hub.moderation.queries import Beside, one_suggestion, queue_page
from referral_hub.moderation.saying import value_text
from referral_hub.moderation.suggesting import MOST_VALUE, WITHOUT_VALUE
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

lifespan = keep_count
HubRequest = Request[Any, Any, Any]
MODERATOR: Final = needs(Permission.DIRECTORY_MODERATE)
TOLD: Final = ("accepted", "rejected", "asked", "by_phone", "settled", "ranked")
MOST_WORD: Final = 300
MOST_AT_ONCE: Final = 200


@get("/moderation", opt=MODERATOR, include_in_schema=False)
async def show_queue(request: HubRequest) -> Response[bytes]:
    """What waits, the longest first."""
    return await _queue(request, Form(), page_asked(request))


@post("/moderation/reject", opt=MODERATOR, include_in_schema=False)
async def reject_ticked(request: HubRequest) -> Response[Any]:
    """Turn the ticked ones down at once, for spam."""
    actor, form = actor_of(request), Form(await request.form())
    try:
        picked = [found for text in form.values("pick")[:MOST_AT_ONCE] if (found := _uuid(text))]
        if not picked:
            form.add("pick", "choose_one")
        word = form.text("word", most=MOST_WORD)
        form.check()
        await reject(picked, actor=actor, word=word)
    except Refused as refusal:
        form.take(refusal)
        return await _queue(request, form, 1, status=422)
    return go("/moderation?told=rejected")


@get("/moderation/suggestions/{suggestion:uuid}", opt=MODERATOR, include_in_schema=False)
async def show_suggestion(request: HubRequest, suggestion: FromPath[UUID]) -> Response[bytes]:
    """One suggestion beside everybody's word."""
    return _suggestion(request, await one_suggestion(suggestion), None)


@post("/moderation/suggestions/{suggestion:uuid}/accept", opt=MODERATOR, include_in_schema=False)
async def accept_it(request: HubRequest, suggestion: FromPath[UUID]) -> Response[Any]:
    """Write it; when the present value is another by now, that is shown first."""
    actor, form = actor_of(request), Form(await request.form())

    async def work() -> Response[Any]:
        value = form.text("value", required=False, most=MOST_VALUE, lines=True) if form.values("value") else None
        why = form.text("why", required=False, most=MOST_WORD)
        form.check()
        await accept(suggestion, actor=actor, seen=form.value("seen"), value=value, why=why)
        return go("/moderation?told=accepted")

    return await _answer(request, suggestion, form, work)


@post("/moderation/suggestions/{suggestion:uuid}/reject", opt=MODERATOR, include_in_schema=False)
async def reject_it(request: HubRequest, suggestion: FromPath[UUID]) -> Response[Any]:
    """Turn it down with a word."""
    actor, form = actor_of(request), Form(await request.form())

    async def work() -> Response[Any]:
        word = form.text("word", most=MOST_WORD)
        form.check()
        if not await reject([suggestion], actor=actor, word=word):
            raise Refused("suggestion_decided")
        return go("/moderation?told=rejected")

    return await _answer(request, suggestion, form, work)


@post("/moderation/suggestions/{suggestion:uuid}/ask", opt=MODERATOR, include_in_schema=False)
async def ask_about_it(request: HubRequest, suggestion: FromPath[UUID]) -> Response[Any]:
    """Ask the institution by mail; without an address it is the telephone's turn."""
    actor, form = actor_of(request), Form(await request.form())

    async def work() -> Response[Any]:
        mailed = await ask(suggestion, actor=actor)
        return go("/moderation?told=asked" if mailed else f"/moderation/suggestions/{suggestion}?told=by_phone")

    return await _answer(request, suggestion, form, work)


async def _answer(
    request: HubRequest, suggestion: UUID, form: Form, work: Callable[[], Awaitable[Response[Any]]]
) -> Response[Any]:
    try:
        return await once(request, actor_of(request).scope, work, key=form.value("key"))
    except (Refused, Stale) as refusal:
        form.take(refusal)
        return _suggestion(request, await one_suggestion(suggestion), form, status=refusal.status)


def page_asked(request: HubRequest) -> int:
    """`?page=`, 1 for what is no number."""
    asked = request.query_params.get("page", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _queue(request: HubRequest, form: Form, number: int, status: int = 200) -> Response[bytes]:
    language = look_of(request).language
    told = request.query_params.get("told", "")
    queue = await queue_page(number)
    note_conflicts(queue.conflicts)
    return page(
        request,
        "moderation/queue.html",
        status=status,
        queue=queue,
        form=form,
        told=told if told in TOLD else "",
        text=lambda field, value: value_text(field, value, language),
        most_word=MOST_WORD,
    )


def _suggestion(request: HubRequest, beside: Beside, form: Form | None, status: int = 200) -> Response[bytes]:
    language = look_of(request).language
    one = beside.waiting
    if form is None:
        suggested = one.suggested if isinstance(one.suggested, str) else msgspec.json.encode(one.suggested).decode()
        form = Form({"value": suggested})
    told = request.query_params.get("told", "")
    return page(
        request,
        "moderation/suggestion.html",
        status=status,
        beside=beside,
        one=one,
        form=form,
        said=said_in_words(beside.says, one.field, language),
        text=lambda value: value_text(one.field, value, language),
        with_value=one.field not in WITHOUT_VALUE,
        changed_since=one.present != beside.now,
        edit=edit_page(one.subject_kind, one.subject, one.institution),
        key=secrets.token_urlsafe(16),
        told=told if told in TOLD else "",
        most_value=MOST_VALUE,
        most_word=MOST_WORD,
    )


def said_in_words(says: Sequence[Say], field: str, language: str) -> list[tuple[Say, str]]:
    """Each source with its value in words."""
    return [(say, value_text("contacts" if isinstance(say.value, list) and field in ("phone", "email") else field,
                             say.value, language)) for say in says]  # fmt: skip


def edit_page(kind: str, subject: UUID, institution: UUID) -> str:
    """Where the coordinator edits it by hand."""
    pages = {"offer": f"/my-offers/{subject}", "site": f"/my-offers/places/{subject}"}
    return pages.get(kind, f"/institutions/{institution}/edit")


routes = [
    show_queue,
    reject_ticked,
    show_suggestion,
    accept_it,
    reject_it,
    ask_about_it,
]
