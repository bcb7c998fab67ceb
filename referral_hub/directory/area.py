"""The area an offer serves, as people type it („Tarnów, powiat tarnowski”), to TERC prefixes and back. Pure."""

import re
from functools import cache

from referral_hub.geography.units import Unit, unit, units

_EVERYWHERE = ("cała polska", "cały kraj", "polska", "ogólnopolska", "whole country", "вся польща")
_COUNTY = re.compile(r"^(?:powiat|pow\.?)\s+")
_VOIVODESHIP = re.compile(r"^(?:województwo|woj\.?)\s+")
_GMINA = re.compile(r"^(?:gmina|gm\.?|miasto|m\.)\s+")
_PARTS = re.compile(r"[,;\n]+")
_CODE = re.compile(r"^\d{2}(?:\d{2}){0,2}$")


@cache
def _by_name() -> dict[str, tuple[Unit, ...]]:
    found: dict[str, list[Unit]] = {}
    for one in units().values():
        found.setdefault(one.name.casefold(), []).append(one)
    return {name: tuple(listed) for name, listed in found.items()}


def read_area(text: str, home: str = "") -> tuple[list[str], list[str]]:
    """(codes, what was not understood or could be several places). An empty text, or the whole country, is no code.

    `home` is the TERC of the institution: of places with one name the one nearest by code is meant.
    """
    codes: list[str] = []
    unclear: list[str] = []
    for part in _PARTS.split(text):
        words = " ".join(part.split())
        if not words or words.casefold() in _EVERYWHERE:
            continue
        code = _code(words.casefold(), home)
        if code is None:
            unclear.append(words)
        elif code not in codes:
            codes.append(code)
    return codes, unclear


def _code(words: str, home: str) -> str | None:
    if _CODE.match(words):
        return words if unit(words) else None
    for pattern, levels in ((_COUNTY, (2,)), (_VOIVODESHIP, (1,)), (_GMINA, (3,))):
        if pattern.match(words):
            return _nearest(pattern.sub("", words), levels, home)
    # A bare adjective is a county or voivodeship, a bare noun a gmina: names do not meet across the levels.
    return _nearest(words, (3, 2, 1), home)


def _nearest(name: str, levels: tuple[int, ...], home: str) -> str | None:
    known = [one for one in _by_name().get(name, ()) if one.level in levels]
    # A town with county rights is both a county and its own gmina: the gmina is meant by its name.
    codes = {one.code for one in known if not any(other.code.startswith(one.code) and other != one for other in known)}
    if len(codes) > 1:
        near = {code for code in codes if home and code[:4] == home[:4]} or {
            code for code in codes if home and code[:2] == home[:2]
        }
        codes = near or codes
    if len({code[:2] for code in codes}) == 1 and len(codes) > 1:
        # „Tarnów” is the town, not the rural gmina around it.
        codes = {one.code for one in known if one.code in codes and one.kind != "rural"} or codes
    return codes.pop() if len(codes) == 1 else None


def area_text(codes: list[str]) -> str:
    """Codes as people read them, to be typed back."""
    return ", ".join(_named(code) for code in codes)


def _named(code: str) -> str:
    found = unit(code)
    if found is None:
        return code
    if len(_by_name()[found.name.casefold()]) > 1 and found.level == 3:
        return code if _nearest(found.name.casefold(), (3,), code) != code else found.name
    return {1: "województwo ", 2: "powiat "}.get(found.level, "") + found.name
