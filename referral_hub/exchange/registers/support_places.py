"""Places of a row of the voivode's list, and what its institution is known by. Pure."""

import re

from rapidfuzz import fuzz

from referral_hub.exchange.drafts import SiteDraft
from referral_hub.exchange.problems import Notes
from referral_hub.exchange.registers.addresses import Address, read_addresses
from referral_hub.exchange.registers.gminy import Gminy, plain
from referral_hub.exchange.registers.parts import village_of, where_is
from referral_hub.exchange.same import keys_of
from referral_hub.institutions.names import one_line

ONE_SLIP = 88
"""Likeness of two names in percent: one letter too many, too few or wrong in a name of usual length."""


def sites_of(
    cells: dict[str, str], kind: str, name: str, powiat: str, gminy: Gminy, notes: Notes
) -> tuple[tuple[SiteDraft, ...], tuple[str, ...]]:
    """The places of a row, and what its institution is known by."""
    read_cell = read_addresses(cells["adres"], cells["nazwa"])
    _note_doubts(read_cell.doubt, len(read_cell.found), cells, notes)
    sites: list[SiteDraft] = []
    keys: dict[str, None] = {}
    for address in read_cell.found:
        site, found = _site(address, cells, kind, name, powiat, gminy, notes)
        sites.append(site)
        keys.update(dict.fromkeys(found))
    return tuple(sites), tuple(keys)


def _note_doubts(doubt: str, count: int, cells: dict[str, str], notes: Notes) -> None:
    cell = one_line(cells["adres"])
    if not count:
        notes.warn("address_of_another" if doubt == "of_another" else "no_address", "adres", cell)
    elif doubt == "several":
        notes.warn("several_addresses", "adres", cell)
    elif count > 1:
        notes.info("sites_split", "adres", cell, count=count)
    if re.search(r"(?:^|\s)2\.\s*\S", cells["nazwa"]) and re.match(r"\s*1\.", cells["nazwa"]):
        notes.warn("several_names", "nazwa", one_line(cells["nazwa"]))


def _site(
    address: Address, cells: dict[str, str], kind: str, name: str, powiat: str, gminy: Gminy, notes: Notes
) -> tuple[SiteDraft, tuple[str, ...]]:
    candidates = tuple(part for part in cells.get("gmina_wg_kodu", "").split("|") if part.strip())
    if cells.get("kod_pocztowy", "").strip() not in {"", address.post_code}:
        candidates = ()
    place = _spelled(_trimmed(address.place, candidates), candidates, gminy, notes)
    address = Address(address.street, address.post_code, place, address.village)
    village = village_of(address, powiat, gminy)
    where = where_is(address, village, powiat, candidates, gminy, notes)
    _note_gmina(cells, where.terc, gminy, notes)
    if not address.numbered:
        notes.warn("no_number", "adres", one_line(cells["adres"]))
    street = address.street[len(village) :].strip() if address.street.startswith(village) else address.street
    site = SiteDraft(street, address.post_code, village or place, where.terc)
    keys = keys_of(
        kind,
        name,
        post_code=address.post_code,
        place=village or place,
        powiat=where.terc[:4] or powiat,
        street=address.street,
        identifiers={},
    )
    return site, keys


def _trimmed(place: str, candidates: tuple[str, ...]) -> str:
    """„Charsznica Miechów - Charsznica” is Charsznica: words of a merged cell after a known name go."""
    for name in candidates:
        if plain(place).startswith(f"{plain(name)} "):
            return name
    words = place.split()
    half = len(words) // 2
    return " ".join(words[:half]) if half and len(words) % 2 == 0 and words[:half] == words[half:] else place


def _spelled(place: str, candidates: tuple[str, ...], gminy: Gminy, notes: Notes) -> str:
    """„Bochna” beside a post code of Bochnia is Bochnia: a name nobody knows, one slip away from one that fits."""
    if not place or plain(place) in gminy.by_name or plain(place) in gminy.villages:
        return place
    close = [
        name
        for name in candidates
        if plain(name)[:2] == plain(place)[:2] and fuzz.ratio(plain(name), plain(place)) >= ONE_SLIP
    ]
    if len(close) != 1:
        return place
    notes.info("place_corrected", "adres", place, said=place, taken=close[0])
    return close[0]


def _note_gmina(cells: dict[str, str], terc: str, gminy: Gminy, notes: Notes) -> None:
    said = cells.get("gmina", "").strip()
    if said and terc and plain(said) != plain(gminy.units[terc].name):
        notes.info("gmina_corrected", "gmina", said, said=said, taken=gminy.units[terc].name)
