"""The words of opening hours: a text becomes days, times and dashes, or nothing if a word is unknown."""

import re

from msgspec import Struct


class Token(Struct, frozen=True):
    """`kind`: day (value 0 = Monday), time (value minutes), dash, and, closed, always, all_week, rest."""

    kind: str
    value: int = 0


_DAYS = (
    r"pon(?:iedzia[łl](?:ek|ku|ki|kowy)|\.)?|pn\.?",
    r"wtor(?:ek|ku|ki)|wt\.?",
    r"[śs]rod[ayęeyi]|[śs]r\.?",
    r"czwart(?:ek|ku|ki)|czw\.?|cz\.?",
    r"pi[ąa]t(?:ek|ku|ki)|pt\.?|pi[ąa]t\.",
    r"sobot[aęyi]|sob\.?|so\.",
    r"niedziel[aęei]|niedz\.?|nd\.?",
)
# What may stand around the hours without changing them: the office itself, or its staff „in office hours”.
_NOISE = (
    r"godzin(?:y|ach|a|ami)?|godz\.?|pracy|od|urz[ęe]dowania|otwarcia|przyj[ęe][ćc]|funkcjonowania"
    r"|czynn[eya]|otwart[eya]|pracuje|w dni|w|we|ka[żz]d[yaeą]|tj\.?|tygodnia"
    r"|o[śs]rod(?:ek|ka)|[mg]{0,2}ops|cus|pcpr|centrum|urz[ęe]du|biura|plac[óo]wk[ai]"
    r"|dzia[łl]alno[śs][ćc]|pracowni(?:k|cy|ka|k[óo]w) socjaln[yaie]+(?:ch)?|pracowni(?:cy|k[óo]w)"
)
_TIME = r"(?P<hour>2[0-4]|[01]?\d)(?:[.:,;](?P<minute>[0-5]\d)(?!\d))?"
_END = r"(?![^\W_])"  # no letter or digit follows

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("always", r"ca[łl]odobow[oyae]|ca[łl][ąa] dob[ęe]|24 ?h|24 ?/ ?7|24 godziny(?: na dob[ęe])?"),
    ("all_week", r"(?:przez )?(?:7|siedem) dni w tygodniu|(?:we )?wszystkie dni tygodnia|ca[łl]y tydzie[ńn]"),
    ("rest", r"(?:w )?(?:pozosta[łl]e|inne) dni"),
    ("working", r"(?:w )?dni robocze|codziennie(?= od pon)"),
    ("closed", r"nieczynn[eya]|zamkni[ęe]t[eya]"),
    *((f"day{number}", pattern) for number, pattern in enumerate(_DAYS)),
    ("noise", _NOISE),
    ("to", r"do"),
    ("and", r"i|oraz|a"),
)
_WORD = re.compile("|".join(f"(?P<{name}>(?:{pattern}){_END})" for name, pattern in _PATTERNS))
_CLOCK = re.compile(_TIME)
_DASH = re.compile(r"[-–—−]+")
_SPACE = re.compile(r"[\s.()]+|:(?=\s|\D|$)")
_COMMA = re.compile(r"[,;]")
# „7 30 – 15 30”: only as a whole, since „7 15” alone may as well be two hours.
_SPACED = re.compile(r"(?<![\d.:,])(\d{1,2}) (00|15|30|45) ?[-–] ?(\d{1,2}) (00|15|30|45)(?![\d.:])")


def tokens(text: str) -> list[Token] | None:
    """The tokens of a whole text; None as soon as something in it is not about days and times."""
    text = _SPACED.sub(r"\1:\2-\3:\4", text.lower().replace("\xa0", " ").strip())
    found: list[Token] = []
    place = 0
    while place < len(text):
        if blank := _SPACE.match(text, place):
            place = blank.end()
            continue
        step = _next(text, place)
        if step is None:
            return None
        new, place = step
        found.extend(new)
    return _without_doubles(found)


def _next(text: str, place: int) -> tuple[list[Token], int] | None:
    if dash := _DASH.match(text, place):
        return [Token("dash")], dash.end()
    if comma := _COMMA.match(text, place):
        return [Token("and")], comma.end()
    if word := _WORD.match(text, place):
        return _of_word(word.lastgroup or ""), word.end()
    if clock := _CLOCK.match(text, place):
        after = text[clock.end() : clock.end() + 1]
        minutes = int(clock["hour"]) * 60 + int(clock["minute"] or 0)
        # „7.30d” or „12a” is no time, „15.30.” at the end of a sentence is.
        return None if after.isalnum() else ([Token("time", minutes)], clock.end())
    return None


def _of_word(name: str) -> list[Token]:
    if name.startswith("day"):
        return [Token("day", int(name[3:]))]
    match name:
        case "working":
            return [Token("working")]
        case "noise":
            return []
        case "to":
            return [Token("dash")]
        case _:
            return [Token(name)]


def _without_doubles(found: list[Token]) -> list[Token]:
    """„od 7:30- do 15:30” says the dash twice, „pt.: - 7.30” begins with one that joins nothing."""
    kept: list[Token] = []
    for number, token in enumerate(found):
        following = found[number + 1] if number + 1 < len(found) else None
        if token.kind == "dash" and (following is None or following.kind == "dash" or not kept):
            continue
        if token.kind == "dash" and following is not None and _separates(kept[-1], following):
            continue
        if token.kind == "and" and not kept:
            continue
        kept.append(token)
    return _working_days(kept)


def _separates(before: Token, after: Token) -> bool:
    """Whether a dash between the two only sets them apart: „poniedziałek – 7.30”, „15.30 – wtorek”."""
    return before.kind != after.kind or before.kind not in {"day", "time"}


def _working_days(found: list[Token]) -> list[Token]:
    """„dni robocze” are Monday to Friday, unless the days are then named („codziennie od pon. do pt.”)."""
    out: list[Token] = []
    for number, token in enumerate(found):
        if token.kind != "working":
            out.append(token)
        elif not any(one.kind == "day" for one in found[number + 1 : number + 3]):
            out.extend((Token("day", 0), Token("dash"), Token("day", 4)))
    return out
