"""An institution in the coordinator's care: who it is, how to reach it, its agreements and offers."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from referral_hub import clock
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.links import revoke_links
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.area import area_text, read_area
from referral_hub.directory.contact_forms import names_a_person, read_contacts
from referral_hub.directory.edit_forms import Compared, after, choices, clashing, kept_words, started_from, word_why
from referral_hub.directory.offer_forms import contact_values
from referral_hub.directory.queries import offers_of, sites_of
from referral_hub.directory.saving import editing, save_entry, written
from referral_hub.errors import Refused
from referral_hub.institutions.actions import (
    LONGEST,
    STATUSES,
    NewContact,
    NewInstitution,
    add_agreement,
    add_institution,
    edit_institution,
)
from referral_hub.institutions.merged import survivor_of
from referral_hub.institutions.queries import institution_facts
from referral_hub.vocabularies.book import terms
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.INSTITUTION_EDIT)
SCHEMES: Final = ("nip", "regon", "krs")
AGREEMENTS: Final = ("agreement", "statute", "internal")


@get("/institutions/new", opt=EDITOR, include_in_schema=False)
async def new_institution(request: HubRequest) -> Response[bytes]:
    """An empty institution."""
    return _new(request, Form())


@post("/institutions/new", opt=EDITOR, include_in_schema=False)
async def make_institution(request: HubRequest) -> Response[Any]:
    """Take it into the network."""
    actor, form = actor_of(request), Form(await request.form())
    try:
        values, contacts = _typed(form)
        numbers = [(scheme, number) for scheme in SCHEMES if (number := form.text(scheme, required=False, most=20))]
        form.check()
        made = await add_institution(
            NewInstitution(**values), by=actor.scope, source="coordinator", identifiers=numbers, contacts=contacts
        )
    except Refused as refusal:
        form.take(refusal)
        return _new(request, form, status=422)
    return go(_after(made, contacts))


@get("/institutions/{institution:uuid}/edit", opt=EDITOR, include_in_schema=False)
async def edit(request: HubRequest, institution: FromPath[UUID]) -> Response[bytes]:
    """All that is known of it, to change; of a merged entry, the one it is part of."""
    if (survivor := await survivor_of(institution)) is not None:
        return go(f"/institutions/{survivor}/edit")
    return await _care(request, institution, None)


@post("/institutions/{institution:uuid}/edit", opt=EDITOR, include_in_schema=False)
async def save(request: HubRequest, institution: FromPath[UUID]) -> Response[Any]:
    """Keep what was typed, beside what somebody else changed meanwhile; where both did, ask."""
    actor, form = actor_of(request), Form(await request.form())
    facts = await institution_facts(institution)
    try:
        values, _ = _typed(form, facts.contacts)
        values |= contact_values(form)
        values["status"] = form.choice("status", STATUSES)
        why = word_why(form)
        form.check()
        saved = await save_entry(
            "institution", institution, values, actor=actor, started=started_from(form), chosen=choices(form), why=why
        )
    except Refused as refusal:
        form.take(refusal)
        return await _care(request, institution, form, status=422)
    if saved.clashes:
        again = _form(saved.values, saved.again, saved.entry.version)
        clashes = clashing(again, saved, look_of(request).language)
        return await _care(request, institution, again, clashes=clashes, status=409)
    return go(after(saved, f"/institutions/{institution}/edit?saved=1", read_contacts(form)))


@post("/institutions/{institution:uuid}/approval", opt=EDITOR, include_in_schema=False)
async def set_approval(request: HubRequest, institution: FromPath[UUID]) -> Response[Any]:
    """Whether what its own editors change waits for the coordinator first."""
    form = Form(await request.form())
    waits = form.choice("edits_wait", ("yes", "no"))
    form.check()
    await edit_institution(
        institution, {"edits_wait": waits == "yes"}, by=actor_of(request).scope, source="coordinator"
    )
    return go(f"/institutions/{institution}/edit?saved=1#approval")


@post("/institutions/{institution:uuid}/agreements", opt=needs(Permission.AGREEMENT_EDIT), include_in_schema=False)
async def record_agreement(request: HubRequest, institution: FromPath[UUID]) -> Response[Any]:
    """Record on what basis accounts of the institution may pass personal data."""
    actor, form = actor_of(request), Form(await request.form())
    today = clock.today()
    try:
        kind = form.choice("agreement_kind", AGREEMENTS) or ""
        signed_on = form.date("signed_on", latest=today, earliest=today - timedelta(days=36500))
        valid_until = form.date("valid_until", required=False, latest=today + timedelta(days=36500))
        reference = form.text("reference", required=False, most=200)
        form.check()
        if signed_on is not None:
            await add_agreement(
                institution, kind, signed_on=signed_on, valid_until=valid_until, reference=reference, by=actor.scope
            )
    except Refused as refusal:
        form.take(refusal)
        return await _care(request, institution, None, agreement=form, status=422)
    return go(f"/institutions/{institution}/edit?saved=1#agreements")


@post("/institutions/{institution:uuid}/links/revoke", opt=EDITOR, include_in_schema=False)
async def take_links_back(request: HubRequest, institution: FromPath[UUID]) -> Response[Any]:
    """End every link for free places that is out, for example after a mail to a wrong address."""
    await institution_facts(institution)
    await revoke_links("c", by=actor_of(request).scope, institution=institution)
    return go(f"/institutions/{institution}/edit?saved=1")


def _typed(form: Form, before: list[NewContact] | None = None) -> tuple[dict[str, Any], list[NewContact]]:
    """The fields both pages share; every problem is kept in the form."""
    values: dict[str, Any] = {
        name: form.text(name, required=name == "name", most=LONGEST[name], lines=name == "description")
        for name in ("name", "short_name", "description")
    }
    values["kind"] = form.choice("kind", dict(terms("kind", "pl")))
    codes, unclear = read_area(form.text("area", required=False, most=120))
    if unclear or len(codes) > 1:
        form.add("area", "area_not_known", places=", ".join(unclear) or form.value("area"))
    values["terc"] = codes[0] if len(codes) == 1 else ""
    return values, read_contacts(form, before or [])


def _after(institution: UUID, contacts: list[NewContact]) -> str:
    careful = "&careful=address" if names_a_person(contacts) else ""
    return f"/institutions/{institution}/edit?saved=1{careful}"


def _kinds(request: HubRequest) -> list[tuple[str, str]]:
    return terms("kind", look_of(request).language, sort=True)


def _new(request: HubRequest, form: Form, status: int = 200) -> Response[bytes]:
    return page(request, "partner/new_institution.html", status=status, form=form, kinds=_kinds(request))


def _form(values: Mapping[str, Any], started: str, version: int) -> Form:
    names = ("kind", "name", "short_name", "description", "status", "phone", "email", "www")
    area = area_text([values["terc"]]) if values["terc"] else ""
    return Form({**{name: values[name] for name in names}, "area": area, "version": version, "started": started})


async def _care(
    request: HubRequest,
    institution: UUID,
    form: Form | None,
    *,
    agreement: Form | None = None,
    clashes: list[Compared] | None = None,
    status: int = 200,
) -> Response[bytes]:
    facts, actor = await institution_facts(institution), actor_of(request)
    held = await editing("institution", institution, actor=actor)
    if form is None:
        form = _form(held.values, written(held.entry.version, held.values), held.entry.version)
    asked = request.query_params
    return page(
        request,
        "partner/institution.html",
        status=status,
        form=form,
        agreement=agreement or Form(),
        institution=institution,
        facts=facts,
        held=held,
        clashes=clashes or [],
        kept=kept_words(asked.get("kept", ""), look_of(request).language),
        waits="waits" in asked,
        withdrawn="withdrawn" in asked,
        restored="restored" in asked,
        offers=await offers_of(institution),
        sites=await sites_of(institution),
        kinds=_kinds(request),
        statuses=STATUSES,
        agreement_kinds=AGREEMENTS,
        may_agree=actor.may(Permission.AGREEMENT_EDIT),
        saved="saved" in request.query_params,
        careful=request.query_params.get("careful") == "address",
        in_force=[one.id for one in facts.agreements if one.holds_on(clock.today())],
    )


routes = [new_institution, make_institution, edit, save, set_approval, record_agreement, take_links_back]
