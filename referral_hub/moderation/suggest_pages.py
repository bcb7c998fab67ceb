"""„Coś się nie zgadza?”: anybody suggests a change on a public page, without an account and without a trace."""

import secrets
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from referral_hub.accounts.guards import PUBLIC, actor_of
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.read_model_refresh import directory
from referral_hub.errors import NotFound, Problem, Refused, TooMany
from referral_hub.institutions.merged import survivor_of
from referral_hub.moderation.actions import origin_of, suggest
from referral_hub.moderation.suggesting import (
    FIELDS,
    MOST_NOTE,
    MOST_VALUE,
    WITHOUT_VALUE,
    SubjectKind,
    Told,
    word_cautions,
)
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.once import once
from referral_hub.web.page import page
from referral_hub.web.throttle import Throttle

HubRequest = Request[Any, Any, Any]
# A library shares one address; a flood of thousands does not pass.
suggestions: Final = Throttle(20, timedelta(hours=1))


class Subject(Struct, frozen=True):
    """What the page is about, as the public sees it."""

    kind: SubjectKind
    id: UUID
    institution: UUID
    title: str
    name: str

    @property
    def back(self) -> str:
        """Its public page."""
        return f"/{self.kind}s/{self.id}"


@get("/offers/{offer:uuid}/suggest", opt=PUBLIC, include_in_schema=False)
async def about_offer(request: HubRequest, offer: FromPath[UUID]) -> Response[bytes]:
    """The form about an offer; `?field=` chooses one ahead."""
    return _form(request, await _offer(request, offer), Form({"field": request.query_params.get("field", "")}))


@post("/offers/{offer:uuid}/suggest", opt=PUBLIC, include_in_schema=False)
async def tell_about_offer(request: HubRequest, offer: FromPath[UUID]) -> Response[Any]:
    """Keep what was suggested."""
    return await _tell(request, await _offer(request, offer))


@get("/institutions/{institution:uuid}/suggest", opt=PUBLIC, include_in_schema=False)
async def about_institution(request: HubRequest, institution: FromPath[UUID]) -> Response[bytes]:
    """The form about an institution. A merged one leads on to its survivor."""
    if (survivor := await survivor_of(institution)) is not None:
        return go(f"/institutions/{survivor}/suggest")
    return _form(request, await _institution(institution), Form({"field": request.query_params.get("field", "")}))


@post("/institutions/{institution:uuid}/suggest", opt=PUBLIC, include_in_schema=False)
async def tell_about_institution(request: HubRequest, institution: FromPath[UUID]) -> Response[Any]:
    """Keep what was suggested, also about the survivor of a merge that happened meanwhile."""
    return await _tell(request, await _institution(await survivor_of(institution) or institution))


async def _offer(request: HubRequest, offer: UUID) -> Subject:
    """Raises NotFound for what the public does not see."""
    card = (await directory()).cards.get(str(offer))
    if card is None:
        raise NotFound
    language = look_of(request).language
    shown_by_form = getattr(card, "by_category", False) and not actor_of(request).may(Permission.DIRECTORY_STAFF)
    title = book.label("form", card.form, language) if shown_by_form else card.title(language)
    name = "" if shown_by_form else card.partner.name
    return Subject("offer", offer, UUID(card.owner), title, name)


async def _institution(institution: UUID) -> Subject:
    """Raises NotFound for what the public does not see."""
    partner = (await directory()).partners.get(str(institution))
    if partner is None:
        raise NotFound
    return Subject("institution", institution, institution, partner.name, partner.name)


async def _tell(request: HubRequest, subject: Subject) -> Response[Any]:
    actor, form = actor_of(request), Form(await request.form())

    async def work() -> Response[Any]:
        told = _told(form, subject)
        await suggest(subject.kind, subject.id, told, actor=actor)
        return page(request, "moderation/suggested.html", subject=subject)

    try:
        if not actor.signed_in:
            suggestions.check(request)
            suggestions.count(request)
        return await once(request, actor.scope, work, key=form.value("key"))
    except (Refused, TooMany) as refusal:
        form.take(refusal)
        return _form(request, subject, form, status=refusal.status)


def _told(form: Form, subject: Subject) -> Told:
    """What was typed. Words that look as if they named a person are asked about once, and kept as confirmed."""
    field = form.choice("field", FIELDS[subject.kind]) or ""
    value = form.text("suggested", required=bool(field) and field not in WITHOUT_VALUE, most=MOST_VALUE, lines=True)
    note = form.text("note", required=field == "other", most=MOST_NOTE, lines=True)
    form.check()
    told = Told(field, "" if field in WITHOUT_VALUE else value, note)
    if not form.flag("checked"):
        for code in word_cautions(told):
            form.problems.append(Problem("checked", code))
    form.check()
    return told


def _form(request: HubRequest, subject: Subject, form: Form, status: int = 200) -> Response[bytes]:
    actor = actor_of(request)
    return page(
        request,
        "moderation/suggest.html",
        status=status,
        subject=subject,
        form=form,
        fields=FIELDS[subject.kind],
        origin=origin_of(actor, subject.institution),
        actor=actor,
        key=form.value("key") or secrets.token_urlsafe(16),
        careful=[problem for problem in form.problems if problem.field == "checked"],
        most_value=MOST_VALUE,
        most_note=MOST_NOTE,
    )


routes = [about_offer, tell_about_offer, about_institution, tell_about_institution]
