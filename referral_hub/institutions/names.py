"""Names of institutions: cleaned as they stand in registers, and a key that two spellings share. Pure."""

import re
import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans({"ł": "l", "Ł": "L"})

ABBREVIATIONS = {
    "gops": "gminny osrodek pomocy spolecznej",
    "mops": "miejski osrodek pomocy spolecznej",
    "mgops": "miejsko gminny osrodek pomocy spolecznej",
    "ops": "osrodek pomocy spolecznej",
    "mopr": "miejski osrodek pomocy rodzinie",
    "pcpr": "powiatowe centrum pomocy rodzinie",
    "cus": "centrum uslug spolecznych",
    "dps": "dom pomocy spolecznej",
    "oik": "osrodek interwencji kryzysowej",
    "pik": "punkt interwencji kryzysowej",
    "gkrpa": "gminna komisja rozwiazywania problemow alkoholowych",
    "mkrpa": "miejska komisja rozwiazywania problemow alkoholowych",
    "cis": "centrum integracji spolecznej",
    "kis": "klub integracji spolecznej",
    "pup": "powiatowy urzad pracy",
    "ppp": "poradnia psychologiczno pedagogiczna",
    "sds": "srodowiskowy dom samopomocy",
    "wtz": "warsztat terapii zajeciowej",
    "zaz": "zaklad aktywnosci zawodowej",
}
_PREPOSITIONS = {"w", "we"}
_PHONE_AT_END = re.compile(r"[\s,;]+(?:tel\.?\s*)?(?:\d[\s-]?){8}\d\s*$", re.IGNORECASE)


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """Lower case without diacritics."""
    bare = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def one_line(text: str) -> str:
    """A cell on one line: line breaks and runs of blanks become one space."""
    return " ".join(text.replace("\u00a0", " ").split())


def clean_name(text: str) -> tuple[str, str]:
    """The name without bullets, a final full stop, the seat's address or a phone number; that number or ""."""
    name = one_line(text).replace("''", '"').replace("„", '"').replace("”", '"')
    name = re.sub(r"^[-–•]\s*", "", name)
    name = re.sub(r"\s+[-–]\s+siedziba\b.*\d\d-\d{3}.*$", "", name, flags=re.IGNORECASE)
    phone = ""
    if found := _PHONE_AT_END.search(name):
        name, phone = name[: found.start()], found.group().strip(" ,;")
    name = name.rstrip(" ,;")
    if name.endswith(".") and not re.search(r"\b\w{1,4}\.$", name):
        name = name[:-1]
    if name.count('"') % 2:
        name = name + '"' if name[-1:] != '"' else name[:-1]
    return name.strip(), phone


def name_key(name: str, place: str = "") -> str:
    """Two spellings of one name share this key: no diacritics, no punctuation, abbreviations in full.

    A closing „w Bochni”, or a bare „Bochnia”, goes when `place` is that place: one register writes it, another
    does not. Case endings differ, so words of a place are compared by their first letters.
    """
    words = re.findall(r"[a-z0-9]+", re.sub(r"\(pow[^)]*\)", " ", fold(name)))
    full = " ".join(ABBREVIATIONS.get(word, word) for word in words).split()
    return " ".join(_without_place(full, re.findall(r"[a-z0-9]+", fold(place))))


def names_place(words: list[str], place: list[str]) -> bool:
    """Whether folded `words` are the folded place name in any case („nowym saczu” for „nowy sacz”)."""
    if not place or len(words) != len(place):
        return False
    return all(one[: _stem(other)] == other[: _stem(other)] for one, other in zip(words, place, strict=True))


def _stem(word: str) -> int:
    """How many first letters of a place name survive inflection (Dębno–Dębnie, Ropa–Ropie, Sącz–Sączu)."""
    return max(3, len(word) - 3)


def _without_place(words: list[str], place: list[str]) -> list[str]:
    size = len(place)
    if len(words) > size + 1 and names_place(words[-size:], place):
        rest = words[:-size]
        return rest[:-1] if rest[-1] in _PREPOSITIONS else rest
    return words


def is_distinctive(name: str) -> bool:
    """Whether a name says more than kind and place: a patron („im. …”) or a name in quotes."""
    return bool(re.search(r"\bim\.|\"[^\"]{3,}\"|\bpw\.", clean_name(name)[0]))
