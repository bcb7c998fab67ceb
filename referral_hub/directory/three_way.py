"""Two editors at once lose nothing: what I changed and what somebody else changed meanwhile, put together. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct


class Clash(Struct, frozen=True):
    """Both changed the field, differently: `base` is what both started from."""

    base: Any
    theirs: Any
    mine: Any


class Merged(Struct, frozen=True):
    """`values`: each field of mine as it may be saved (theirs, where only they changed it; mine where it clashes).

    `kept`: fields where their change stands. `clashes`: fields somebody has to choose in.
    """

    values: dict[str, Any]
    kept: list[str]
    clashes: dict[str, Clash]


def three_way(base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]) -> Merged:
    """Merge field by field: one side's change stands, the same change twice is one, two changes clash.

    Lists are sets of codes: what either side added is there, what either side took out is gone; they never clash. A
    field missing from `base` was not known to be anything: where mine and theirs differ, it clashes.
    """
    values: dict[str, Any] = {}
    kept: list[str] = []
    clashes: dict[str, Clash] = {}
    for field, wish in mine.items():
        now = theirs.get(field)
        if field not in base:
            values[field] = wish
            if wish != now:
                clashes[field] = Clash(None, now, wish)
            continue
        start = base[field]
        if isinstance(start, list | tuple) and isinstance(now, list | tuple) and isinstance(wish, list | tuple):
            values[field] = _codes(start, now, wish)
            if set(now) != set(start) and set(now) != set(wish):
                kept.append(field)
        elif wish in (start, now):
            values[field] = now
            if now not in (start, wish):
                kept.append(field)
        elif now == start:
            values[field] = wish
        else:
            values[field] = wish
            clashes[field] = Clash(start, now, wish)
    return Merged(values, kept, clashes)


def _codes(base: Sequence[Any], theirs: Sequence[Any], mine: Sequence[Any]) -> list[Any]:
    """Mine, without what they took out, with what they added; my order where it is mine alone."""
    if set(theirs) == set(base):
        return list(mine)
    if set(mine) == set(base):
        return list(theirs)
    taken_out = set(base) - set(theirs)
    added = [code for code in theirs if code not in base and code not in mine]
    return [code for code in mine if code not in taken_out] + added


def settle(
    merged: Merged, chosen: Mapping[str, str], shown: Mapping[str, Any], theirs: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Clash]]:
    """(values to save, clashes that are left) once somebody chose `mine` or `theirs` in a field.

    A choice counts only for what was `shown`: if theirs has moved again since, it is asked again.
    """
    values, left = dict(merged.values), dict[str, Clash]()
    for field, clash in merged.clashes.items():
        choice = chosen.get(field)
        if choice not in ("mine", "theirs") or field not in shown or shown[field] != theirs.get(field):
            left[field] = clash
        elif choice == "theirs":
            values[field] = clash.theirs
    return values, left
