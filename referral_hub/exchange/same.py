"""When two rows, of one file or of two, speak of the same institution. Pure.

The same: an identifier in common; else the same name, post code and place. A row without a post code is matched
by name, place and powiat. A house that is only named by its kind and town („Dom Pomocy Społecznej w Krakowie”)
is told from its namesakes by its street. What a row is known by are its keys; two rows are the same institution
when a key of one is looked up by the other. Keys do not depend on what came before, so the order of files does
not matter.
"""

from collections.abc import Iterable

from referral_hub.institutions.addresses import house as house
from referral_hub.institutions.addresses import same_address as same_address
from referral_hub.institutions.identifiers import UNIQUE_SCHEMES
from referral_hub.institutions.names import fold, is_distinctive, name_key

HOUSES = {"dps", "schronisko", "sds", "wsparcie_dzienne", "placowka_ow", "szkola", "wtz", "zaz"}
"""Kinds where the house is the institution: two houses of one name are two."""


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
