"""One referral: what waits, what happened, and the moves open to whoever looks. The worklist is in `caseload`."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.database.columns import new_id
from referral_hub.errors import HubError, Refused, Stale
from referral_hub.matching.queries import offered
from referral_hub.matching.reason_words import reason_text
from referral_hub.participants.queries import person_seen_by
from referral_hub.referrals.actions import give_feedback, mark_seen, perform
from referral_hub.referrals.ageing import age_of, near_days
from referral_hub.referrals.attachments import attachments
from referral_hub.referrals.buttons import has_arrived
from referral_hub.referrals.case import standing
from referral_hub.referrals.check_pages import check_page
from referral_hub.referrals.feedback import GOT_HELP, TREATED_WELL
from referral_hub.referrals.full_answers import answer_proposed, proposed_by
from referral_hub.referrals.looking_again import look_again
from referral_hub.referrals.moving import given_fields, prefixed
from referral_hub.referrals.other_offers import other_offers
from referral_hub.referrals.own_house import send_or_take_on
from referral_hub.referrals.phoning import nobody_answered
from referral_hub.referrals.queries import Referral, referral, referrals_of_person
from referral_hub.referrals.saying import appointment, said
from referral_hub.referrals.shown_moves import fresh_form, shown_moves
from referral_hub.referrals.states import FINAL, Channel, Party, Verb
from referral_hub.referrals.story import story
from referral_hub.settings import settings
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page, share

Answer = Response[bytes]
share(appointment=appointment)


@get("/people/{person:uuid}/referrals", opt=needs(Permission.PERSON_READ))
async def show_referrals_of(request: Request[Any, Any, Any], person: FromPath[UUID]) -> Answer:
    """All referrals of one person of the own institution, under the case code."""
    actor, language = actor_of(request), look_of(request).language
    row = await person_seen_by(actor, person)
    found = await referrals_of_person(actor, person)
    return page(
        request,
        "referrals/of_person.html",
        person=row,
        found=found,
        label=lambda vocabulary, code: book.label(vocabulary, code, language),
    )


async def as_party(actor: Actor, task: UUID, *, open_person: bool = False, read_words: bool = True) -> Referral:
    """The referral in the role that speaks for one of its sides, where one of the actor's roles does.

    Who coordinates and also answers for a small club accepts people without changing roles first.
    """
    found = await referral(actor, task, open_person=False, read_words=read_words and not open_person)
    roles = [actor.acting_as(role) for role in actor.roles] if found.party in ("COO", "") else []
    speaks = next((one for one in roles if standing(one, found.sides) in (Party.SND, Party.RCV)), None)
    if not speaks and not open_person:
        return found
    return await referral(speaks or actor, task, open_person=open_person, read_words=read_words)


@get("/referrals/{task:uuid}", opt=needs(Permission.REFERRAL_READ))
async def show_referral(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """One referral, the person closed: looking changes nothing and opens nothing."""
    found = await as_party(actor_of(request), task)
    done = request.query_params.get("done", "")
    return await _one(request, found, fresh_form(clock.today()), done=done if done.replace("_", "").isalpha() else "")


@post("/referrals/{task:uuid}/open", opt=needs(Permission.REFERRAL_READ), status_code=200)
async def open_person_of(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """The same page with what the actor may see of the person; the opening is logged and shown to the person."""
    actor = actor_of(request)
    found = await as_party(actor, task, open_person=True)
    await mark_seen(task, actor=actor)
    return await _one(request, found, fresh_form(clock.today()), opened=True)


@post("/referrals/{task:uuid}/seen", opt=needs(Permission.REFERRAL_READ), status_code=303)
async def post_seen(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """The sender has read how it ended."""
    await mark_seen(task, actor=actor_of(request))
    return go(f"/referrals/{task}?done=seen")


@post("/referrals/{task:uuid}/moves", opt=needs(Permission.REFERRAL_READ), status_code=303)
async def post_move(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """Make a move; what is refused comes back with every problem beside its field and everything typed."""
    form, actor = Form(await request.form()), actor_of(request)
    verb, channel = form.value("verb"), form.value("channel") or "self"
    version = form.whole("version", most=10**9)
    prefix = f"{verb}-{channel}-"

    async def work() -> Answer:
        await look_again(form, prefix, verb, task, actor=actor)
        if verb == Verb.SEND and channel == Channel.SELF:
            return await _sent(form, prefix, task, actor, version or 0)
        reached = await perform(
            task,
            actor=actor,
            verb=verb,
            version=version or 0,
            fields=given_fields(form, prefix),
            channel=channel,
        )
        if reached != task and actor.may(Permission.REFERRAL_SEND):
            return go(f"/referrals/{reached}/check")
        return go(f"/referrals/{reached}?done={verb}")

    try:
        form.check()
        return await once(request, actor.scope, work, key=form.value("key"))
    except (Refused, Stale) as refusal:
        return await _refused(request, actor, task, form, prefix, refusal)


async def _sent(form: Form, prefix: str, task: UUID, actor: Actor, version: int) -> Answer:
    fields, waits = given_fields(form, prefix), settings().undo_seconds
    sent, taken_on = await send_or_take_on(task, actor=actor, version=version, fields=fields, hold_back=waits)
    return go(f"/referrals/{sent}?done={'taken_on' if taken_on else 'send'}")


@post("/referrals/{task:uuid}/arrived", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_arrived(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """„Dotarła – wiem od osoby” straight from the list: one press closes, with its source shown on the next page."""
    form, actor = Form(await request.form()), actor_of(request)
    version = form.whole("version", most=10**9)
    found = await as_party(actor, task)

    async def work() -> Answer:
        fields = has_arrived(found.offer.form, clock.today())
        await perform(task, actor=actor, verb="deliver", version=version or 0, fields=fields, channel="person")
        return go(f"/referrals/{task}?done=arrived")

    try:
        form.check()
        return await once(request, actor.scope, work, key=form.value("key"))
    except (Refused, Stale) as refusal:
        return await _refused(request, actor, task, form, "", refusal)


async def _refused(
    request: Request[Any, Any, Any], actor: Actor, task: UUID, form: Form, prefix: str, refusal: HubError
) -> Answer:
    found = await as_party(actor, task)
    form.take(prefixed(refusal, prefix))
    if found.state == "draft" and found.party == "SND":
        return await check_page(request, actor, found, form, status=refusal.status)
    return await _one(request, found, form, status=refusal.status)


@post("/referrals/{task:uuid}/nobody-answered", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_nobody_answered(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """The sender phoned and nobody answered: the number is doubted, the referral stays as it is."""
    form, actor = Form(await request.form()), actor_of(request)
    try:
        await nobody_answered(task, form.text("number", most=60), actor=actor)
    except Refused as refusal:
        form.take(refusal)
        return await _one(request, await as_party(actor, task), form, status=422)
    return go(f"/referrals/{task}?done=nobody_answered")


@post("/referrals/{task:uuid}/places", opt=needs(Permission.REFERRAL_ANSWER), status_code=303)
async def post_places(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """After „brak miejsc”: the number that follows from it, another one, or none."""
    form, actor = Form(await request.form()), actor_of(request)

    async def work() -> Answer:
        await answer_proposed(task, form, actor=actor)
        return go(f"/referrals/{task}?done=places")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _one(request, await as_party(actor, task), form, status=422)


@post("/referrals/{task:uuid}/feedback", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_feedback(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """Write down what the person said about the help."""
    form, actor = Form(await request.form()), actor_of(request)
    try:
        got_help = form.choice("got_help", GOT_HELP)
        treated_well = form.choice("treated_well", TREATED_WELL)
        words = form.text("words", required=False, most=2000, lines=True)
        form.check()
        await give_feedback(task, actor=actor, got_help=got_help or "", treated_well=treated_well or "", words=words)
    except Refused as refusal:
        form.take(refusal)
        return await _one(request, await as_party(actor, task), form, status=422)
    return go(f"/referrals/{task}?done=feedback")


async def _one(
    request: Request[Any, Any, Any],
    found: Referral,
    form: Form,
    *,
    status: int = 200,
    opened: bool = False,
    done: str = "",
) -> Answer:
    actor, language, today = actor_of(request), look_of(request).language, clock.today()
    match = await offered(found.offer.id, None, None, today)
    moved = found.timeline[-1].at.astimezone(clock.WARSAW).date() if found.timeline else None
    due = found.clock.due_on if found.clock.on else None
    final = found.state in FINAL
    wants_b = found.party in ("SND", "COO") and (final or found.clock.late) and found.state not in ("delivered", "void")
    may_reroute = any(move.row.verb == "reroute" for move in found.moves)
    leaves_at = _leaves_at(found)
    full = found.party == "RCV" and actor.may(Permission.REFERRAL_ANSWER)
    return page(
        request,
        "referrals/one.html",
        status=status,
        referral=found,
        offered=match.offered if match else None,
        person=[(name, said(name, value, language)) for name, value in found.person.items()],
        opened=opened,
        leaves_at=leaves_at,
        leaves_late=leaves_at is not None and clock.now() > leaves_at + timedelta(minutes=1),
        form=form,
        done=done,
        age=None if final else age_of(moved, due, today),
        story=story(found, language),
        buttons=await shown_moves(found),
        days=near_days(today),
        arrived=has_arrived(found.offer.form, today),
        key=str(new_id()),
        label=lambda vocabulary, code: book.label(vocabulary, code, language),
        reason_text=reason_text(language),
        attachments=await attachments(found, actor, language),
        others=(await other_offers(_sees_person(actor), [found.id], today)).get(found.id, []) if wants_b else [],
        may_reroute=may_reroute,
        proposed=await proposed_by(found.offer.id, found.reason) if full else None,
        got_help=GOT_HELP,
        treated_well=TREATED_WELL,
    )


def _leaves_at(found: Referral) -> datetime | None:
    """When a sending that can still be taken back leaves; None for any other."""
    if not found.held_back or found.state != "sent" or found.sent_at is None:
        return None
    return (found.sent_at + timedelta(seconds=settings().undo_seconds)).astimezone(clock.WARSAW)


def _sees_person(actor: Actor) -> Actor:
    """The actor as caseworker, where it is one: that role knows where the person lives."""
    return actor.acting_for(Permission.REFERRAL_SEND) if actor.may(Permission.REFERRAL_SEND) else actor


routes = [
    show_referral,
    show_referrals_of,
    open_person_of,
    post_seen,
    post_move,
    post_arrived,
    post_nobody_answered,
    post_places,
    post_feedback,
]
