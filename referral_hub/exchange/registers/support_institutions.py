"""The voivode's base of institutions that help people harmed by violence: a row per institution, in free text.

Columns: id, rodzaj, powiat, gmina, gmina_wg_kodu, nazwa, adres, kod_pocztowy, miejscowosc, telefon, email,
dni_i_godziny, formy_pomocy, specjalisci, dla_osob_stosujacych_przemoc, dostepnosc_dla_OzN,
formy_komunikacji_dostepne, uwagi. The cells kod_pocztowy, miejscowosc and gmina were torn by merged cells: the
address itself and gmina_wg_kodu are believed instead. Pure.
"""

import re
from datetime import date

from referral_hub.exchange.drafts import ContactDraft, InstitutionDraft, OfferDraft, RowDraft, SiteDraft
from referral_hub.exchange.problems import Notes
from referral_hub.exchange.reading import Record, Sheet
from referral_hub.exchange.registers import forms
from referral_hub.exchange.registers.accessibility import site_accessibility
from referral_hub.exchange.registers.gminy import Gminy
from referral_hub.exchange.registers.parts import (
    Drafts,
    area_of,
    given_id,
    located,
    mailboxes_of,
    natural_id,
    phones_of,
)
from referral_hub.exchange.registers.support_places import sites_of
from referral_hub.institutions.names import clean_name, fold, one_line
from referral_hub.vocabularies import book

KIND = "support-institutions"
COLUMNS = ("rodzaj", "powiat", "nazwa", "adres", "telefon", "dni_i_godziny", "formy_pomocy")
TEXTS = ("nazwa", "formy_pomocy", "specjalisci", "dla_osob_stosujacych_przemoc", "dni_i_godziny", "adres", "uwagi")

KINDS = {
    "OPS": "ops",
    "CUS": "cus",
    "PCPR": "pcpr",
    "OIK": "oik",
    "PUNKT_KONSULTACYJNY": "punkt_konsultacyjny",
    "KRPA": "krpa",
    "ZI": "zespol_interdyscyplinarny",
    "NGO": "ngo",
    "PLACOWKA_WSPARCIA_DZIENNEGO": "wsparcie_dzienne",
    "INNE": "inny",
    "POLICJA": "policja",
    "SZKOLA": "szkola",
    "ZDROWIE_PSYCHICZNE": "poradnia_zdrowie",
    "PUNKT_PRAWNY": "npp",
    "PORADNIA_PP": "ppp",
    "LECZENIE_UZALEZNIEN": "lecznictwo_odwykowe",
    "PROKURATURA/SAD": "sad_prokuratura",
    "DOM_MATEK/SCHRONIENIE": "schronisko",
}
SAFE_PLACES = {"schronienie", "pobyt_calodobowy"}
OPEN_OFFICES = {
    "ops", "cus", "pcpr", "krpa", "policja", "sad_prokuratura", "szkola", "ppp", "jst", "npp",
    "zespol_interdyscyplinarny", "poradnia_zdrowie", "lecznictwo_odwykowe",
}  # fmt: skip
"""Public offices whose address is no secret whatever they help with."""


def read(sheet: Sheet, gminy: Gminy, today: date) -> Drafts:
    """Drafts of every row; a row without a name, or with an id seen before, is rejected."""
    rows: list[RowDraft] = []
    problems = list(sheet.problems)
    seen: dict[str, int] = {}
    for record in sheet.records:
        notes = Notes(record.line)
        row = _row(record, gminy, notes)
        if row.id in seen:
            code = "same_id" if record.cells.get("id") else "same_row"
            notes.error(code, "id", row.id, line=seen[row.id])
        seen.setdefault(row.id, record.line)
        if not notes.rejected:
            rows.append(row)
        problems += notes.problems
    return Drafts(rows, problems)


def _row(record: Record, gminy: Gminy, notes: Notes) -> RowDraft:
    cells = record.cells
    name, phone_in_name = clean_name(cells["nazwa"])
    if not name:
        notes.error("empty_row", "nazwa")
    kind = _kind(cells["rodzaj"], notes)
    help_text, people = cells["formy_pomocy"], cells.get("specjalisci", "")
    found = forms.recognise_forms(help_text, people, kind)
    audiences = forms.recognise_audiences(name, help_text)
    hidden = _is_hidden(kind, found, audiences)
    powiat = gminy.powiat(cells["powiat"])
    sites, keys = sites_of(cells, kind, name, powiat, gminy, notes)
    if hidden and sites:
        notes.info("address_hidden", "adres", one_line(cells["adres"]))
    if found == ("inna",):
        notes.info("no_form", "formy_pomocy", one_line(help_text)[:120])
    sites = tuple(located(_with_hours(site, cells, hidden), gminy, notes) for site in sites)
    terc = next((site.terc for site in sites if site.terc), "")
    area = area_of(kind, name, sites[0].place if sites else "", terc, powiat, gminy)
    return RowDraft(
        record.line,
        given_id(cells.get("id", "")) or natural_id(cells["nazwa"], cells["adres"], cells["rodzaj"]),
        InstitutionDraft(kind, name, terc, {}, keys),
        sites,
        _contacts(cells, phone_in_name, notes),
        _offers(cells, kind, found, audiences, area),
        text=_text(cells, sites if hidden else ()),
    )


def _kind(cell: str, notes: Notes) -> str:
    kind = KINDS.get(cell.strip().upper())
    if kind is None:
        notes.warn("unknown_value", "rodzaj", cell, taken="inny")
    return kind or "inny"


def _is_hidden(kind: str, found: tuple[str, ...], audiences: tuple[str, ...]) -> bool:
    """Whether the address must not be public: a shelter, or a place of its own for people fleeing violence."""
    if kind == "schronisko":
        return True
    if kind in OPEN_OFFICES:
        return False
    return bool(SAFE_PLACES & set(found)) or "przemoc" in audiences


def _with_hours(site: SiteDraft, cells: dict[str, str], hidden: bool) -> SiteDraft:
    hours = cells["dni_i_godziny"].strip()
    return SiteDraft(
        site.street,
        site.post_code,
        site.place,
        site.terc,
        hours_text="" if _is_mailbox(hours) else hours,
        accessibility=site_accessibility(
            cells.get("dostepnosc_dla_OzN", ""), cells.get("formy_komunikacji_dostepne", "")
        ),
        address_visibility="staff" if hidden else "public",
    )


def _is_mailbox(hours: str) -> bool:
    return re.fullmatch(r"\S+@\S+", hours) is not None


def _contacts(cells: dict[str, str], phone_in_name: str, notes: Notes) -> tuple[ContactDraft, ...]:
    found = phones_of(cells["telefon"], notes)
    if phone_in_name:
        notes.info("phone_in_name", "nazwa", phone_in_name)
        known = {contact.value for contact in found}
        found += [one for one in phones_of(phone_in_name, notes, "nazwa") if one.value not in known]
    boxes = mailboxes_of(cells.get("email", ""), notes)
    hours = cells["dni_i_godziny"].strip()
    if _is_mailbox(hours):
        notes.warn("email_in_hours", "dni_i_godziny", hours)
        boxes += [box for box in mailboxes_of(hours, notes, "dni_i_godziny") if box not in boxes]
    return (*found, *boxes)


def _offers(
    cells: dict[str, str], kind: str, found: tuple[str, ...], audiences: tuple[str, ...], area: tuple[str, ...]
) -> tuple[OfferDraft, ...]:
    needs = forms.recognise_needs(cells["nazwa"], cells["formy_pomocy"], cells.get("specjalisci", ""))
    note = {}
    if fold(cells.get("dla_osob_stosujacych_przemoc", "")).strip(" -.") == "nie":
        note = {"note": "Nie dla osób stosujących przemoc."}
    return tuple(
        OfferDraft(
            form,
            book.label("form", form, "pl").capitalize(),
            needs=needs,
            audiences=audiences,
            eligibility=note,
            area=area,
            sensitive=_is_sensitive(kind, form, needs),
        )
        for form in found
    )


def _is_sensitive(kind: str, form: str, needs: tuple[str, ...]) -> bool:
    return (
        book.is_sensitive("kind", kind)
        or book.is_sensitive("form", form)
        or any(book.is_sensitive("need", need) for need in needs)
    )


def _text(cells: dict[str, str], hidden: tuple[SiteDraft, ...]) -> str:
    """The row in full, cell by cell, as it stands; without the address where that is hidden: search would tell it."""
    names = [name for name in TEXTS if not (hidden and name == "adres")]
    text = "\n".join(cells[name].strip() for name in names if cells.get(name, "").strip())
    for site in hidden:
        if any(letter.isalpha() for letter in site.street):
            text = re.sub(re.escape(site.street), "…", text, flags=re.IGNORECASE)
    return text
