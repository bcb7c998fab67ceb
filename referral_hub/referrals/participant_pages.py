"""The person's own pages: what is happening, a word about the help, an end to the sharing, who saw what.

The link alone names no institution, since a phone may lie open; the short code from the card does.
"""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from msgspec import Struct, structs

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import BY_LINK, PUBLIC
from referral_hub.accounts.links import (
    COOKIES,
    LASTS,
    Link,
    actor_of_link,
    link_of_code,
    link_of_cookie,
    link_of_secret,
    open_cookie,
    seal_cookie,
)
from referral_hub.accounts.sessions import keep_actor
from referral_hub.accounts.sign_in_pages import go
from referral_hub.errors import NotAllowed, NotFound, Refused, Stale
from referral_hub.participants.queries import disclosures_about
from referral_hub.referrals.actions import give_feedback, perform
from referral_hub.referrals.attachments import Attachment, attachments
from referral_hub.referrals.card_pages import phone_of
from referral_hub.referrals.feedback import GOT_HELP, TREATED_WELL
from referral_hub.referrals.queries import OwnReferral, Referral, referral, referrals_of_person
from referral_hub.referrals.states import FINAL
from referral_hub.settings import settings
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import Network, network, page
from referral_hub.web.security import same_token, sent_token
from referral_hub.web.throttle import Throttle

HubRequest = Request[Any, Any, Any]
Answer = Response[Any]
KIND: Final = "p"
BY_CODE: Final = "p-code"
CODE_COOKIE: Final = "hub_p_code"
VERBS: Final = ("withdraw", "withdraw_consent")

# A code of eight letters is not guessed in ten tries.
guesses: Final = Throttle(10, timedelta(minutes=15))


@get("/p/{secret:str}", opt=PUBLIC, include_in_schema=False)
async def open_own_link(request: HubRequest, secret: FromPath[str]) -> Answer:
    """Trade the secret for a signed cookie and lead to an address without it."""
    link = await link_of_secret(KIND, secret)
    if link is None or link.state != "open":
        return _code_page(request, Form({}), status=404 if link is None else 410, ended=True)
    return go("/p", _cookie(link))


@get("/p", opt=PUBLIC, include_in_schema=False)
async def show_own(request: HubRequest) -> Answer:
    """The person's matters, or the box for the code where nobody is known."""
    link = await _link(request)
    if link is None:
        return _code_page(request, Form({}))
    done = request.query_params.get("done", "")
    return await _own_page(request, link, Form({}), done=done if done.replace("_", "").isalpha() else "")


@post("/p/code", opt=BY_LINK, include_in_schema=False)
async def post_code(request: HubRequest) -> Answer:
    """The short code from the card: opens the pages, and names institutions on them."""
    form = Form(await request.form())
    guesses.check(request)
    link = await link_of_code(KIND, form.value("code")[:40])
    if link is None or link.state != "open":
        guesses.count(request)
        form.add("code", "code_unknown")
        known = await _link(request)
        return await _own_page(request, known, form, status=422) if known else _code_page(request, form, status=422)
    answer = go("/p", _cookie(link))
    answer.cookies.append(_cookie(link, by_code=True))
    return answer


@post("/p/leave", opt=BY_LINK, include_in_schema=False)
async def leave(request: HubRequest) -> Answer:
    """Forget the person on this device."""
    answer = go("/p")
    for name in (COOKIES[KIND], CODE_COOKIE):
        answer.cookies.append(Cookie(name, value="", path="/p", max_age=0, httponly=True, samesite="lax"))
    return answer


@post("/p/moves", opt=BY_LINK, include_in_schema=False)
async def post_own_move(request: HubRequest) -> Answer:
    """Stop the sharing of data, or take the referral back; at once, without giving a reason."""
    link, actor = await _holder(request)
    form = Form(await request.form())
    verb = form.choice("verb", VERBS)
    task, version = form.id("task"), form.whole("version", most=10**9)
    try:
        form.check()
        if task is None:
            raise NotFound
        await perform(task, actor=actor, verb=verb or "", version=version or 0)
    except (Refused, Stale) as refusal:
        form.take(Refused(refusal.code, refusal.problems))
        return await _own_page(request, link, form, status=refusal.status)
    return go(f"/p?done={verb}")


@get("/p/feedback/{task:uuid}", opt=PUBLIC, include_in_schema=False)
async def show_feedback(request: HubRequest, task: FromPath[UUID]) -> Answer:
    """Three questions."""
    link = await _link(request)
    if link is None:
        return go("/p")
    found = await referral(actor_of_link(link), task, open_person=False)
    return await _feedback_page(request, link, found, Form({}))


@post("/p/feedback/{task:uuid}", opt=BY_LINK, include_in_schema=False)
async def post_own_feedback(request: HubRequest, task: FromPath[UUID]) -> Answer:
    """Keep the answers; who answers again changes them."""
    link, actor = await _holder(request)
    form = Form(await request.form())
    try:
        got_help = form.choice("got_help", GOT_HELP)
        treated_well = form.choice("treated_well", TREATED_WELL, required=False) or "no_answer"
        words = form.text("words", required=False, most=2000, lines=True)
        form.check()
        await give_feedback(
            task,
            actor=actor,
            got_help=got_help or "",
            treated_well=treated_well,
            words=words,
            share_with_sender=form.flag("share"),
        )
    except Refused as refusal:
        form.take(refusal)
        found = await referral(actor, task, open_person=False)
        return await _feedback_page(request, link, found, form, status=422)
    return go("/p?done=feedback")


@get("/p/disclosures", opt=PUBLIC, include_in_schema=False)
async def show_disclosures(request: HubRequest) -> Answer:
    """Who saw or received what, ready to print; institutions are named only to the holder of the code."""
    link = await _link(request)
    if link is None or link.subject is None:
        return go("/p")
    lines = await disclosures_about(actor_of_link(link), link.subject)
    return _page(request, link, "guest/disclosures.html", lines=lines)


class OwnMatter(Struct, frozen=True):
    """A referral on the person's page, and what the person may do about it."""

    row: OwnReferral
    version: int
    verbs: list[str]
    need: str
    ended: bool
    attachments: list[Attachment]


async def _own_page(request: HubRequest, link: Link, form: Form, *, status: int = 200, done: str = "") -> Answer:
    actor, language = actor_of_link(link), look_of(request).language
    if link.subject is None:
        raise NotFound
    matters = []
    for row in await referrals_of_person(actor, link.subject):
        found = await referral(actor, row.id, open_person=False)
        verbs = [move.row.verb.value for move in found.moves if move.row.verb in VERBS]
        need, ended = book.label("need", row.need, language), row.state in FINAL
        attached = [] if ended else await attachments(row.id, actor, language)
        matters.append(OwnMatter(row, found.version, verbs, need, ended, attached))
    sender = (await referral(actor, matters[0].row.id, open_person=False)).sender if matters else None
    phone = await phone_of(sender.id) if sender else ""
    return _page(request, link, "guest/own.html", status=status, matters=matters, form=form, done=done, phone=phone)


async def _feedback_page(request: HubRequest, link: Link, found: Referral, form: Form, status: int = 200) -> Answer:
    return _page(
        request,
        link,
        "guest/feedback.html",
        status=status,
        referral=found,
        form=form,
        got_help=GOT_HELP,
        treated_well=TREATED_WELL,
        phone=await phone_of(found.sender.id),
    )


def _page(request: HubRequest, link: Link, template: str, *, status: int = 200, **facts: Any) -> Answer:
    keep_actor(request.scope, actor_of_link(link))
    by_code = open_cookie(BY_CODE, request.cookies.get(CODE_COOKIE, "")) == link.id
    around = network if by_code else _nameless()
    return page(request, template, status=status, named=by_code, network=around, **facts)


def _nameless() -> Network:
    """The frame without the club: a phone may lie open, and even the club's name says something about the person."""
    return Network(banner=network.banner)


def _code_page(request: HubRequest, form: Form, *, status: int = 200, ended: bool = False) -> Answer:
    return page(request, "guest/code.html", status=status, form=form, ended=ended, network=_nameless())


def _cookie(link: Link, *, by_code: bool = False) -> Cookie:
    sealed = seal_cookie(structs.replace(link, kind=BY_CODE) if by_code else link)
    return Cookie(
        CODE_COOKIE if by_code else COOKIES[KIND],
        value=sealed,
        path="/p",
        httponly=True,
        samesite="lax",
        secure=settings().https,
        # The names go when the browser closes; the neutral page stays for as long as the link lasts.
        max_age=None if by_code else int(LASTS[KIND].total_seconds()),
    )


async def _link(request: HubRequest) -> Link | None:
    """The open link of this browser."""
    link = await link_of_cookie(KIND, request.cookies.get(COOKIES[KIND], ""))
    return link if link is not None and link.state == "open" else None


async def _holder(request: HubRequest) -> tuple[Link, Actor]:
    """The open link behind a POST. Raises NotFound `link_ended`, NotAllowed `token_missing`."""
    link = await _link(request)
    if link is None:
        raise NotFound("link_ended")
    actor = actor_of_link(link)
    if not same_token(actor.csrf, await sent_token(request)):
        raise NotAllowed("token_missing")
    return link, actor


routes = [
    open_own_link,
    show_own,
    post_code,
    leave,
    post_own_move,
    show_feedback,
    post_own_feedback,
    show_disclosures,
]
