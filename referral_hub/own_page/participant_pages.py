"""The person's own pages: what is happening, a word about the help, an end to the sharing, who saw what.

The link alone names no institution, since a phone may lie open; the short code from the card does.
"""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from referral_hub.accounts.guards import BY_LINK, PUBLIC
from referral_hub.accounts.links import Link, actor_of_link
from referral_hub.accounts.sign_in_pages import go
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.institutions.contacts import phone_of
from referral_hub.own_page import own_link_pages
from referral_hub.own_page.own_link_pages import code_page, holder, own_link, own_page
from referral_hub.participants.queries import disclosures_about
from referral_hub.referrals.actions import give_feedback, perform
from referral_hub.referrals.attachments import Attachment, attachments
from referral_hub.referrals.closing import CALLS
from referral_hub.referrals.feedback import GOT_HELP, TREATED_WELL
from referral_hub.referrals.queries import OwnReferral, Referral, referral, referrals_of_person
from referral_hub.referrals.states import FINAL
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of

HubRequest = Request[Any, Any, Any]
Answer = Response[Any]
VERBS: Final = ("withdraw", "withdraw_consent")


@get("/p", opt=PUBLIC, include_in_schema=False)
async def show_own(request: HubRequest) -> Answer:
    """The person's matters, or the box for the code where nobody is known."""
    link = await own_link(request)
    if link is None:
        return code_page(request, Form({}))
    done = request.query_params.get("done", "")
    return await _own_page(request, link, Form({}), done=done if done.replace("_", "").isalpha() else "")


@post("/p/moves", opt=BY_LINK, include_in_schema=False)
async def post_own_move(request: HubRequest) -> Answer:
    """Stop the sharing of data, or take the referral back; at once, without giving a reason."""
    link, actor = await holder(request)
    form = Form(await request.form())
    verb = form.choice("verb", VERBS)
    task, version = form.id("task"), form.whole("version", most=10**9)
    try:
        form.check()
        if task is None:
            raise NotFound
        await perform(task, actor=actor, verb=verb or "", version=version or 0)
    except (Refused, Stale) as refusal:
        form.take(refusal)
        return await _own_page(request, link, form, status=refusal.status)
    return go(f"/p?done={verb}")


@get("/p/feedback/{task:uuid}", opt=PUBLIC, include_in_schema=False)
async def show_feedback(request: HubRequest, task: FromPath[UUID]) -> Answer:
    """Three questions."""
    link = await own_link(request)
    if link is None:
        return go("/p")
    found = await referral(actor_of_link(link), task, open_person=False)
    return await _feedback_page(request, link, found, Form({}))


@post("/p/feedback/{task:uuid}", opt=BY_LINK, include_in_schema=False)
async def post_own_feedback(request: HubRequest, task: FromPath[UUID]) -> Answer:
    """Keep the answers; who answers again changes them."""
    link, actor = await holder(request)
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
    return go(f"/p?done=feedback{'_' + got_help if got_help in CALLS else ''}")


@get("/p/disclosures", opt=PUBLIC, include_in_schema=False)
async def show_disclosures(request: HubRequest) -> Answer:
    """Who saw or received what, ready to print; institutions are named only to the holder of the code."""
    link = await own_link(request)
    if link is None or link.subject is None:
        return go("/p")
    lines = await disclosures_about(actor_of_link(link), link.subject)
    return own_page(request, link, "guest/disclosures.html", lines=lines)


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
    matters, sender = [], None
    for row in await referrals_of_person(actor, link.subject):
        found = await referral(actor, row.id, open_person=False)
        sender = sender or found.sender
        verbs = [move.row.verb.value for move in found.moves if move.row.verb in VERBS]
        need, ended = book.label("need", row.need, language), row.state in FINAL
        attached = [] if ended else await attachments(found, actor, language)
        matters.append(OwnMatter(row, found.version, verbs, need, ended, attached))
    phone = await phone_of(sender.id) if sender else ""
    return own_page(request, link, "guest/own.html", status=status, matters=matters, form=form, done=done, phone=phone)


async def _feedback_page(request: HubRequest, link: Link, found: Referral, form: Form, status: int = 200) -> Answer:
    return own_page(
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


routes = [*own_link_pages.routes, show_own, post_own_move, show_feedback, post_own_feedback, show_disclosures]
