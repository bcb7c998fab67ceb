"""The term of one referral: its two institutions choose an edition, a call, a vacancy for it."""

import secrets
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.attendance.enrolling import OPEN_TO
from referral_hub.attendance.term_enrolment import leave_term, put_into_term, terms_chosen
from referral_hub.errors import NotAllowed, NotFound, Refused
from referral_hub.referrals.pages import as_party
from referral_hub.referrals.queries import Referral
from referral_hub.timetable.terms_queries import next_terms, term_offer
from referral_hub.web.forms import Form
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
ENROLS: Final = needs(Permission.MEETING_ENROL)


@get("/referrals/{task:uuid}/term", opt=ENROLS, include_in_schema=False)
async def show_term(request: HubRequest, task: FromPath[UUID]) -> Response[bytes]:
    """The term chosen, and those one may still apply for."""
    return await _page(request, await _found(request, task), Form())


@post("/referrals/{task:uuid}/term", opt=ENROLS, include_in_schema=False)
async def choose_term(request: HubRequest, task: FromPath[UUID]) -> Response[Any]:
    """Put the referral into a term; what has filled up meanwhile is said."""
    actor, form = actor_of(request), Form(await request.form())
    found = await _found(request, task)

    async def work() -> Response[Any]:
        term = form.id("term")
        form.check()
        if term is None:
            raise NotFound
        await put_into_term(task, term, actor=actor)
        return go(f"/referrals/{task}/term?done=in")

    try:
        return await once(request, actor.scope, work, key=form.value("key"))
    except Refused as refusal:
        form.take(refusal)
        return await _page(request, found, form, status=422)


@post("/referrals/{task:uuid}/term/{term:uuid}/end", opt=ENROLS, include_in_schema=False)
async def give_up_term(request: HubRequest, task: FromPath[UUID], term: FromPath[UUID]) -> Response[Any]:
    """Take the referral out of its term."""
    await _found(request, task)
    await leave_term(task, term, actor=actor_of(request))
    return go(f"/referrals/{task}/term?done=out")


async def _found(request: HubRequest, task: UUID) -> Referral:
    """The referral in the role that speaks for one of its sides. Raises NotFound, NotAllowed."""
    found = await as_party(actor_of(request), task, read_words=False)
    await term_offer(found.offer.id)
    if found.party not in ("SND", "RCV"):
        raise NotAllowed
    return found


async def _page(request: HubRequest, found: Referral, form: Form, status: int = 200) -> Response[bytes]:
    chosen = await terms_chosen(found.id, actor=actor_of(request))
    taken = {term.id for term in chosen}
    may = found.state in OPEN_TO and not found.no_data and not found.sharing_ended
    terms = [term for term in await next_terms(found.offer.id) if term.state == "open" and term.id not in taken]
    return page(
        request,
        "terms/choose.html",
        status=status,
        referral=found,
        form=form,
        chosen=chosen,
        terms=terms if may else [],
        may=may,
        done=request.query_params.get("done", ""),
        key=secrets.token_urlsafe(12),
    )


routes = [show_term, choose_term, give_up_term]
