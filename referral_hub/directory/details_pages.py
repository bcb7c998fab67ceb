"""The page for what only one kind of offer has, and the panel that shows it to everybody."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import structs

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.accounts.sign_in_pages import go
from referral_hub.directory.confidential import without
from referral_hub.directory.confidential_queries import kept_from
from referral_hub.directory.details import EARLIEST, FIELDS, KINDS, LATEST, Details, Field, kind_of, read_details
from referral_hub.directory.details_actions import details_of, save_details
from referral_hub.directory.edit_forms import after
from referral_hub.directory.panels import OwnLink, Panel
from referral_hub.directory.read_model_refresh import directory
from referral_hub.directory.saving import Editing, editing
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.vocabularies import book
from referral_hub.web.formats import number, short_day
from referral_hub.web.forms import Form
from referral_hub.web.look import look_of
from referral_hub.web.page import page
from referral_hub.web.wording import sentence_of, speaking, translate

EDITOR: Final = needs(Permission.OFFER_EDIT, Permission.DIRECTORY_MODERATE)
# Repeated in templates/details/edit.html, where the extraction finds it.
OWN_LINK: Final = OwnLink("details", "Details of this kind of offer", frozenset(KINDS) - {"self_employment"}, asks=True)
PAIRED: Final = {"pay_to": "pay_from", "pay_per": "pay_from", "ends_on": "starts_on"}
"""Fields said in one line with another one."""


@get("/my-offers/{offer:uuid}/details", opt=EDITOR, include_in_schema=False)
async def show(request: Request[Any, Any, Any], offer: FromPath[UUID]) -> Response[bytes]:
    """The details as they stand, with what waits laid over them; `?new=1` after the offer was put in."""
    held = await _held(request, offer)
    stored = read_details(held.values["form"], held.values["details"])
    shown = structs.asdict(stored) if stored is not None else {}
    return await _page(request, held, Form({**shown, "version": str(held.entry.version)}))


@post("/my-offers/{offer:uuid}/details", opt=EDITOR, include_in_schema=False)
async def save(request: Request[Any, Any, Any], offer: FromPath[UUID]) -> Response[Any]:
    """Keep them; what is wrong comes back beside its field with everything typed."""
    actor, form = actor_of(request), Form(await request.form())
    held = await _held(request, offer)
    try:
        version = form.whole("version", most=10**9)
        given = read_form(form, FIELDS[kind_of(held.values["form"])])
        form.check()
        saved = await save_details(offer, given, actor=actor, version=version)
    except (Refused, Stale) as refusal:
        form.take(refusal)
        return await _page(request, held, form, status=refusal.status)
    if held.entry.institution == actor.institution:
        return go(after(saved, f"/my-offers?saved={offer}"))
    return go(after(saved, f"/institutions/{held.entry.institution}/edit?saved=1"))


async def _held(request: Request[Any, Any, Any], offer: UUID) -> Editing:
    held = await editing("offer", offer, actor=actor_of(request))
    if not kind_of(held.values["form"]):
        raise NotFound
    return held


async def _page(request: Request[Any, Any, Any], held: Editing, form: Form, *, status: int = 200) -> Response[bytes]:
    language, kind = look_of(request).language, kind_of(held.values["form"])
    return page(
        request,
        "details/edit.html",
        status=status,
        form=form,
        offer=held.entry.id,
        title=held.values["title"],
        form_name=book.label("form", held.values["form"], language),
        fields=[(field, _options(field, language)) for field in FIELDS[kind]],
        new=request.query_params.get("new") == "1",
    )


def _options(field: Field, language: str) -> list[tuple[str, str]]:
    if field.type == "word":
        return book.terms(field.codes[0], language)
    return [(code, sentence_of(language, f"detail_{field.name}", code)) for code in field.codes]


def read_form(form: Form, fields: Sequence[Field]) -> dict[str, Any]:
    """What was typed, with every problem kept on the form; values as `offer.details` holds them."""
    given: dict[str, Any] = {}
    for field in fields:
        match field.type:
            case "text" | "lines":
                lines = field.type == "lines"
                given[field.name] = form.text(field.name, required=field.required, most=field.most, lines=lines)
            case "choice":
                given[field.name] = form.choice(field.name, field.codes, required=field.required)
            case "word":
                given[field.name] = form.choice(field.name, dict(book.terms(field.codes[0], "pl")), required=False)
            case "whole" | "money":
                required = field.required
                given[field.name] = form.whole(field.name, least=field.least, most=field.most, required=required)
            case "day":
                day = form.date(field.name, required=field.required, earliest=EARLIEST, latest=LATEST)
                given[field.name] = day.isoformat() if day else None
            case "flag":
                given[field.name] = form.flag(field.name)
    return given


def told(form: str, details: Details, language: str) -> list[tuple[str, str]]:
    """(name, text) for everything that was said, in plain words of this language."""
    values = structs.asdict(details)
    found = []
    with speaking(language):
        for field in FIELDS[kind_of(form)]:
            text = "" if field.name in PAIRED and values.get(PAIRED[field.name]) else _said(field, values, language)
            if text:
                name = "pay" if field.name == "pay_from" else field.name
                if name == "starts_on" and values.get("ends_on"):
                    name = "period"
                found.append((sentence_of(language, "detail", name), text))
    return found


def _said(field: Field, values: dict[str, Any], language: str) -> str:
    value = values[field.name]
    if value in (None, "", False):
        return ""
    if field.name == "pay_from":
        return _pay(values, language)
    if field.name == "starts_on" and values.get("ends_on"):
        return f"{_day(value)} – {_day(values['ends_on'])}"
    match field.type:
        case "choice":
            return sentence_of(language, f"detail_{field.name}", value)
        case "word":
            return book.label(field.codes[0], value, language)
        case "money":
            return f"{number(value)} zł"
        case "whole":
            return number(value)
        case "day":
            return _day(value)
        case "flag":
            return translate(language, "yes")
    return str(value)


def _pay(values: dict[str, Any], language: str) -> str:
    first, last = values["pay_from"], values["pay_to"]
    span = f"{number(first)} zł" if last in (None, first) else f"{number(first)}–{number(last)} zł"
    per = sentence_of(language, "detail_pay_per", values["pay_per"] or "month")
    return f"{span} {translate(language, 'gross')}, {per}"


def _day(text: str) -> str:
    return short_day(date.fromisoformat(text))


async def details_panel(offer: UUID, actor: Actor, language: str) -> Panel | None:
    """What this kind of offer says beside the rest, on its public page."""
    card = (await directory()).cards.get(str(offer))
    if card is None or not kind_of(card.form):
        return None
    found = await details_of(offer)
    secrets = await kept_from(actor, offer)
    pairs = [(name, without(text, secrets)) for name, text in told(card.form, found, language)] if found else []
    return Panel("details/panel.html", {"pairs": pairs}) if pairs else None


routes = [show, save]
