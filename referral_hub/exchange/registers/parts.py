"""Parts that rows of different registers share: contacts, places, identity, numbers, dates. Pure."""

import hashlib
import re
from datetime import date

from msgspec import Struct, structs

from referral_hub.exchange.drafts import ContactDraft, RowDraft, SiteDraft
from referral_hub.exchange.problems import ImportProblem, Notes
from referral_hub.exchange.registers.addresses import Address
from referral_hub.exchange.registers.gminy import Gminy, Where, plain
from referral_hub.geography.distance import distance_km
from referral_hub.institutions.mailboxes import read_mailboxes
from referral_hub.institutions.names import fold, one_line
from referral_hub.institutions.phones import pretty, read_phones

ROUND_THE_CLOCK = "całodobowo"
LONGEST_ID, LONGEST_CONTACT = 120, 254
REACH_KM = 10
"""Farther than this from the centre of its gmina a point is taken for a mistake (few gminy reach so far)."""


class Drafts(Struct, frozen=True):
    """What a file became: drafts of the good rows, and every doubt."""

    rows: list[RowDraft]
    problems: list[ImportProblem]


def given_id(cell: str) -> str:
    """The id a register gives, on one line; a hash of one that is too long to be an id; "" for none."""
    text = one_line(cell)
    return text if len(text) <= LONGEST_ID else natural_id(text)


def natural_id(*parts: str) -> str:
    """The identity of a row without an id: a hash of what names it, blind to case and spacing."""
    text = "\x1f".join(fold(one_line(part)) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def whole(text: str, field: str, notes: Notes) -> int | None:
    """A count as given; None when the cell is empty or no whole number (which is noted)."""
    cell = text.strip().replace("\u00a0", "").replace(" ", "")
    if not cell:
        return None
    if re.fullmatch(r"\d{1,7}(?:[.,]0+)?", cell):
        return int(re.split(r"[.,]", cell)[0])
    notes.warn("not_a_number", field, text)
    return None


def day(text: str) -> date | None:
    """An ISO date or „30.06.2026”; None for anything else."""
    cell = text.strip()
    if found := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", cell):
        cell = f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}"
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return None


def phones_of(cell: str, notes: Notes, field: str = "telefon") -> list[ContactDraft]:
    """Every number of a cell; what cannot be one is noted and left out."""
    read = read_phones(cell)
    for piece in read.leftovers:
        notes.warn("phone_incomplete", field, piece)
    found = []
    for phone in read.found:
        if not phone.likely:
            notes.warn("phone_unlikely", field, phone.number)
        label = ", ".join(part for part in (phone.label, ROUND_THE_CLOCK if phone.all_day else "") if part)
        found.append(ContactDraft(phone.kind, pretty(phone.number), phone.extension[:20], label))
    return found


def mailboxes_of(cell: str, notes: Notes, field: str = "email") -> list[ContactDraft]:
    """Every address of a cell that is a business one; others are noted and left out."""
    found = []
    for box in read_mailboxes(cell):
        if box.problem:
            notes.warn(f"email_{box.problem}", field, box.value)
        else:
            found.append(ContactDraft("email", box.value))
    return found


def website_of(cell: str, notes: Notes, field: str = "www") -> list[ContactDraft]:
    """The address of a site with its scheme; what is none is noted and left out."""
    text = one_line(cell).strip(" ,;")
    if not text or fold(text) == "brak":
        return []
    address = re.fullmatch(r"(?:https?://)?(?:[\w-]+\.)+[a-zA-Z]{2,}(?:[/?#][^\s<>\"']*)?", text)
    if address and len(text) <= LONGEST_CONTACT - len("https://"):
        return [ContactDraft("www", text if "://" in text else f"https://{text}")]
    notes.warn("www_invalid", field, cell)
    return []


def village_of(address: Address, powiat: str, gminy: Gminy) -> str:
    """The village of an address „Naprawa 700, 34-240 Jordanów”, where it is one for certain; else ""."""
    if address.village:
        return address.village
    words = re.sub(r"\s*\d.*$", "", address.street).strip(" ,")
    if not words or address.on_street or fold(words) == fold(address.place):
        return ""
    gmina = {code for code in gminy.villages.get(plain(words), set()) if not powiat or code.startswith(powiat)}
    return words if len(gmina) == 1 else ""


def where_is(
    address: Address, village: str, powiat: str, candidates: tuple[str, ...], gminy: Gminy, notes: Notes
) -> Where:
    """The gmina of an address; noted where the town decided, and where nothing does."""
    found = gminy.find(address.place, powiat=powiat, candidates=candidates, village=village, street=address.on_street)
    if not found.terc:
        notes.warn("gmina_uncertain", "gmina_wg_kodu", "|".join(candidates) or address.place)
    elif found.how == "place":
        notes.info("gmina_from_place", "gmina_wg_kodu", "|".join(candidates))
    return found


def area_of(kind: str, name: str, place: str, terc: str, powiat: str, gminy: Gminy) -> tuple[str, ...]:
    """The gminy an institution serves by law, as far as its name and seat tell; () where they do not.

    A „gminny” centre often has its seat in the town of the same name, which is another gmina.
    """
    if kind == "pcpr":
        county = gminy.units.get(powiat)
        return (powiat,) if county is not None and county.kind == "county" else ()
    if kind not in {"ops", "cus", "krpa", "zespol_interdyscyplinarny"} or not terc:
        return ()
    namesakes = [one for one in gminy.named([gminy.units[terc].name]) if one.code[:4] in {powiat, terc[:4]}]
    if len(namesakes) == 1:
        return (terc,)
    first = fold(name).split()[0] if name.strip() else ""
    wanted = {"gminny": "rural", "gminna": "rural", "gminne": "rural", "miejski": "urban", "miejska": "urban"}
    kinds = [one.code for one in namesakes if one.kind == wanted.get(first)]
    return tuple(kinds) if len(kinds) == 1 else ()


def located(site: SiteDraft, gminy: Gminy, notes: Notes) -> SiteDraft:
    """The site with coordinates: its own where they fit its gmina, else of the village, else of the gmina.

    A hidden address is placed in the middle of its gmina, so that no map gives it away.
    """
    centre = gminy.centre("" if site.address_visibility == "staff" else site.place, site.terc)
    if centre is None:
        return site
    if site.lat is not None and site.lon is not None and site.precision != "gmina":
        unit = gminy.units[site.terc]
        away = distance_km(site.lat, site.lon, unit.lat, unit.lon)
        if away <= REACH_KM:
            return site
        notes.warn("coordinates_far", "latitude", f"{site.lat}, {site.lon}", km=round(away))
    return structs.replace(site, lat=centre[0], lon=centre[1], precision=centre[2])
