"""The incoming referrals of an institution, ticked and answered together; and the same for programs."""

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from msgspec import Struct, structs

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.answering.intake import (
    ACTS,
    MOST,
    Answered,
    Ticked,
    answer_many,
    full_offers,
    incoming,
    problems_of,
)
from referral_hub.database.columns import new_id
from referral_hub.errors import Problem, Refused
from referral_hub.referrals.ageing import near_days
from referral_hub.referrals.lifecycle import TABLE
from referral_hub.referrals.reasons import codes_for
from referral_hub.referrals.shown_moves import fresh_form
from referral_hub.referrals.states import Party, Verb
from referral_hub.vocabularies import book
from referral_hub.web.body import json_answer, read_json
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.openapi import says
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
Answer = Response[Any]
ANSWERS: Final = needs(Permission.REFERRAL_ANSWER)
_NEEDED: Final = {
    "schedule": ("date",),
    "waitlist": ("date", "review_on"),
    "deliver": ("outcome", "date"),
    "decline": ("reason",),
}
_REPORT, _DECLINE = (
    next(row for row in TABLE if row.verb is verb and row.by is Party.RCV) for verb in (Verb.DELIVER, Verb.DECLINE)
)


@get("/referrals/intake", opt=ANSWERS, include_in_schema=False)
async def show_intake(request: HubRequest) -> Answer:
    """What is open here, those that wait for an answer first."""
    return await _page(request, fresh_form(clock.today()))


@post("/referrals/intake", opt=ANSWERS, include_in_schema=False, status_code=200)
async def post_intake(request: HubRequest) -> Answer:
    """One act for all that are ticked; what became of each is told row by row."""
    form, actor = Form(await request.form()), actor_of(request)
    act = form.value("act")
    try:
        ticked = _ticked(form)
        fields = {name: form.value(f"{act}-{name}") for name in ACTS.get(act, ())}
        for name in _NEEDED.get(act, ()):
            if not fields[name]:
                form.add(f"{act}-{name}", "required")
        form.check()
        form.problems += [structs.replace(one, field=f"{act}-{one.field}") for one in problems_of(act, fields)]
        form.check()
    except Refused as refusal:
        form.take(refusal)
        return await _page(request, form, status=422)

    async def kept() -> Answer:
        # Numbers and what became of them; the page itself would show case codes again after sharing has ended.
        return json_answer(BecameOf(await answer_many(ticked, act, fields, actor=actor)))

    try:
        answer = await once(request, actor.scope, kept, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _page(request, form, status=422)
    return await _page(
        request, fresh_form(clock.today()), answered=msgspec.json.decode(answer.content, type=BecameOf).answered
    )


def _ticked(form: Form) -> list[Ticked]:
    """The rows ticked, each with the version the page showed; an act and at least one row must be there."""
    if form.value("act") not in ACTS:
        form.add("act", "choose_one")
    rows = []
    for name in form.values("task")[:MOST]:
        task, version = _uuid(name), form.whole(f"version-{name[:36]}", most=10**9)
        if task is not None and version is not None:
            rows.append(Ticked(task, version))
    if not rows:
        form.add("task", "choose_one")
    return rows


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _page(
    request: HubRequest, form: Form, *, status: int = 200, answered: list[Answered] | None = None
) -> Answer:
    language, today, actor = look_of(request).language, clock.today(), actor_of(request)
    done = [one.id for one in answered or [] if not one.code]

    def named(vocabulary: str, codes: frozenset[str]) -> list[tuple[str, str]]:
        words = book.words(vocabulary)
        return [(word.code, word.label(language)) for word in words if word.code in codes]

    return page(
        request,
        "referrals/intake.html",
        status=status,
        rows=await incoming(actor),
        form=form,
        ticked=form.values("task"),
        answered=[(one, Problem("", one.code, one.facts) if one.code else None) for one in answered or []],
        days=near_days(today),
        today=today,
        full=await full_offers(done, actor=actor) if done else [],
        outcomes=named("outcome", codes_for(_REPORT)["outcome"]),
        reasons=named("reason", codes_for(_DECLINE)["reason"]),
        key=str(new_id()),
        most=MOST,
        label=lambda vocabulary, code: book.label(vocabulary, code, language),
    )


class ManyAnswered(Struct):
    """One act for many referrals; `fields` as the act takes them, e.g. `{"date": "2026-12-01"}`."""

    act: str
    tasks: list[Ticked]
    fields: dict[str, str] = {}


class BecameOf(Struct):
    """What became of each, in the order given; `code` is '' where it was done."""

    answered: list[Answered]


_EXAMPLE_OF = "0193580e-7a90-7b12-a6c3-5d4e8f9a0b17", "0193580e-7a91-7d05-8f2b-c1e6a7b3d942"


@post(
    "/api/v1/intake",
    opt=ANSWERS
    | says(
        "Answer several incoming referrals at once, each by itself",
        body=ManyAnswered,
        answer=BecameOf,
        refusals=(422,),
        body_example={
            "act": "schedule",
            "tasks": [{"id": task, "version": 3} for task in _EXAMPLE_OF],
            "fields": {"date": "2026-12-07 10:00", "place": "pokój 4"},
        },
        answer_example={
            "answered": [
                {"id": _EXAMPLE_OF[0], "number": "2026/0117", "code": "", "facts": {}},
                {"id": _EXAMPLE_OF[1], "number": "2026/0121", "code": "stale", "facts": {}},
            ]
        },
    ),
    status_code=200,
)
async def post_many(request: HubRequest) -> Answer:
    """The same for programs; the key of a repeat is its header."""
    given, actor = await read_json(request, ManyAnswered), actor_of(request)
    if given.act not in ACTS:
        raise Refused("invalid", [Problem("act", "not_a_choice", {"choices": list(ACTS)})])
    if not 0 < len(given.tasks) <= MOST:
        raise Refused("invalid", [Problem("tasks", "out_of_range", {"least": 1, "most": MOST})])

    async def work() -> Answer:
        return json_answer(BecameOf(await answer_many(given.tasks, given.act, given.fields, actor=actor)))

    return await once(request, actor.scope, work)


routes = [show_intake, post_intake, post_many]
