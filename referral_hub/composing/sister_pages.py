"""Several receivers asked side by side: ask another one as well, and decide about the others when one accepts."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.composing.composing import compose
from referral_hub.composing.typed import read_offers
from referral_hub.database.columns import new_id
from referral_hub.directory.favourites import favourites_of
from referral_hub.errors import NotFound, Refused
from referral_hub.matching.reason_words import reason_text
from referral_hub.participants.queries import person_seen_by
from referral_hub.referrals.actions import ask_also
from referral_hub.referrals.attachments import Attachment
from referral_hub.referrals.queries import Referral, referral
from referral_hub.referrals.sisters import Others, close_others, keep_others, others_of, reasons_to_close
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page

Answer = Response[bytes]


@get("/referrals/{task:uuid}/also", opt=needs(Permission.REFERRAL_SEND))
async def show_also(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """Other offers for the same need, to be asked side by side."""
    actor = actor_of(request)
    return await _choice(request, actor, await _own(actor, task), Form({"key": str(new_id())}))


@post("/referrals/{task:uuid}/also", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_also(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """A draft for each offer chosen, all or none; each asks for its own basis on its own page."""
    form, actor = Form(await request.form()), actor_of(request)
    found = await _own(actor, task)

    async def work() -> Answer:
        offers = read_offers(form)
        form.check()
        made = [await ask_also(found.request_id, actor=actor, offer=offer, together=True) for offer in offers]
        return go(f"/referrals/{made[0]}/check")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _choice(request, actor, found, form, status=422)


@post("/referrals/{task:uuid}/others", opt=needs(Permission.REFERRAL_SEND), status_code=303)
async def post_others(request: Request[Any, Any, Any], task: FromPath[UUID]) -> Answer:
    """One has accepted: close the others with a coded reason, or keep them on purpose."""
    form, actor = Form(await request.form()), actor_of(request)

    async def work() -> Answer:
        act = form.choice("act", ("close", "keep")) or ""
        form.check()
        if act == "keep":
            await keep_others(task, actor=actor)
            return go(f"/referrals/{task}?done=others_kept")
        left = await close_others(task, actor=actor, reason=form.value("reason") or reasons_to_close()[0])
        return go(f"/referrals/{task}?done={'others_left' if left else 'others_closed'}")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        if refusal.code == "nothing_to_decide":
            # Pressed twice, or decided by a colleague meanwhile: the page says how things stand.
            return go(f"/referrals/{task}")
        raise


async def _own(actor: Actor, task: UUID) -> Referral:
    found = await referral(actor, task, open_person=False, read_words=False)
    if found.party != "SND" or found.state == "void" or found.person_id is None:
        raise NotFound
    return found


async def _choice(
    request: Request[Any, Any, Any], actor: Actor, found: Referral, form: Form, status: int = 200
) -> Answer:
    language, others = look_of(request).language, await others_of(actor, found.id)
    if found.person_id is None:
        raise NotFound
    person = await person_seen_by(actor, found.person_id)
    asked = Form({"need": found.need, "place": form.value("place")})
    kept = frozenset(await favourites_of(actor))
    composed = await compose(asked, person, found.sender.kind, clock.today(), kept)
    taken = {found.offer.id} | {one.offer for one in others.tasks if one.undecided}
    return page(
        request,
        "referrals/also.html",
        status=status,
        referral=found,
        form=form,
        others=others,
        found=[match for match in composed.found if match.offered.id not in taken],
        kept=kept,
        need=book.label("need", found.need, language),
        reason_text=reason_text(language),
    )


async def sisters_part(found: Referral, actor: Actor, language: str) -> Attachment | None:
    """Who else is asked for the same request, and what is to be decided; for the sender's caseworkers only."""
    if found.party != "SND" or found.state == "void":
        return None
    others = await others_of(actor, found.id)
    may_ask = _may_ask(found.state, others)
    if not (others.tasks or others.batch or (may_ask and found.state != "draft")):
        return None
    reasons = [(code, book.label("reason", code, language)) for code in reasons_to_close()] if others.asks else []
    facts = {
        "task": found.id,
        "others": others,
        "reasons": reasons,
        "key": str(new_id()),
        "may_ask": may_ask,
    }
    return Attachment("referrals/sisters.html", facts, "next" if others.asks else "rest")


def _may_ask(state: str, others: Others) -> bool:
    """While the matter is open; once it has ended plan B is the way."""
    return state not in ("declined", "withdrawn", "expired", "not_delivered", "delivered") or any(
        one.undecided for one in others.tasks
    )


routes = [show_also, post_also, post_others]
