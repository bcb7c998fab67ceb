"""Answers about accessibility as institutions give them: yes, no, planned, or partly and unknown. Pure."""

import re

from referral_hub.institutions.names import fold, one_line

YES, NO, PLANNED, UNKNOWN = "yes", "no", "planned", "unknown"

_PLANNED = re.compile(r"\bplanowan|\bplanuj|w trakcie|w przygotowaniu|zamierza")
_SILENT = re.compile(r"^\W*(?:brak (?:informacji|danych)|nie dotyczy|nie wiadomo|b/d|bd)?\W*$")
_PARTLY = re.compile(
    r"czesciow|z wyjatkiem|\btylko\b|\bjednak|\bale\b|po (?:wczesniejszym|uprzednim)|brak windy|bariery arch"
    r"|ograniczen|naciskiem|w razie potrzeby|c\.d\."
)
_WITH_A_BUT = re.compile(r"czesciow|jednak|naciskiem")
_FOR_SOME = re.compile(r"niepelnosprawnosci\w* (?:ruchow|fizyczn)|narzadu ruchu")
_GOOD = re.compile(r"(?<!nie )(?<!nie jest )(?:dostepn|dostosowan|przystosowan)\w*|brak barier|bez barier")
_BAD = re.compile(r"nie jest|nie ma udogodn|nie posiada|brak udogodn|wystepuja (?:ogranicz|barier)|bariery arch")

FEATURES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("induction_loop", re.compile(r"petl\w* (?:indu|indy)|wspomagajac\w* slyszenie|wzmocnion\w* przekaz")),
    ("sign_language", re.compile(r"migow|\bpjm\b|polski\w* zwiazk\w* gluchych")),
    ("braille", re.compile(r"brai?[jly]l|tyflograf|brail")),
    ("lift", re.compile(r"\bwind[aey]?\b|\bwinda|\bdzwig|platform\w* (?:przysch|dla osob)|podnosnik")),
    ("ramp", re.compile(r"\bpodjazd|bez prog|brak prog")),
    ("adapted_toilet", re.compile(r"toalet\w* (?:przystos|dostos)|\bwc\b[^,.;]{0,12}dostosow|dostosowan\w* toalet")),
    ("easy_to_read", re.compile(r"latw\w* do czytania|\betr\b")),
    ("assistance_dog", re.compile(r"ps\w* (?:asystuj|przewodn)")),
)


def read_answer(text: str) -> dict[str, str]:
    """{"answer", "text"} of the question „is the place accessible to people with disabilities”."""
    plain = fold(one_line(text))
    kept = one_line(text)
    if _SILENT.search(plain):
        return {"answer": UNKNOWN, "text": kept}
    if _PLANNED.search(plain):
        return {"answer": PLANNED, "text": kept}
    words = set(re.findall(r"[a-z]+", plain))
    if words == {"tak"} or words == {"nie"}:
        return {"answer": YES if "tak" in words else NO, "text": ""}
    return {"answer": _longer(plain), "text": kept}


def _longer(plain: str) -> str:
    """An answer in a sentence: with a condition it is neither yes nor no."""
    starts = re.match(r"\W*(tak|nie)\b(?! jest| ma| posiada)", plain)
    if starts is None:
        if _BAD.search(plain) and not _GOOD.search(plain) and not _WITH_A_BUT.search(plain):
            return NO
        good = _GOOD.search(plain) and not _BAD.search(plain) and not _PARTLY.search(plain)
        return YES if good and not _FOR_SOME.search(plain) else UNKNOWN
    rest = plain[starts.end() :]
    if _PARTLY.search(rest) or _FOR_SOME.search(rest) or starts.group(1) == "nie" or re.search(r"\bnie\b", rest):
        return UNKNOWN
    return YES


def read_features(text: str) -> dict[str, dict[str, str]]:
    """Single features a text names: there, planned, or not there; a feature not named is not in the answer."""
    found: dict[str, dict[str, str]] = {}
    for clause in re.split(r"[,;.\n•]|\s-\s|\s(?=natomiast|ale\b|planowan)", text):
        plain = fold(one_line(clause))
        for feature, pattern in FEATURES:
            if pattern.search(plain):
                found.setdefault(feature, {"answer": _state(plain), "text": one_line(clause).strip("- ")})
    return found


def _state(plain: str) -> str:
    if _PLANNED.search(plain):
        return PLANNED
    return NO if re.search(r"\bbrak\b(?! prog)|\bnie (?:ma|posiada|obslug)|\bbez (?:wind|podjazd|petl)", plain) else YES


def site_accessibility(answer: str, communication: str) -> dict[str, dict[str, str]]:
    """The map kept with a site: `overall`, features, and `communication` as a text."""
    found = {"overall": read_answer(answer), **read_features(f"{answer}\n{communication}")}
    if not _SILENT.search(fold(one_line(communication))):
        found["communication"] = {"answer": UNKNOWN, "text": one_line(communication)}
    return found
