"""Monthly tables of free places in residential homes (DPS): a row per home, kind of residents and day.

Columns: wojewodztwo, stan_na, plik, powiat, dom, typ, miejsca, skierowanych, umieszczonych, przyjetych, wolne,
wolne_k, wolne_m, oczekujacych, czas_oczekiwania_dni. `dom` is „name, address” in one text. Numbers are kept as
given: homes are over capacity, vacancies stand beside a queue, women and men do not always add up. Pure.
"""

import re
from collections import defaultdict
from datetime import date

from msgspec import structs

from referral_hub.exchange.drafts import InstitutionDraft, OfferDraft, ReadingDraft, RowDraft, SiteDraft
from referral_hub.exchange.problems import Notes
from referral_hub.exchange.reading import Record, Sheet
from referral_hub.exchange.registers.addresses import Address, read_addresses
from referral_hub.exchange.registers.gminy import Gminy
from referral_hub.exchange.registers.parts import Drafts, day, located, natural_id, village_of, where_is, whole
from referral_hub.exchange.same import house, keys_of
from referral_hub.institutions.names import clean_name, fold, is_distinctive, one_line
from referral_hub.vocabularies import book

KIND = "capacity"
COLUMNS = ("stan_na", "powiat", "dom", "typ", "miejsca", "wolne")
FORM = "pobyt_calodobowy"

TYPES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "dla osob przewlekle somatycznie chorych": ("osoby przewlekle somatycznie chore", (), ()),
    "dla osob przewlekle psychicznie chorych": (
        "osoby przewlekle chore psychicznie",
        ("zaburzenia_psychiczne",),
        ("zdrowie_psychiczne",),
    ),
    "dla osob w podeszlym wieku": ("osoby w podeszłym wieku", (), ()),
    "dla doroslych niepelnosprawnych intelektualnie": (
        "dorośli z niepełnosprawnością intelektualną",
        ("niepeln_intelektualna",),
        ("niepelnosprawnosc",),
    ),
    "dla dzieci i mlodziezy niepelnosprawnych intelektualnie": (
        "dzieci i młodzież z niepełnosprawnością intelektualną",
        ("niepeln_intelektualna",),
        ("niepelnosprawnosc",),
    ),
    "dla osob niepelnosprawnych fizycznie": (
        "osoby z niepełnosprawnością fizyczną",
        ("niepelnosprawne",),
        ("niepelnosprawnosc",),
    ),
    "dla osob uzaleznionych od alkoholu": ("osoby uzależnione od alkoholu", ("uzal_alkohol",), ("uzaleznienie",)),
}
"""Kind of home by law → its modern words, audiences, needs."""
_RUN_BY = re.compile(r"^(?:Miasto i Gmina|Miasto|Gmina|Powiat)\s+[^\W\d]\S*(?:\s[^\W\d]\S*)?\s+(?=Dom\b)")
_STREET_START = re.compile(r"\s+(?=(?:ul|al|os|pl)\.\s)")


def read(sheet: Sheet, gminy: Gminy, today: date) -> Drafts:
    """Drafts of every row, each with one reading; a row without a home or a day is rejected."""
    rows: list[RowDraft] = []
    problems = list(sheet.problems)
    seen: dict[str, int] = {}
    for record in sheet.records:
        notes = Notes(record.line)
        row = _row(record, gminy, notes, today)
        if row is not None and row.id in seen:
            notes.error("same_row", "dom", one_line(record.cells["dom"]), line=seen[row.id])
        if row is not None and not notes.rejected:
            seen.setdefault(row.id, record.line)
            rows.append(row)
        problems += notes.problems
    return Drafts(_told_apart(rows), problems)


def _row(record: Record, gminy: Gminy, notes: Notes, today: date) -> RowDraft | None:
    cells = record.cells
    name, address = split_home(cells["dom"])
    as_of = day(cells["stan_na"])
    if as_of is None:
        notes.error("not_a_date", "stan_na", cells["stan_na"])
    elif as_of > today:
        notes.error("date_in_future", "stan_na", cells["stan_na"])
    if not name:
        notes.error("empty_row", "dom")
    if as_of is None or not name:
        return None
    reading = _reading(cells, as_of, notes)
    powiat = gminy.powiat(cells["powiat"])
    institution, sites = _home(name, address, powiat, gminy, notes)
    return RowDraft(
        record.line,
        natural_id(as_of.isoformat(), cells["dom"], cells["typ"]),
        institution,
        sites,
        (),
        (_offer(cells["typ"], notes),),
        reading,
        one_line(f"{cells['dom']}\n{cells['typ']}"),
        as_of,
    )


def split_home(cell: str) -> tuple[str, Address | None]:
    """Name and address of „Dom Pomocy Społecznej w Czernej, Czerna 110, 32-065 Krzeszowice”."""
    text = one_line(cell)
    found = read_addresses(text, re.split(r",", text)[0]).found
    address = found[0] if found else None
    parts = [part.strip() for part in _STREET_START.sub(", ", text).split(",")]
    while len(parts) > 1 and (not parts[-1] or _is_address(parts[-1], address)):
        parts.pop()
    name = re.sub(r"\s+\d+\s?\w?$", "", ", ".join(parts)) if address else ", ".join(parts)
    return clean_name(_RUN_BY.sub("", name))[0], address


def _is_address(part: str, address: Address | None) -> bool:
    """Whether a part between commas belongs to the address: a post code, a street, a number, the place."""
    if address is None:
        return False
    places = {fold(address.place), fold(address.village)}
    return bool(
        re.search(r"\d\d\s?-\s?\d{3}", part)
        or re.match(r"(?:ul|al|os|pl)\.", part)
        or re.search(r"\d\s?[a-zA-Z]?$", part)
        or fold(part) in places
    )


def _home(
    name: str, address: Address | None, powiat: str, gminy: Gminy, notes: Notes
) -> tuple[InstitutionDraft, tuple[SiteDraft, ...]]:
    if address is None:
        notes.warn("no_address", "dom", name)
        return InstitutionDraft("dps", name), ()
    village = village_of(address, powiat, gminy)
    terc = where_is(address, village, powiat, (), gminy, notes).terc
    street = address.street[len(village) :].strip() if address.street.startswith(village) else address.street
    site = located(SiteDraft(street, address.post_code, village or address.place, terc), gminy, notes)
    keys = keys_of(
        "dps",
        name,
        post_code=address.post_code,
        place=village or address.place,
        powiat=terc[:4] or powiat,
        street=address.street,
        identifiers={},
    )
    return InstitutionDraft("dps", name, terc, {}, keys), (site,)


def _offer(type_: str, notes: Notes) -> OfferDraft:
    plain = fold(one_line(type_))
    words, audiences, needs = TYPES.get(plain, (one_line(type_) or "wszyscy", (), ()))
    if plain not in TYPES:
        notes.warn("unknown_value", "typ", type_, taken=words)
    eligibility: dict[str, object] = {"note": words.capitalize()}
    if words.startswith("dorośli"):
        eligibility["age_from"] = 18
    return OfferDraft(
        FORM,
        f"Dom pomocy społecznej: {words}",
        key=plain,
        needs=("opieka_bliski", *needs),
        audiences=audiences,
        eligibility=eligibility,
        sensitive=any(book.is_sensitive("need", need) for need in needs),
    )


def _reading(cells: dict[str, str], as_of: date, notes: Notes) -> ReadingDraft:
    def count(column: str) -> int | None:
        return whole(cells.get(column, ""), column, notes)

    reading = ReadingDraft(
        as_of,
        free=count("wolne"),
        maximum=count("miejsca"),
        referred=count("skierowanych"),
        allocated=count("umieszczonych"),
        arrived=count("przyjetych"),
        waiting=count("oczekujacych"),
        waiting_days=count("czas_oczekiwania_dni"),
        free_women=count("wolne_k"),
        free_men=count("wolne_m"),
    )
    women, men, total = reading.free_women, reading.free_men, reading.free
    if None not in (women, men, total) and (women or 0) + (men or 0) != total:
        notes.warn("women_men_total", "wolne", total, women=women or 0, men=men or 0, total=total or 0)
    if reading.allocated is not None and reading.maximum is not None and reading.allocated > reading.maximum:
        notes.warn(
            "over_capacity", "umieszczonych", reading.allocated, allocated=reading.allocated, maximum=reading.maximum
        )
    return reading


def _told_apart(rows: list[RowDraft]) -> list[RowDraft]:
    """Homes that share a plain name („Dom Pomocy Społecznej w Krakowie”) get their street into it."""
    streets: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.sites and not is_distinctive(row.institution.name):
            streets[row.institution.name].add(house(row.sites[0].street))

    def renamed(row: RowDraft) -> RowDraft:
        name = row.institution.name
        if len(streets.get(name, ())) < 2:
            return row
        institution = structs.replace(row.institution, name=f"{name}, {row.sites[0].street}")
        return structs.replace(row, institution=institution)

    return [renamed(row) for row in rows]
