"""The parameters of a search read from an address, every problem named. Pure."""

from collections.abc import Iterable
from typing import Final

from referral_hub.directory.read_model_search import SORTS, Asked
from referral_hub.errors import Problem
from referral_hub.vocabularies import book

LONGEST: Final = 300
PER_PAGE, MOST_PER_PAGE, LAST_PAGE = 20, 100, 100_000
_CODES: Final = {"need": "need", "form": "form", "audience": "audience", "kind": "kind"}
LANGUAGES: Final = ("pl", "uk", "en")


def read_asked(pairs: Iterable[tuple[str, str]]) -> tuple[Asked, list[Problem]]:
    """What can be taken, and a Problem for each value that cannot; parameters of others are not ours to
    judge."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        text = " ".join(value.replace("\0", " ").split())
        if text and text not in values.setdefault(name, []):
            values[name].append(text)
    problems: list[Problem] = []
    codes = {name: _codes(name, values.get(name, []), problems) for name in _CODES}
    asked = Asked(
        q=_text("q", values, problems),
        needs=codes["need"],
        places=tuple(_short(text, "place", problems) for text in values.get("place", [])[:40]),
        forms=codes["form"],
        audiences=codes["audience"],
        kinds=codes["kind"],
        languages=tuple(text for text in values.get("language", []) if len(text) <= 8),
        free=_one("free", values, ("1", "0"), problems) == "1",
        sort=_one("sort", values, SORTS, problems),
        page=_whole("page", values, 1, LAST_PAGE, 1, problems),
        per_page=_whole("per_page", values, 1, MOST_PER_PAGE, PER_PAGE, problems),
    )
    _one("lang", values, LANGUAGES, problems)
    return asked, problems


def _codes(name: str, given: Iterable[str], problems: list[Problem]) -> tuple[str, ...]:
    known = []
    for code in given:
        if book.word(_CODES[name], code) is None:
            problems.append(Problem(name, "not_a_choice"))
        else:
            known.append(code)
    return tuple(known)


def _text(name: str, values: dict[str, list[str]], problems: list[Problem]) -> str:
    return _short(" ".join(values.get(name, [])), name, problems)


def _short(text: str, name: str, problems: list[Problem]) -> str:
    if len(text) > LONGEST:
        problems.append(Problem(name, "too_long", {"most": LONGEST, "length": len(text)}))
    return text[:LONGEST]


def _one(name: str, values: dict[str, list[str]], known: tuple[str, ...], problems: list[Problem]) -> str:
    given = values.get(name, [""])[-1]
    if given and given not in known:
        problems.append(Problem(name, "not_a_choice"))
        return ""
    return given


def _whole(
    name: str, values: dict[str, list[str]], least: int, most: int, default: int, problems: list[Problem]
) -> int:
    given = values.get(name, [""])[-1]
    if not given:
        return default
    if not (given.isascii() and given.isdigit() and len(given) < 12):
        problems.append(Problem(name, "not_a_number"))
        return default
    if not least <= int(given) <= most:
        problems.append(Problem(name, "out_of_range", {"least": least, "most": most}))
        return min(max(int(given), least), most)
    return int(given)
