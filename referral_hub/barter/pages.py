"""What an institution offers and wants, what meets it, and the coordinator's view of all of it."""

import secrets
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.barter.actions import add_line, end_line, go_on, propose
from referral_hub.barter.course import AMOUNT_MOST, COURSE, RUNNING, SIDES, TEXT_MOST, WORD_MOST
from referral_hub.barter.panels import subject_label
from referral_hub.barter.queries import all_exchanges, exchanges_of, lines_of, own_exchange, suggestions
from referral_hub.barter.schemas import NewLine
from referral_hub.errors import NotFound, Refused
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)


@get("/my-offers/{offer:uuid}/exchange", opt=EDITOR, include_in_schema=False)
async def show(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """Own lines, what meets them, and the exchanges under way."""
    return await _page(request, offer, Form({"side": "offered"}))


@post("/my-offers/{offer:uuid}/exchange/lines", opt=EDITOR, include_in_schema=False)
async def add(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """A thing offered or wanted; a double tap is one line."""
    actor, form = actor_of(request), Form(await request.form())
    await own_exchange(offer, actor)

    async def work() -> Response[Any]:
        line = NewLine(
            side=form.choice("side", SIDES) or "",
            subject=form.choice("subject", dict(book.terms("barter_subject", "pl"))) or "",
            text=form.text("text", required=False, most=TEXT_MOST),
            amount=form.text("amount", required=False, most=AMOUNT_MOST),
            until=form.date("until", required=False, earliest=clock.today()),
        )
        form.check()
        await add_line(offer, line, actor=actor)
        return _back(offer, "line")

    return await _done(request, offer, form, work, actor)


@post("/my-offers/{offer:uuid}/exchange/lines/{line:uuid}/end", opt=EDITOR, include_in_schema=False)
async def end(request: HubRequest, offer: FromPath[UUID], line: FromPath[UUID]) -> Response[Any]:
    """No longer offered or wanted."""
    await end_line(offer, line, actor=actor_of(request))
    return _back(offer, "ended")


@post("/my-offers/{offer:uuid}/exchange/proposals", opt=EDITOR, include_in_schema=False)
async def send_proposal(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """Propose the legs of a suggestion in which one's own institution has a side."""
    actor, form = actor_of(request), Form(await request.form())
    await own_exchange(offer, actor)

    async def work() -> Response[Any]:
        pairs = [_pair(text) for text in form.values("leg")][:3]
        word = form.text("word", required=False, most=WORD_MOST)
        form.check()
        if not pairs:
            raise NotFound
        for by, offered, wanted in pairs:
            await propose(by, offered, wanted, actor=actor, word=word)
        return _back(offer, "proposed")

    return await _done(request, offer, form, work, actor)


@post("/my-offers/{offer:uuid}/exchange/{exchange:uuid}", opt=EDITOR, include_in_schema=False)
async def move(request: HubRequest, offer: FromPath[UUID], exchange: FromPath[UUID]) -> Response[Any]:
    """Agree, be done or let go."""
    actor, form = actor_of(request), Form(await request.form())
    await own_exchange(offer, actor)

    async def work() -> Response[Any]:
        act = form.choice("act", COURSE)
        word = form.text("word", required=False, most=WORD_MOST)
        form.check()
        return _back(offer, await go_on(offer, exchange, act or "", actor=actor, word=word))

    return await _done(request, offer, form, work, actor)


@get("/exchange", opt=needs(Permission.DIRECTORY_MODERATE), include_in_schema=False)
async def network(request: HubRequest) -> Response[bytes]:
    """Everything that fits together in the network, and every exchange."""
    found, lines = await suggestions()
    exchanges = await all_exchanges()
    return page(
        request,
        "barter/network.html",
        suggestions=found,
        lines=lines,
        running=[one for one in exchanges if one.state in RUNNING],
        past=[one for one in exchanges if one.state not in RUNNING],
        subject=subject_label(look_of(request).language),
    )


def _pair(text: str) -> tuple[UUID, UUID, UUID]:
    """`offer:offered:wanted`, by which side of a leg proposes it; NotFound for anything else."""
    try:
        by, offered, wanted = (UUID(part) for part in text.split(":"))
    except ValueError:
        raise NotFound from None
    return by, offered, wanted


def _back(offer: UUID, done: str) -> Response[Any]:
    return go(f"/my-offers/{offer}/exchange?done={done}")


async def _done(request: HubRequest, offer: UUID, form: Form, work: Any, actor: Actor) -> Response[Any]:
    """The work once; what is refused stands on the page again with everything typed."""
    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _page(request, offer, form, status=422)


async def _page(request: HubRequest, offer: UUID, form: Form, *, status: int = 200) -> Response[bytes]:
    actor, language = actor_of(request), look_of(request).language
    own = await own_exchange(offer, actor)
    found, lines = await suggestions()
    exchanges = await exchanges_of(own["institution"])
    done = request.query_params.get("done", "")
    return page(
        request,
        "barter/mine.html",
        status=status,
        offer=own,
        form=form,
        mine=await lines_of(offer),
        lines=lines,
        suggestions=[one for one in found if one.involves(own["institution"])][:10],
        running=[one for one in exchanges if one.state in RUNNING],
        past=[one for one in exchanges if one.state not in RUNNING][:20],
        subjects=book.terms("barter_subject", language),
        subject=subject_label(language),
        key=secrets.token_urlsafe(12),
        done=done if done in ("line", "ended", "proposed", "agreed", "done", "let_go") else "",
    )


routes = [show, add, end, send_proposal, move, network]
