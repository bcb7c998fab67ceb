"""„Telefon i zastępstwo”: an institution's numbers, hours and absences, by the link from its mail and signed in."""

import secrets
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.absences import absences_of
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import BY_LINK, PUBLIC, actor_of, needs
from referral_hub.accounts.links import actor_of_link
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sessions import keep_actor
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.proposals import dismiss_proposal
from referral_hub.directory.queries import institution_name
from referral_hub.errors import HubError, NotFound, Refused, Stale
from referral_hub.upkeep.capacity_pages import gone, holder, institution_of, link_of
from referral_hub.upkeep.own_facts import changes_of, own_contacts, own_hours
from referral_hub.upkeep.own_facts_actions import (
    confirm_own_facts,
    end_own_absence,
    keep_own_facts,
    take_back_change,
)
from referral_hub.upkeep.own_facts_forms import names_a_person, own_facts_form, read_own_facts, read_seen
from referral_hub.web.forms import Form
from referral_hub.web.once import once
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.OFFER_EDIT)
SAID: Final = ("facts", "right", "ended", "back")


class At(Struct, frozen=True):
    """Where somebody keeps the facts of an institution: by the link (`/c`) or signed in (`/my-offers`)."""

    root: str
    institution: UUID
    actor: Actor

    @property
    def by_link(self) -> bool:
        return self.root == "/c"


@get("/c/contact", opt=PUBLIC, include_in_schema=False)
async def facts_by_link(request: HubRequest) -> Response[bytes]:
    """Numbers, hours and absences as they stand."""
    link = await link_of(request)
    if link is None or link.state != "open":
        return gone(request, link.state if link else "unknown", link)
    keep_actor(request.scope, actor_of_link(link))
    return await _page(request, At("/c", institution_of(link), actor_of_link(link)))


@get("/my-offers/contact", opt=EDITOR, include_in_schema=False)
async def own_facts(request: HubRequest) -> Response[bytes]:
    """The same for an editor, who may also be away alone."""
    return await _page(request, _signed_in(request))


@post("/c/contact", opt=BY_LINK, include_in_schema=False)
async def save_by_link(request: HubRequest) -> Response[Any]:
    """Keep what was typed."""
    return await _save(request, await _holding(request))


@post("/my-offers/contact", opt=EDITOR, include_in_schema=False)
async def save_own(request: HubRequest) -> Response[Any]:
    """Keep what was typed."""
    return await _save(request, _signed_in(request))


@post("/c/contact/confirm", opt=BY_LINK, include_in_schema=False)
async def confirm_by_link(request: HubRequest) -> Response[Any]:
    """„Wszystko się zgadza”."""
    return await _confirm(request, await _holding(request))


@post("/my-offers/contact/confirm", opt=EDITOR, include_in_schema=False)
async def confirm_own(request: HubRequest) -> Response[Any]:
    """„Wszystko się zgadza”."""
    return await _confirm(request, _signed_in(request))


@post("/c/absences/{absence:uuid}/end", opt=BY_LINK, include_in_schema=False)
async def end_by_link(request: HubRequest, absence: FromPath[UUID]) -> Response[Any]:
    """Back earlier than announced."""
    return await _end(await _holding(request), absence)


@post("/my-offers/absences/{absence:uuid}/end", opt=EDITOR, include_in_schema=False)
async def end_own(request: HubRequest, absence: FromPath[UUID]) -> Response[Any]:
    """Back earlier than announced."""
    return await _end(_signed_in(request), absence)


@post("/c/changes/{change:uuid}/undo", opt=BY_LINK, include_in_schema=False)
async def take_back_by_link(request: HubRequest, change: FromPath[UUID]) -> Response[Any]:
    """The numbers as they were."""
    return await _take_back(request, await _holding(request), change)


@post("/my-offers/changes/{change:uuid}/undo", opt=EDITOR, include_in_schema=False)
async def take_back_own(request: HubRequest, change: FromPath[UUID]) -> Response[Any]:
    """The numbers as they were."""
    return await _take_back(request, _signed_in(request), change)


@post("/my-offers/proposals/{proposal:uuid}/dismiss", opt=EDITOR, include_in_schema=False)
async def dismiss_own(request: HubRequest, proposal: FromPath[UUID]) -> Response[Any]:
    """The number that a decline proposed is not for today."""
    await dismiss_proposal(proposal, actor=actor_of(request))
    return go("/my-offers")


def _signed_in(request: HubRequest) -> At:
    actor = actor_of(request)
    if actor.institution is None:
        raise NotFound
    return At("/my-offers", actor.institution, actor)


async def _holding(request: HubRequest) -> At:
    link, actor = await holder(request)
    keep_actor(request.scope, actor)
    return At("/c", institution_of(link), actor)


async def _save(request: HubRequest, at: At) -> Response[Any]:
    form = Form(await request.form())
    own = await own_contacts(at.institution)

    async def work() -> Response[Any]:
        typed = read_own_facts(form, own, today=clock.today(), account=at.actor.account)
        await keep_own_facts(
            at.institution, actor=at.actor, phones=typed.phones, seen=typed.seen, absence=typed.absence
        )
        careful = "&careful=address" if names_a_person(typed.absence) else ""
        return go(f"{at.root}/contact?saved=facts{careful}")

    try:
        return await once(request, at.actor.scope, work, key=form.value("key"))
    except (Refused, Stale) as refusal:
        return await _refused(request, at, form, refusal)


async def _refused(request: HubRequest, at: At, form: Form, refusal: HubError) -> Response[bytes]:
    form.take(refusal)
    return await _page(request, at, form=form, status=refusal.status)


async def _confirm(request: HubRequest, at: At) -> Response[Any]:
    contacts, hours = read_seen(Form(await request.form()))
    try:
        await confirm_own_facts(at.institution, contacts, hours, actor=at.actor)
    except Refused as refusal:
        return await _refused(request, at, await _standing(at), refusal)
    return go(f"{at.root}/contact?saved=right")


async def _end(at: At, absence: UUID) -> Response[Any]:
    await end_own_absence(absence, at.institution, actor=at.actor)
    return go(f"{at.root}/contact?saved=ended")


async def _take_back(request: HubRequest, at: At, change: UUID) -> Response[Any]:
    try:
        await take_back_change(change, at.institution, actor=at.actor)
    except Refused as refusal:
        return await _refused(request, at, await _standing(at), refusal)
    return go(f"{at.root}/contact?saved=back")


async def _standing(at: At) -> Form:
    return own_facts_form(await own_contacts(at.institution))


async def _page(request: HubRequest, at: At, *, form: Form | None = None, status: int = 200) -> Response[bytes]:
    contacts, hours = await own_contacts(at.institution), await own_hours(at.institution)
    saved = request.query_params.get("saved", "")
    return page(
        request,
        "capacity/contact.html",
        status=status,
        root=at.root,
        by_link=at.by_link,
        institution=await institution_name(at.institution),
        contacts=contacts,
        hours=hours,
        facts=any(one.shown for one in contacts) or hours,
        absences=await absences_of(at.institution, accounts=not at.by_link),
        changes=await changes_of(at.institution),
        form=form or own_facts_form(contacts),
        key=secrets.token_urlsafe(12),
        saved=saved if saved in SAID and form is None else "",
        careful=request.query_params.get("careful") == "address" and form is None,
    )


routes = [
    facts_by_link,
    own_facts,
    save_by_link,
    save_own,
    confirm_by_link,
    confirm_own,
    end_by_link,
    end_own,
    take_back_by_link,
    take_back_own,
    dismiss_own,
]
