"""Rejestr Jednostek Pomocy Społecznej: social assistance centres with addresses, coordinates and hours.

Columns: typ, id_jednostki, wojewodztwo, powiat, gmina, nazwa, kod_pocztowy, miejscowosc, ulica, numer_domu, telefon,
www, email, godziny_pracy, teryt_gminy, latitude, longitude, geo_precyzja, uwagi. A third of the rows of 2026 has
no post code and says of itself that it is not verified; the hours of family support centres hold a list of their
tasks. Coordinates are of the village or only of the gmina, never of the house. Pure.
"""

import re
from datetime import date

from referral_hub.exchange.drafts import ContactDraft, InstitutionDraft, OfferDraft, RowDraft, SiteDraft
from referral_hub.exchange.problems import Notes
from referral_hub.exchange.reading import Record, Sheet
from referral_hub.exchange.registers import forms
from referral_hub.exchange.registers.addresses import Address
from referral_hub.exchange.registers.gminy import Gminy, plain
from referral_hub.exchange.registers.parts import (
    Drafts,
    area_of,
    day,
    given_id,
    located,
    mailboxes_of,
    natural_id,
    phones_of,
    website_of,
)
from referral_hub.exchange.same import keys_of
from referral_hub.institutions.identifiers import check_identifier
from referral_hub.institutions.names import clean_name, fold, one_line
from referral_hub.vocabularies import book

KIND = "rjps"
COLUMNS = ("typ", "id_jednostki", "powiat", "gmina", "nazwa", "miejscowosc", "telefon", "teryt_gminy")
KINDS = {"OPS": "ops", "MOPS": "ops", "MOPR": "ops", "GOPS": "ops", "CUS": "cus", "PCPR": "pcpr"}
BY_LAW = {
    "ops": ("praca_socjalna",),
    "cus": ("praca_socjalna",),
    "pcpr": ("poradnictwo_ogolne",),
}
"""Forms that a unit has by statute: social work (art. 17 and 110 of the act on social assistance, for a CUS that
took over from an OPS), information on rights and specialist advice (art. 19)."""
PRECISIONS = {"adres": "address", "miejscowosc": "place", "dzielnica": "district", "gmina_centrum": "gmina"}
POLAND = ((48.9, 54.95), (14.0, 24.3))
_TASKS = re.compile(r"^\s*'[^']{10,}'")


def read(sheet: Sheet, gminy: Gminy, today: date) -> Drafts:
    """Drafts of every row; a row without a name, or with an id seen before, is rejected."""
    rows: list[RowDraft] = []
    problems = list(sheet.problems)
    seen: dict[str, int] = {}
    for record in sheet.records:
        notes = Notes(record.line)
        row = _row(record, gminy, notes)
        if row.id in seen:
            notes.error("same_id", "id_jednostki", row.id, line=seen[row.id])
        seen.setdefault(row.id, record.line)
        if not notes.rejected:
            rows.append(row)
        problems += notes.problems
    return Drafts(rows, problems)


def _row(record: Record, gminy: Gminy, notes: Notes) -> RowDraft:
    cells = record.cells
    name, _ = clean_name(cells["nazwa"])
    if not name:
        notes.error("empty_row", "nazwa")
    kind = KINDS.get(cells["typ"].strip().upper(), "")
    if not kind:
        notes.warn("unknown_value", "typ", cells["typ"], taken="inny")
    if "weryfikacji" in fold(cells.get("uwagi", "")):
        notes.info("unverified", "uwagi", cells["uwagi"])
    number = given_id(cells["id_jednostki"])
    identifiers = {"rjps": number} if number and not check_identifier("rjps", number).problem else {}
    powiat = gminy.powiat(cells["powiat"])
    terc = _terc(cells, powiat, gminy, notes)
    tasks = cells.get("godziny_pracy", "") if _TASKS.search(cells.get("godziny_pracy", "")) else ""
    site = located(_site(cells, terc, tasks, notes), gminy, notes)
    keys = keys_of(
        kind or "inny",
        name,
        post_code=site.post_code,
        place=site.place,
        powiat=terc[:4] or powiat,
        street=site.street,
        identifiers=identifiers,
    )
    area = area_of(kind, name, site.place, terc, powiat, gminy)
    return RowDraft(
        record.line,
        number or natural_id(cells["nazwa"], cells["miejscowosc"], cells["powiat"]),
        InstitutionDraft(kind or "inny", name, terc, identifiers, keys),
        (site,) if site.place else (),
        _contacts(cells, notes),
        _offers(kind or "inny", tasks, area),
        text="\n".join(part for part in (name, tasks.strip()) if part),
        as_at=_as_at(cells),
    )


def _as_at(cells: dict[str, str]) -> date | None:
    """The day of the export, where the row says it („źródło: RJPS eksport 06.03.2026”)."""
    found = re.search(r"eksport\s+(\d{1,2}\.\d{1,2}\.\d{4})", cells.get("uwagi", ""))
    return day(found.group(1)) if found else None


def _terc(cells: dict[str, str], powiat: str, gminy: Gminy, notes: Notes) -> str:
    """The gmina: by its code where that agrees with the name beside it, else by name, powiat and place.

    More than half of the codes of 2026 belong to a neighbour: somebody numbered the gminy by the alphabet.
    """
    said, name = cells["teryt_gminy"], cells["gmina"]
    code = check_identifier("terc", said).value
    unit = gminy.units.get(code) if len(code) == 6 else None
    if unit is not None and powiat in {"", code[:4]} and f"{plain(name)} ".startswith(f"{plain(unit.name)} "):
        return code
    on_street = Address(cells.get("ulica", "")).on_street
    found = gminy.find(name, powiat=powiat, street=on_street)
    if not found.terc:
        found = gminy.find(cells["miejscowosc"], powiat=powiat, street=on_street)
    if unit is None:
        notes.warn("terc_unknown", "teryt_gminy", said)
    if not found.terc:
        notes.warn("gmina_uncertain", "gmina", name)
    elif unit is not None:
        taken = gminy.units[found.terc].name
        notes.warn("terc_of_another", "teryt_gminy", said, said=unit.name, taken=taken)
    return found.terc


def _site(cells: dict[str, str], terc: str, tasks: str, notes: Notes) -> SiteDraft:
    code = re.sub(r"\s", "", cells.get("kod_pocztowy", ""))
    if code and not re.fullmatch(r"\d\d-\d{3}", code):
        notes.warn("post_code_invalid", "kod_pocztowy", cells["kod_pocztowy"])
        code = ""
    place = one_line(cells["miejscowosc"])
    street = _street(cells, place)
    if not Address(street).numbered:
        notes.warn("no_number", "numer_domu", cells.get("numer_domu", ""))
    lat, lon = _coordinates(cells, notes)
    precision = PRECISIONS.get(cells.get("geo_precyzja", "").strip(), "") if lat is not None else ""
    if precision == "gmina":
        notes.info("coordinates_rough", "geo_precyzja", cells["geo_precyzja"])
    hours = cells.get("godziny_pracy", "").strip()
    if tasks:
        notes.warn("tasks_in_hours", "godziny_pracy", one_line(tasks)[:80])
    return SiteDraft(street, code, place, terc, lat, lon, precision, "" if tasks else hours)


def _street(cells: dict[str, str], place: str) -> str:
    """„rynek” + „Rynek 15” is written once; a village's own name is no street."""
    street, number = one_line(cells.get("ulica", "")), one_line(cells.get("numer_domu", ""))
    words = street.split()
    if len(words) > 1 and fold(words[0]) == fold(words[1]):
        street = " ".join(words[1:])
    if fold(street) == fold(place):
        street = ""
    text = f"{street} {number}".strip()
    if fold(text).startswith(f"{fold(place)} ") and re.fullmatch(r"\d+\w?", text[len(place) :].strip()):
        return text[len(place) :].strip()
    return text


def _coordinates(cells: dict[str, str], notes: Notes) -> tuple[float | None, float | None]:
    lat, lon = cells.get("latitude", "").replace(",", "."), cells.get("longitude", "").replace(",", ".")
    if not lat.strip() and not lon.strip():
        return None, None
    try:
        point = float(lat), float(lon)
    except ValueError:
        point = (0.0, 0.0)
    if all(least <= value <= most for value, (least, most) in zip(point, POLAND, strict=True)):
        return point
    notes.warn("coordinates_invalid", "latitude", f"{lat}, {lon}")
    return None, None


def _contacts(cells: dict[str, str], notes: Notes) -> tuple[ContactDraft, ...]:
    return (
        *phones_of(cells["telefon"], notes),
        *mailboxes_of(cells.get("email", ""), notes),
        *website_of(cells.get("www", ""), notes),
    )


def _offers(kind: str, tasks: str, area: tuple[str, ...]) -> tuple[OfferDraft, ...]:
    said = forms.recognise_forms(tasks.replace("','", "\n").strip("'")) if tasks else ("inna",)
    own = [form for form in said if form in {"interwencja", "poradnictwo_ogolne", "mediacja"}]
    found = tuple(dict.fromkeys((*BY_LAW.get(kind, ()), *own))) or ("inna",)
    return tuple(
        OfferDraft(
            form,
            book.label("form", form, "pl").capitalize(),
            area=area,
            sensitive=book.is_sensitive("kind", kind) or book.is_sensitive("form", form),
        )
        for form in found
    )
