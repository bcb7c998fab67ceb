"""Possible duplicates: the list, a pair side by side, and the merge that asks why and says what will move."""

import re
import secrets
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.database.transaction import connection
from referral_hub.duplicates.actions import LONGEST_WHY, judge_different, merge_institutions
from referral_hub.duplicates.choosing import Side
from referral_hub.duplicates.columns import STAYS
from referral_hub.duplicates.queries import beside, candidates, evidence_of
from referral_hub.errors import Refused
from referral_hub.geography.units import unit
from referral_hub.institutions.merged import survivor_of
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
MODERATOR: Final = needs(Permission.DIRECTORY_MODERATE)
_ID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
TOLD: Final = ("merged", "different")
QUIET: Final = ("language", "reached_by", "edits_wait")
"""Settings of an entry: shown only where the two differ."""


@get("/duplicates", opt=MODERATOR, include_in_schema=False)
async def show_list(request: HubRequest) -> Response[bytes]:
    """The pairs worth a look, explained; `?siblings=1` those that are probably two."""
    return await _list(request, Form())


@post("/duplicates", opt=MODERATOR, include_in_schema=False)
async def choose_pair(request: HubRequest) -> Response[Any]:
    """Two entries named by their addresses, however unlike they look."""
    form = Form(await request.form())
    found = {name: _ID.search(form.text(name, most=300)) for name in ("first", "second")}
    for name, match in found.items():
        if match is None and form.problem(name) is None:
            form.add(name, "not_a_choice")
    first, second = found["first"], found["second"]
    if form.problems or first is None or second is None:
        return await _list(request, form, status=422)
    return go(f"/duplicates/{first[0].lower()}/{second[0].lower()}")


@get("/duplicates/{kept:uuid}/{merged:uuid}", opt=MODERATOR, include_in_schema=False)
async def show_pair(request: HubRequest, kept: FromPath[UUID], merged: FromPath[UUID]) -> Response[Any]:
    """Side by side: `kept` would stay, `merged` would become part of it."""
    return await _pair(request, kept, merged, None)


@post("/duplicates/{kept:uuid}/{merged:uuid}/merge", opt=MODERATOR, include_in_schema=False)
async def merge_pair(request: HubRequest, kept: FromPath[UUID], merged: FromPath[UUID]) -> Response[Any]:
    """Make them one. Fields: `take-<field>` kept or merged, `end` offers that end, `why`."""
    actor, form = actor_of(request), Form(await request.form())

    async def work() -> Response[Any]:
        both = await beside(kept, merged)
        take: dict[str, Side] = {}
        for one in both.choices:
            if one.differs and form.values(f"take-{one.field}"):
                side = form.choice(f"take-{one.field}", ("kept", "merged"))
                take[one.field] = "merged" if side == "merged" else "kept"
        end = [UUID(text) if _ID.fullmatch(text) else None for text in form.values("end")]
        if None in end:
            form.add("end", "not_a_choice")
        why = form.text("why", most=LONGEST_WHY)
        form.check()
        await merge_institutions(kept, merged, actor=actor, why=why, take=take, end=[one for one in end if one])
        return go(f"/duplicates?told=merged&about={kept}")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _pair(request, kept, merged, form, status=422)


@post("/duplicates/{one:uuid}/{other:uuid}/different", opt=MODERATOR, include_in_schema=False)
async def say_different(request: HubRequest, one: FromPath[UUID], other: FromPath[UUID]) -> Response[Any]:
    """„To różne instytucje”: not shown again unless something else speaks for one."""
    async with connection() as sql:
        evidence = await evidence_of(sql, one, other)
    try:
        await judge_different(one, other, actor=actor_of(request), evidence=evidence)
    except Refused as refusal:
        form = Form()
        form.take(refusal)
        return await _pair(request, one, other, form, status=422)
    return go("/duplicates?told=different")


async def _list(request: HubRequest, form: Form, status: int = 200) -> Response[bytes]:
    language = look_of(request).language
    siblings = request.query_params.get("siblings") == "1"
    asked = request.query_params.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    found = await candidates(number, siblings=siblings)
    told = request.query_params.get("told", "")
    return page(
        request,
        "duplicates/list.html",
        status=status,
        found=found,
        siblings=siblings,
        kinds={row["kind"]: book.label("kind", row["kind"], language) for row in found.rows.values()},
        form=form,
        told=told if told in TOLD else "",
    )


async def _pair(request: HubRequest, kept: UUID, merged: UUID, form: Form | None, status: int = 200) -> Response[Any]:
    both = await beside(kept, merged)
    language = look_of(request).language
    if form is None:
        form = Form({f"take-{one.field}": one.stays for one in both.choices if one.differs})
    return page(
        request,
        "duplicates/pair.html",
        status=status,
        both=both,
        form=form,
        moves=moving_words(both.counts),
        fields=[one for one in both.choices if one.differs or one.field not in QUIET],
        shown=lambda field, value: _shown(field, value, language),
        form_label=lambda code: book.label("form", code, language),
        survivor=await survivor_of(merged) if both.merged["status"] == "merged" else None,
        key=secrets.token_urlsafe(16),
        most_why=LONGEST_WHY,
    )


def moving_words(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """(code of a table, rows) that will belong to the survivor; keys within the institution's own row are no news."""
    found: Counter[str] = Counter()
    for name, count in counts.items():
        table = name.split(".")[0]
        if name not in STAYS and table not in ("institution", "duplicate_verdict"):
            found[table] += count
    return found.most_common()


def _shown(field: str, value: Any, language: str) -> str:
    if field == "kind":
        return book.label("kind", value, language)
    if field == "terc" and (known := unit(str(value))) is not None:
        return known.name
    return str(value)


routes = [show_list, choose_pair, show_pair, merge_pair, say_different]
