"""When two rows, of one file or of two, speak of the same institution. Pure.

The same: an identifier in common; else the same name, post code and place. A row without a post code is matched
by name, place and powiat. A house that is only named by its kind and town („Dom Pomocy Społecznej w Krakowie”)
is told from its namesakes by its street. What a row is known by are its keys; two rows are the same institution
when a key of one is looked up by the other. Keys do not depend on what came before, so the order of files does
not matter.
"""

import re
from collections.abc import Iterable

from referral_hub.institutions.identifiers import UNIQUE_SCHEMES
from referral_hub.institutions.names import fold, is_distinctive, name_key

HOUSES = {"dps", "schronisko", "sds", "wsparcie_dzienne", "placowka_ow", "szkola", "wtz", "zaz"}
"""Kinds where the house is the institution: two houses of one name are two."""


_TITLES = {
    "ul", "al", "os", "pl", "ulica", "aleja", "plac", "osiedle", "sw", "ks", "bl", "gen", "mjr", "marszalka", "kard",
}  # fmt: skip


def keys_of(
    kind: str,
    name: str,
    *,
    post_code: str,
    place: str,
    powiat: str,
    street: str,
    identifiers: dict[str, str],
) -> tuple[str, ...]:
    """What a row is known by: `id:` an identifier, `n:` name with post code, `p:` and `q:` name with powiat.

    `q:` stands for a row without a post code, `p:` for one that has it. One place and one powiat (TERC, 4
    digits) only: a row with two could bind together two that are apart, and the order of files would matter.
    """
    found = {f"id:{scheme}:{value}": None for scheme, value in identifiers.items() if scheme in UNIQUE_SCHEMES}
    where = fold(place)
    if where:
        core = name_key(name, place)
        if kind in HOUSES and not is_distinctive(name):
            core += f"#{house(street)}"
        if post_code:
            found[f"n:{core}|{post_code}|{where}"] = None
        if powiat:
            found[f"{'p' if post_code else 'q'}:{core}|{where}|{powiat}"] = None
    return tuple(found)


def lookups(keys: Iterable[str]) -> tuple[str, ...]:
    """The keys under which a row with `keys` finds its institution, the surest first."""
    found: dict[str, None] = {}
    for key in keys:
        mark, rest = key.split(":", 1)
        if mark in {"id", "n"}:
            found[key] = None
        elif mark == "p":
            found[f"q:{rest}"] = None
        else:
            found[f"p:{rest}"] = found[f"q:{rest}"] = None
    return tuple(sorted(found, key=lambda key: "inqp".index(key[0])))


def house(street: str) -> str:
    """A street and number for comparison: „ul. Łanowa 41B” is „lanowa 41 b”, „ul. Ks. J. Wyrwy 2” „wyrwy 2”."""
    words = [word for word in re.findall(r"[a-z]+|\d+", fold(street)) if word not in _TITLES]
    return " ".join(
        word
        for place, word in enumerate(words)
        if len(word) > 1 or word.isdigit() or not any(len(one) > 1 and one.isalpha() for one in words[place + 1 :])
    )


def same_address(one: tuple[str, str, str], other: tuple[str, str, str]) -> bool:
    """Whether two (street, post code, place) are one house; a missing post code does not tell them apart.

    One register writes „ul. Stefana Żeromskiego 2”, the next „ul. Żeromskiego 2”: the longer ends as the shorter.
    """
    if len({one[1], other[1]} - {""}) > 1 or fold(one[2]) != fold(other[2]):
        return False
    short, long = sorted((house(one[0]).split(), house(other[0]).split()), key=len)
    if len(short) == len(long) or not short or short[0].isdigit():
        return short == long
    return long[-len(short) :] == short
