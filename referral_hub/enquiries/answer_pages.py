"""„Czy jest miejsce?” answered in one tap: by the link from mail, without an account, or signed in.

A visit changes nothing. A link answers for the institution it was mailed to and for nobody else.
"""

import secrets
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import BY_LINK, PUBLIC, actor_of, needs
from referral_hub.accounts.link_pages import GONE, holder_of, link_behind, traded
from referral_hub.accounts.links import (
    Link,
    actor_of_link,
    link_of_secret,
)
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sessions import keep_actor
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.queries import institution_name, reported_offers
from referral_hub.directory.reading_actions import MOST, Said
from referral_hub.directory.reading_forms import Typed, stepped
from referral_hub.directory.schemas import OwnOffer
from referral_hub.enquiries.actions import answer, take_back
from referral_hub.enquiries.emails import question_words
from referral_hub.enquiries.queries import asking_of, open_askings
from referral_hub.enquiries.schemas import Asking, Question
from referral_hub.errors import NotFound, Refused
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
KIND: Final = "e"
EDITOR: Final = needs(Permission.OFFER_EDIT)


@get("/e/{secret:str}", opt=PUBLIC, include_in_schema=False)
async def open_link(request: HubRequest, secret: FromPath[str]) -> Response[bytes]:
    """Trade the secret for a signed cookie and lead to an address without it."""
    link = await link_of_secret(KIND, secret)
    if link is None:
        return _gone(request, "unknown")
    return traded(link)


@get("/e", opt=PUBLIC, include_in_schema=False)
async def by_link(request: HubRequest) -> Response[bytes]:
    """The question and the institution's offers it is about."""
    link = await link_behind(request, KIND)
    if link is None or link.state != "open":
        return _gone(request, link.state if link else "unknown")
    keep_actor(request.scope, actor_of_link(link))
    return await _question_page(request, link.subject, link.institution, "/e")


@post("/e/offers/{offer:uuid}", opt=BY_LINK, include_in_schema=False)
async def answer_by_link(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """One tap: there is a place, there is none, another number, or from when."""
    link, actor = await _holder(request)
    return await _answer(request, link.subject, link.institution, offer, actor, "/e")


@post("/e/readings/{reading:uuid}/undo", opt=BY_LINK, include_in_schema=False)
async def undo_by_link(request: HubRequest, reading: FromPath[UUID]) -> Response[Any]:
    """Take the last tap back."""
    link, actor = await _holder(request)
    return await _undo(request, link.subject, link.institution, reading, actor, "/e")


@get("/questions", opt=EDITOR, include_in_schema=False)
async def questions(request: HubRequest) -> Response[bytes]:
    """What others ask this institution just now."""
    language = look_of(request).language
    asked = await open_askings(actor_of(request).institution)
    return page(
        request,
        "enquiries/questions.html",
        questions=[(one, question_words(_question(one), language)) for one in asked],
    )


@get("/questions/{enquiry:uuid}", opt=EDITOR, include_in_schema=False)
async def question(request: HubRequest, enquiry: FromPath[UUID]) -> Response[bytes]:
    """One question to the own institution."""
    return await _question_page(request, enquiry, actor_of(request).institution, f"/questions/{enquiry}")


@post("/questions/{enquiry:uuid}/offers/{offer:uuid}", opt=EDITOR, include_in_schema=False)
async def answer_signed_in(request: HubRequest, enquiry: FromPath[UUID], offer: FromPath[UUID]) -> Response[Any]:
    """The same taps, signed in."""
    actor = actor_of(request)
    return await _answer(request, enquiry, actor.institution, offer, actor, f"/questions/{enquiry}")


@post("/questions/{enquiry:uuid}/readings/{reading:uuid}/undo", opt=EDITOR, include_in_schema=False)
async def undo_signed_in(request: HubRequest, enquiry: FromPath[UUID], reading: FromPath[UUID]) -> Response[Any]:
    """The same way back."""
    actor = actor_of(request)
    return await _undo(request, enquiry, actor.institution, reading, actor, f"/questions/{enquiry}")


async def _answer(
    request: HubRequest, enquiry: UUID | None, institution: UUID | None, offer: UUID, actor: Actor, base: str
) -> Response[Any]:
    form = Form(await request.form())
    asking = await asking_of(enquiry, institution)
    own = next((one for one in await _offers(asking, institution) if one.id == offer), None)
    if own is None:
        raise NotFound
    moved = stepped(form, own)
    if moved is not None:
        return await _question_page(request, enquiry, institution, base, typed={offer: moved})

    async def work() -> Response[Any]:
        reading = await answer(asking.id, offer, _said(form), actor=actor)
        return go(f"{base}?done={reading}")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _question_page(request, enquiry, institution, base, status=422, typed={offer: Typed(None, form)})


def _said(form: Form) -> Said:
    """What the pressed button says; yes is the number that stood on it, so that nothing unseen is confirmed."""
    act = form.choice("act", ("yes", "no", "set", "later"))
    free: int | None = 0
    if act == "yes":
        free = form.whole("yes_free", least=1, most=MOST)
    elif act == "set":
        free = form.whole("free", most=MOST)
    from_when = form.date("from_when", earliest=clock.today()) if act == "later" else None
    form.check()
    return Said(free=free, from_when=from_when)


async def _undo(
    request: HubRequest, enquiry: UUID | None, institution: UUID | None, reading: UUID, actor: Actor, base: str
) -> Response[Any]:
    asking = await asking_of(enquiry, institution)
    try:
        await take_back(asking.id, reading, actor=actor)
    except Refused as refusal:
        form = Form()
        form.take(refusal)
        return await _question_page(request, enquiry, institution, base, status=422, problem=form)
    return go(f"{base}?undone=1")


async def _offers(asking: Asking, institution: UUID | None) -> list[OwnOffer]:
    if institution is None:
        raise NotFound
    return [offer for offer in await reported_offers(institution) if offer.id in asking.offers]


async def _question_page(
    request: HubRequest,
    enquiry: UUID | None,
    institution: UUID | None,
    base: str,
    *,
    status: int = 200,
    typed: dict[UUID, Typed] | None = None,
    problem: Form | None = None,
) -> Response[bytes]:
    asking = await asking_of(enquiry, institution)
    offers = await _offers(asking, institution)
    done = request.query_params.get("done", "")
    if institution is None:
        raise NotFound
    return page(
        request,
        "enquiries/answer.html",
        status=status,
        asking=asking,
        words=question_words(_question(asking), look_of(request).language),
        institution=await institution_name(institution),
        offers=sorted(offers, key=lambda offer: offer.id in asking.answered),
        typed=typed or {},
        problem=problem,
        base=base,
        keys={offer.id: secrets.token_urlsafe(12) for offer in offers},
        done=next((offer for offer in offers if done and str(offer.reading) == done), None),
        undone=request.query_params.get("undone") == "1",
    )


def _question(asking: Asking) -> Question:
    return Question(
        need=asking.need,
        audiences=asking.audiences,
        area=asking.area,
        from_on=asking.from_on,
        people=asking.people,
        ends_on=asking.ends_at.astimezone(clock.WARSAW).date(),
    )


async def _holder(request: HubRequest) -> tuple[Link, Actor]:
    """The open link behind a POST and who its holder is, also for the page that comes of it."""
    link, actor = await holder_of(request, KIND)
    keep_actor(request.scope, actor)
    return link, actor


def _gone(request: HubRequest, state: str) -> Response[bytes]:
    """Why this link no longer works, and what still does."""
    return page(request, "enquiries/gone.html", status=GONE[state], state=state)


routes = [
    open_link,
    by_link,
    answer_by_link,
    undo_by_link,
    questions,
    question,
    answer_signed_in,
    undo_signed_in,
]
