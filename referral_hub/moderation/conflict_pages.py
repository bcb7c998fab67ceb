"""Settle what sources disagree about, and say whom to believe by default."""

import secrets
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.database.transaction import connection
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.institutions.source_ranks import SEED, known_sources, load_ranks, set_order
from referral_hub.moderation.conflicts import TRACKED
from referral_hub.moderation.pages import MOST_WORD, edit_page, said_in_words
from referral_hub.moderation.queries import one_conflict
from referral_hub.moderation.saying import value_text
from referral_hub.moderation.settling import settle
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
MODERATOR: Final = needs(Permission.DIRECTORY_MODERATE)
RANKED: Final = tuple(dict.fromkeys((*SEED, *(field for fields in TRACKED.values() for field in fields))))
"""Fields that may have an order of their own; '' is the usual one."""


@get("/moderation/conflicts/{kind:str}/{subject:uuid}/{field:str}", opt=MODERATOR, include_in_schema=False)
async def show_conflict(
    request: HubRequest, kind: FromPath[str], subject: FromPath[UUID], field: FromPath[str]
) -> Response[bytes]:
    """What each source says of one field."""
    return await _conflict(request, _key(kind, subject, field), Form())


@post("/moderation/conflicts/{kind:str}/{subject:uuid}/{field:str}", opt=MODERATOR, include_in_schema=False)
async def settle_it(
    request: HubRequest, kind: FromPath[str], subject: FromPath[UUID], field: FromPath[str]
) -> Response[Any]:
    """The value that stands from now on: what stands already (`present`), or what a source says (`from:<source>`)."""
    actor, form = actor_of(request), Form(await request.form())
    key = _key(kind, subject, field)

    async def work() -> Response[Any]:
        take = form.text("take", required=False, most=100)
        if not take and not form.problem("take"):
            form.add("take", "choose_one")
        why = form.text("why", required=False, most=MOST_WORD)
        if take and take != "present" and not take.startswith("from:"):
            form.add("take", "not_a_choice")
        form.check()
        source = "" if take == "present" else take.removeprefix("from:")
        await settle(*key, actor=actor, take=source, seen=form.value("seen"), why=why)
        return go("/moderation?told=settled")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except (Refused, Stale) as refusal:
        form.take(refusal)
        return await _conflict(request, key, form, status=refusal.status)


def _key(kind: str, subject: UUID, field: str) -> tuple[str, UUID, str]:
    """Raises NotFound for a field that no register speaks of."""
    if field not in TRACKED.get(kind, ()):
        raise NotFound
    return kind, subject, field


async def _conflict(request: HubRequest, key: tuple[str, UUID, str], form: Form, status: int = 200) -> Response[bytes]:
    language = look_of(request).language
    conflict, name, mark = await one_conflict(*key)
    return page(
        request,
        "moderation/conflict.html",
        status=status,
        conflict=conflict,
        name=name,
        form=form,
        present=value_text(conflict.field, conflict.present, language),
        said=said_in_words(conflict.says, conflict.field, language),
        action=f"/moderation/conflicts/{key[0]}/{key[1]}/{key[2]}",
        edit=edit_page(conflict.subject_kind, conflict.subject, conflict.institution),
        seen=mark,
        key=secrets.token_urlsafe(16),
        most_word=MOST_WORD,
    )


@get("/moderation/sources", opt=MODERATOR, include_in_schema=False)
async def show_sources(request: HubRequest) -> Response[bytes]:
    """Who is believed first, usually and field by field."""
    return await _sources(request, Form())


@post("/moderation/sources", opt=MODERATOR, include_in_schema=False)
async def save_sources(request: HubRequest) -> Response[Any]:
    """The new order of one field: `place-<source>` is each source's number."""
    actor, form = actor_of(request), Form(await request.form())
    try:
        field = form.value("field")
        if field not in RANKED:
            form.add("field", "not_a_choice")
        async with connection() as sql:
            known = await known_sources(sql)
        places = {source: form.whole(f"place-{source}", least=1, most=99) for source in known}
        form.check()
        taken = [place for place in places.values() if place is not None]
        if len(set(taken)) != len(taken):
            form.add("field", "ranks_twice")
        form.check()
        order = sorted(known, key=lambda source: places[source] or 0)
        await set_order(field, order, by=actor.scope)
    except Refused as refusal:
        form.take(refusal)
        return await _sources(request, form, status=422)
    return go("/moderation/sources?told=ranked")


async def _sources(request: HubRequest, form: Form, status: int = 200) -> Response[bytes]:
    ranks = await load_ranks()
    async with connection() as sql:
        known = await known_sources(sql)
    asked = form.value("field") or request.query_params.get("field", "")
    field = asked if asked in RANKED else ""
    order = (*ranks.order(field), *(source for source in known if source not in ranks.order(field)))
    numbers = {f"place-{source}": str(number) for number, source in enumerate(order, start=1)}
    return page(
        request,
        "moderation/sources.html",
        status=status,
        form=form if form.problems else Form({**numbers, "field": field}),
        field=field,
        fields=[(name, name in ranks.orders) for name in RANKED],
        order=order,
        told=request.query_params.get("told") == "ranked",
    )


routes = [show_conflict, settle_it, show_sources, save_sources]
