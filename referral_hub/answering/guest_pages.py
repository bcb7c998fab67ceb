"""Answering one referral by a link from mail: no account, one tap and a date. A visit changes nothing."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import structs

from referral_hub import clock
from referral_hub.accounts.account_offers import is_offered, offer_by_mail
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import BY_LINK, PUBLIC
from referral_hub.accounts.link_pages import GONE, holder_of, link_behind, traded
from referral_hub.accounts.links import (
    Link,
    actor_of_link,
    link_of_secret,
)
from referral_hub.accounts.sessions import keep_actor
from referral_hub.accounts.sign_in_pages import go
from referral_hub.answering.attending import may_be_marked
from referral_hub.answering.exchange import exchange, was_answered
from referral_hub.answering.renewing import renew_answer_link
from referral_hub.answering.unlocking import COOKIE, guest_of, lock_of, state_behind
from referral_hub.database.columns import new_id
from referral_hub.errors import NotAllowed, NotFound, Refused, Stale
from referral_hub.institutions.contacts import phone_of
from referral_hub.referrals.actions import mark_seen, perform
from referral_hub.referrals.ageing import near_days
from referral_hub.referrals.fields import ATTENDANCE
from referral_hub.referrals.full_answers import answer_proposed, proposed_by
from referral_hub.referrals.looking_again import look_again
from referral_hub.referrals.moving import given_fields, prefixed
from referral_hub.referrals.queries import Referral, referral
from referral_hub.referrals.saying import said
from referral_hub.referrals.shown_moves import fresh_form, shown_moves
from referral_hub.referrals.states import State, Verb
from referral_hub.referrals.story import story
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page
from referral_hub.web.security import same_token, sent_token

HubRequest = Request[Any, Any, Any]
Answer = Response[Any]
KIND: Final = "a"
OVER: Final = (State.DECLINED, State.WITHDRAWN, State.VOID, State.EXPIRED)
UNANSWERED: Final = (State.SENT, State.INFO_NEEDED, State.WAITLISTED)


def _to_why(_request: HubRequest, _refusal: Exception) -> Answer:
    """A page that still stood open was pressed: its link has ended meanwhile, and `/a` says why."""
    return go("/a")


ENDED: dict[int | type[Exception], Callable[[HubRequest, Any], Answer]] = {NotFound: _to_why}


@get("/a/{secret:str}", opt=PUBLIC, include_in_schema=False)
async def open_answer_link(request: HubRequest, secret: FromPath[str]) -> Answer:
    """Trade the secret for a signed cookie and lead to an address without it."""
    link = await link_of_secret(KIND, secret)
    if link is None:
        return await _gone(request, "unknown", None)
    return traded(link)


@get("/a", opt=PUBLIC, include_in_schema=False)
async def show_answer(request: HubRequest) -> Answer:
    """The referral and four buttons; once answered, what was answered."""
    link = await link_behind(request, KIND)
    if link is None or link.state in GONE:
        return await _gone(request, link.state if link else "unknown", link)
    done = request.query_params.get("done", "")
    return await answer_page(request, link, fresh_form(clock.today()), done=done if done.isalpha() else "")


@post("/a/moves", opt=BY_LINK, include_in_schema=False, exception_handlers=ENDED)
async def post_answer(request: HubRequest) -> Answer:
    """Make the move; the first one accepted uses the link up."""
    link, _ = await holder_of(request, KIND)
    form = Form(await request.form())
    return await answer_with(request, link, await _guest(request, link), form, form.value("verb"))


async def answer_with(request: HubRequest, link: Link, actor: Actor, form: Form, verb: str) -> Answer:
    """Make one move of a form of the page, or say on the page why not."""
    version = form.whole("version", most=10**9)

    async def work() -> Answer:
        fields = given_fields(form, f"{verb}-self-")
        await look_again(form, f"{verb}-self-", verb, task_of(link), actor=actor)
        await perform(task_of(link), actor=actor, verb=verb, version=version or 0, fields=fields)
        await offer_by_mail(link.institution, link.address)
        return go(f"/a?done={verb}" if verb.isalpha() else "/a")

    try:
        form.check()
        return await once(request, actor.scope, work, key=form.value("key"))
    except (Refused, Stale) as refusal:
        form.take(prefixed(refusal, f"{verb}-self-"))
        return await answer_page(request, link, form, actor=actor, status=refusal.status)


@post("/a/open", opt=BY_LINK, include_in_schema=False, status_code=200, exception_handlers=ENDED)
async def open_person_by_link(request: HubRequest) -> Answer:
    """What may be seen of the person; the opening is logged, and the person can read that it was."""
    link, _ = await holder_of(request, KIND)
    actor = await _guest(request, link)
    if not actor.code_given:
        return await answer_page(request, link, Form({}), status=403)
    found = await referral(actor, task_of(link), open_person=True)
    await mark_seen(task_of(link), actor=actor)
    return await answer_page(request, link, fresh_form(clock.today()), found=found)


@post("/a/places", opt=BY_LINK, include_in_schema=False, exception_handlers=ENDED)
async def answer_places(request: HubRequest) -> Answer:
    """After „brak miejsc”: the number that follows from it, another one, or none; by whoever just answered."""
    link, actor = await holder_of(request, KIND)
    form = Form(await request.form())

    async def work() -> Answer:
        await answer_proposed(task_of(link), form, actor=actor)
        return go("/a?done=places")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await answer_page(request, link, form, status=422)


@post("/a/renew", opt=BY_LINK, include_in_schema=False)
async def renew_answer(request: HubRequest) -> Answer:
    """Mail a new link to the address this one went to."""
    link = await link_behind(request, KIND)
    if link is None or link.state == "revoked":
        raise NotFound("link_ended")
    if not same_token(actor_of_link(link).csrf, await sent_token(request)):
        raise NotAllowed("token_missing")
    await renew_answer_link(link)
    return go("/a/renewed")


@get("/a/renewed", opt=PUBLIC, include_in_schema=False)
async def show_renewed(request: HubRequest) -> Answer:
    """Where to look for the new link."""
    return page(request, "guest/renewed.html")


def task_of(link: Link) -> UUID:
    """The one task of an answer link."""
    if link.subject is None:
        raise NotFound
    return link.subject


async def _guest(request: HubRequest, link: Link) -> Actor:
    return guest_of(link, await lock_of(task_of(link)), request.cookies.get(COOKIE, ""))


async def answer_page(
    request: HubRequest,
    link: Link,
    form: Form,
    *,
    actor: Actor | None = None,
    found: Referral | None = None,
    status: int = 200,
    done: str = "",
) -> Answer:
    """The referral as the holder of a link may see it: behind a code, only its number and who sent it.

    `actor`: who has just given the code, before the browser keeps it. `found`: what was opened by a press.
    """
    lock = await lock_of(task_of(link))
    actor = actor or guest_of(link, lock, request.cookies.get(COOKIE, ""))
    keep_actor(request.scope, actor)
    is_shut = not actor.code_given
    language, used = look_of(request).language, link.state == "used"
    answered = not used and await was_answered(task_of(link), actor)
    # Words stand there after the answer, and after what no scanner of mails does: a code, or a press.
    told = not is_shut and (used or found is not None or (answered and lock.asked))
    # Shut, it shows what the code would open: whoever takes the person gives it in the same press.
    holder = structs.replace(actor, code_given=True)
    shown = found or await referral(holder, task_of(link), open_person=False, read_words=told)
    answered = answered and shown.access in ("summary", "disclosed")
    moves = {move.row.verb for move in shown.moves}
    return page(
        request,
        "guest/answer.html",
        status=status,
        referral=shown,
        used=used,
        can_renew=bool(link.address) and shown.state not in OVER,
        opened=found is not None,
        shut=is_shut,
        lock=lock,
        over=shown.state if shown.state in OVER else "",
        form=form,
        done=done,
        help=book.label("form", shown.offer.form, language) if is_shut else shown.offer.title,
        person=[] if is_shut else [(name, said(name, value, language)) for name, value in shown.person.items()],
        buttons=await shown_moves(shown),
        is_full=shown.state in UNANSWERED and Verb.ACCEPT not in moves and not shown.sharing_ended,
        may_attend=may_be_marked(shown.state, shown.appointment_at, sharing_ended=shown.sharing_ended),
        attendances=ATTENDANCE,
        days=near_days(clock.today()),
        key=str(new_id()),
        label=lambda vocabulary, code: book.label(vocabulary, code, language),
        story=story(shown, language) if told else [],
        answered=answered,
        exchange=exchange(shown) if told and not used else [],
        proposed=await proposed_by(shown.offer.id, shown.reason) if used else None,
        sender_phone=await phone_of(shown.sender.id),
        account_offered=used and await is_offered(link.institution),
        institution=link.institution,
    )


async def _gone(request: HubRequest, state: str, link: Link | None) -> Answer:
    """Why this link no longer works, and one button for a new one where there is an address to send it to."""
    over = ""
    if link is not None:
        keep_actor(request.scope, actor_of_link(link))
        over = await state_behind(link) if state == "revoked" else ""
    can_renew = link is not None and state == "expired" and bool(link.address)
    return page(request, "guest/gone.html", status=GONE[state], state=state, over=over, can_renew=can_renew)


routes = [open_answer_link, show_answer, post_answer, open_person_by_link, answer_places, renew_answer, show_renewed]
