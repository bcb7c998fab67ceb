"""Taking part in the club: the list, one participation with its course, effects and end."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.database.columns import new_id
from referral_hub.errors import HubError, Refused, Stale
from referral_hub.participants.keeping import left_behind
from referral_hub.participants.queries import person_seen_by
from referral_hub.participation.actions import add_effect, change, end, reopen, start, void_effect
from referral_hub.participation.clubs import is_club
from referral_hub.participation.course import END_REASONS, REFUSED, SOURCES, area_of, effects, main_groups
from referral_hub.participation.forms import read_described, read_ended
from referral_hub.participation.own_groups import groups_of, join_group
from referral_hub.participation.queries import (
    STATES,
    Participation,
    participation_seen_by,
    participations_of,
    participations_seen_by,
    reported_effects,
)
from referral_hub.participation.timeline import timeline
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.navigation import belongs
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
Answer = Response[bytes]
READER: Final = needs(Permission.PARTICIPATION_READ)
EDITOR: Final = needs(Permission.PARTICIPATION_EDIT)
# Whoever has no entry of its own in the menu comes from the list of people.
belongs["/participations"] = "/people"
DONE: Final = ("started", "changed", "effect", "voided", "ended", "reopened")


def year_asked(request: HubRequest) -> int | None:
    """`?year=` within what may have been, or None."""
    text = request.query_params.get("year", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0
    return number if 2004 <= number <= clock.today().year + 1 else None


@get("/participations", opt=READER, include_in_schema=False)
async def show_participations(request: HubRequest) -> Answer:
    """Who takes part in the club now, under case codes; `?state=&year=&mine=&page=`."""
    actor, asked = actor_of(request), request.query_params
    state = asked.get("state", "now")
    number = asked.get("page", "")
    mine = asked.get("mine", "") == "1"
    parts = await participations_seen_by(
        actor,
        state=state if state in STATES else "now",
        year=year_asked(request),
        mine=mine,
        page=int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1,
    )
    return page(
        request,
        "participation/list.html",
        parts=parts,
        state=state if state in STATES else "now",
        states=STATES,
        form=Form({"year": str(year_asked(request) or "")}),
        year=year_asked(request),
        mine=mine,
        edits=actor.may(Permission.PARTICIPATION_EDIT),
        left=await left_behind(actor) if actor.may(Permission.PERSON_HAND_OVER) else 0,
        club=await is_club(actor.institution),
        this_year=clock.today().year,
    )


@get("/people/{person:uuid}/participation", opt=EDITOR, include_in_schema=False)
async def show_of_person(request: HubRequest, person: FromPath[UUID]) -> Answer:
    """What a person of ours takes or took part in, and a form to begin."""
    return await _of_person(request, person, Form({"started_on": clock.today(), "key": str(new_id())}))


@post("/people/{person:uuid}/participation", opt=EDITOR, include_in_schema=False)
async def post_start(request: HubRequest, person: FromPath[UUID]) -> Answer:
    """Begin, without any referral."""
    form, actor = Form(await request.form()), actor_of(request)

    async def work() -> Answer:
        return _to(await start(person, read_described(form), actor=actor), "started")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _of_person(request, person, form, status=422)


async def _of_person(request: HubRequest, person: UUID, form: Form, status: int = 200) -> Answer:
    actor, language = actor_of(request), look_of(request).language
    row = await person_seen_by(actor, person)
    parts = await participations_of(actor, row.id)
    return page(
        request,
        "participation/of_person.html",
        status=status,
        person=row,
        parts=parts,
        club=await is_club(actor.institution),
        may_start=row.closed_at is None and all(part.ended_on is not None for part in parts),
        form=form,
        groups=group_choices(language),
    )


def group_choices(language: str) -> list[tuple[str, str]]:
    """Options of the main group: not asked yet, prefers not to say, then the groups."""
    refused = book.label("participant_status", "odmowa", language)
    return [(REFUSED, refused), *((code, book.label("audience", code, language)) for code in main_groups())]


@get("/participations/{part:uuid}", opt=READER, include_in_schema=False)
async def show_participation(request: HubRequest, part: FromPath[UUID]) -> Answer:
    """One participation: its course, groups and hours, effects; what may be done now."""
    return await _one(request, part, Form({}))


@post("/participations/{part:uuid}", opt=EDITOR, include_in_schema=False)
async def post_change(request: HubRequest, part: FromPath[UUID]) -> Answer:
    """Contract, start, main group."""
    form, actor = Form(await request.form()), actor_of(request)
    try:
        version = form.whole("version", most=10**9) or 0
        await change(part, read_described(form), actor=actor, version=version)
    except (Refused, Stale) as refusal:
        return await _refused(request, part, form, refusal, "facts")
    return _to(part, "changed")


@post("/participations/{part:uuid}/effects", opt=EDITOR, include_in_schema=False)
async def post_effect(request: HubRequest, part: FromPath[UUID]) -> Answer:
    """One more effect."""
    form, actor = Form(await request.form()), actor_of(request)

    async def work() -> Answer:
        effect = form.choice("effect", effects()) or ""
        reached_on = form.date("reached_on")
        source = form.choice("source", SOURCES, required=False) or "club"
        if reached_on is None or form.problems:
            raise Refused("invalid", form.problems)
        await add_effect(part, effect, reached_on, actor=actor, source=source)
        return _to(part, "effect")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        return await _refused(request, part, form, refusal, "effect")


@post("/participations/{part:uuid}/effects/{effect:uuid}/void", opt=EDITOR, include_in_schema=False)
async def post_void(request: HubRequest, part: FromPath[UUID], effect: FromPath[UUID]) -> Answer:
    """An effect recorded by mistake."""
    await void_effect(part, effect, actor=actor_of(request))
    return _to(part, "voided")


@post("/participations/{part:uuid}/end", opt=EDITOR, include_in_schema=False)
async def post_end(request: HubRequest, part: FromPath[UUID]) -> Answer:
    """The end, with its reason and perhaps a certificate."""
    form, actor = Form(await request.form()), actor_of(request)
    try:
        version = form.whole("version", most=10**9) or 0
        await end(part, read_ended(form), actor=actor, version=version)
    except (Refused, Stale) as refusal:
        return await _refused(request, part, form, refusal, "end")
    return _to(part, "ended")


@post("/participations/{part:uuid}/reopen", opt=EDITOR, include_in_schema=False)
async def post_reopen(request: HubRequest, part: FromPath[UUID]) -> Answer:
    """The end was a mistake."""
    form, actor = Form(await request.form()), actor_of(request)
    try:
        await reopen(part, actor=actor, version=form.whole("version", most=10**9) or 0)
    except (Refused, Stale) as refusal:
        return await _refused(request, part, form, refusal, "")
    return _to(part, "reopened")


@post("/participations/{part:uuid}/groups", opt=EDITOR, include_in_schema=False)
async def post_group(request: HubRequest, part: FromPath[UUID]) -> Answer:
    """Join a group of the club: the referral to ourselves, then the choice of its days."""
    form, actor = Form(await request.form()), actor_of(request)
    try:
        offer = form.id("offer")
        if offer is None or form.problems:
            raise Refused("invalid", form.problems)
        task = await join_group(part, offer, actor=actor)
    except Refused as refusal:
        return await _refused(request, part, form, refusal, "group")
    return go(f"/referrals/{task}/meetings")


async def _refused(request: HubRequest, part: UUID, form: Form, refusal: HubError, which: str) -> Answer:
    form.take(refusal)
    return await _one(request, part, form, which=which, status=refusal.status)


async def _one(request: HubRequest, part: UUID, form: Form, *, which: str = "", status: int = 200) -> Answer:
    """`which` of the page's forms was sent: it alone keeps what was typed."""
    actor, language = actor_of(request), look_of(request).language
    found = await participation_seen_by(actor, part)
    done = request.query_params.get("done", "")
    return page(
        request,
        "participation/one.html",
        status=status,
        part=found,
        entries=timeline(found, language),
        reported=await reported_effects(actor, found, effects()),
        own_groups=await groups_of(actor.institution) if found.edits and found.ended_on is None else [],
        forms=_forms(found, form, which),
        form=form,
        which=which,
        groups=group_choices(language),
        effect_choices=[(code, book.label("outcome", code, language)) for code in effects()],
        end_reasons=END_REASONS,
        sources=SOURCES,
        area_of=area_of,
        label=lambda vocabulary, code: book.label(vocabulary, code, language),
        key=str(new_id()),
        done=done if done in DONE else "",
        this_year=clock.today().year,
    )


def _forms(part: Participation, form: Form, which: str) -> dict[str, Form]:
    """What each form of the page starts from; the one sent keeps what was typed."""
    today = clock.today()
    fresh = {
        "facts": Form(
            {
                "started_on": part.started_on,
                "contract_on": part.contract_on or "",
                "contract_number": part.contract_number,
                "main_group": REFUSED if part.refused_group else part.main_group,
            }
        ),
        "effect": Form({"reached_on": today, "source": "club"}),
        "end": Form({"ended_on": today}),
        "group": Form({}),
        "certificate": Form({}),
    }
    return fresh | ({which: form} if which in fresh else {})


def _to(part: UUID, done: str) -> Answer:
    return go(f"/participations/{part}?done={done}")


routes = [
    show_participations,
    show_of_person,
    post_start,
    show_participation,
    post_change,
    post_effect,
    post_void,
    post_end,
    post_reopen,
    post_group,
]
