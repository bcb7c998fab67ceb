"""The institution as its own editors may change it: how to reach it and what it says of itself.

Its name, kind and area say who it is; those the coordinator changes.
"""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.contact_forms import read_contacts
from referral_hub.directory.edit_forms import Compared, after, choices, clashing, kept_words, started_from, word_why
from referral_hub.directory.offer_forms import contact_values
from referral_hub.directory.offer_pages import home_of
from referral_hub.directory.pending_actions import withdraw
from referral_hub.directory.saving import Editing, editing, save_entry, written
from referral_hub.errors import Refused
from referral_hub.institutions.actions import LONGEST
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page

HubRequest = Request[Any, Any, Any]
EDITOR: Final = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)
FIELDS: Final = ("short_name", "description", "phone", "email", "www")


@get("/my-offers/institution", opt=EDITOR, include_in_schema=False)
async def show(request: HubRequest) -> Response[bytes]:
    """What the directory says of one's own institution, with what waits laid over it."""
    held = await editing("institution", home_of(actor_of(request)), actor=actor_of(request))
    form = _form(held.values, written(held.entry.version, held.values), held.entry.version)
    return _page(request, form, held)


@post("/my-offers/institution", opt=EDITOR, include_in_schema=False)
async def save(request: HubRequest) -> Response[Any]:
    """Keep what was typed, beside what somebody else changed meanwhile."""
    actor, form = actor_of(request), Form(await request.form())
    institution = home_of(actor)
    held = await editing("institution", institution, actor=actor)
    try:
        given: dict[str, Any] = {
            name: form.text(name, required=False, most=LONGEST[name], lines=name == "description")
            for name in ("short_name", "description")
        }
        given |= contact_values(form)
        why = word_why(form)
        form.check()
        saved = await save_entry(
            "institution", institution, given, actor=actor, started=started_from(form), chosen=choices(form), why=why
        )
    except Refused as refusal:
        form.take(refusal)
        return _page(request, form, held, status=422)
    if saved.clashes:
        again = _form(saved.values, saved.again, saved.entry.version)
        return _page(request, again, held, clashing(again, saved, look_of(request).language), status=409)
    return go(after(saved, "/my-offers/institution?saved=1", read_contacts(form)))


@post("/my-offers/institution/withdraw", opt=EDITOR, include_in_schema=False)
async def take_back(request: HubRequest) -> Response[Any]:
    """Take back what waits for the coordinator; she may do so for an institution she names."""
    actor, named = actor_of(request), request.query_params.get("institution", "")
    institution = home_of(actor, named)
    await withdraw("institution", institution, actor=actor)
    own = institution == actor.institution and not named
    return go("/my-offers/institution?withdrawn=1" if own else f"/institutions/{institution}/edit?withdrawn=1")


def _form(values: dict[str, Any], started: str, version: int) -> Form:
    return Form({**{name: values[name] for name in FIELDS}, "version": version, "started": started})


def _page(
    request: HubRequest, form: Form, held: Editing, clashes: list[Compared] | None = None, status: int = 200
) -> Response[bytes]:
    asked = request.query_params
    institution: UUID = held.entry.id
    return page(
        request,
        "partner/own_institution.html",
        status=status,
        form=form,
        held=held,
        institution=institution,
        clashes=clashes or [],
        saved="saved" in asked,
        careful=asked.get("careful") == "address",
        withdrawn="withdrawn" in asked,
        restored="restored" in asked,
        waits="waits" in asked,
        kept=kept_words(asked.get("kept", ""), look_of(request).language),
    )


routes = [show, save, take_back]
