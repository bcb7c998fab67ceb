"""Polish words brought to their dictionary forms, so that any form finds any other. Pure.

Every lemma a word may have is used: a word is ambiguous on its own, and a search that guesses one reading
misses. Where morfeusz2 has no wheel, the snowball stemmer stands in: it finds less, and nothing else changes.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

_WORD = re.compile(r"[^\W_]+")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_LETTERS = str.maketrans({"ł": "l", "Ł": "L", "ß": "ss", "ø": "o", "đ": "d"})
_ORDER = {letter: i for i, letter in enumerate(" 0123456789aąbcćdeęfghijklłmnńoópqrsśtuvwxyzźż", 1)}
_PEOPLE = {"nazwisko", "imię", "patronimicum"}
_PROPER = _PEOPLE | {"nazwa_geograficzna", "człon_nazwy_geograficznej", "nazwa_własna"}


def fold(text: str) -> str:
    """Lower case without diacritics: „Żłobek” becomes "zlobek"."""
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def words(text: str) -> list[str]:
    """The words of a text in lower case; hyphens part words, „A.A.” is one word."""
    joined = _DOTTED.sub(lambda found: found.group().replace(".", "") + " ", unicodedata.normalize("NFC", text))
    return _WORD.findall(joined.lower())


def sort_key(text: str) -> str:
    """A string that sorts as a Polish dictionary does in plain code point order: a, ą, b, … z, ź, ż."""
    letters = unicodedata.normalize("NFC", text).lower()
    known = (_ORDER.get(letter) or _ORDER.get(fold(letter)[:1]) for letter in " ".join(words(letters)))
    return "".join(chr(0x30 + place) for place in known if place)


@cache
def _analyser() -> Any:
    """The dictionary, or None where the platform has no wheel of it."""
    try:
        import morfeusz2
    except ImportError:
        return None
    return morfeusz2.Morfeusz(generate=True, case_handling=morfeusz2.IGNORE_CASE)


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("polish")


def has_dictionary() -> bool:
    """Whether the full dictionary is at hand, not only the stemmer."""
    return _analyser() is not None


def _bare(lemma: str) -> str:
    """Morfeusz numbers homonyms: „bezdomny:S”, „psycholog:Sm1”."""
    return lemma.split(":", 1)[0].lower()


@lru_cache(maxsize=100_000)
def readings(word: str) -> tuple[str, ...]:
    """Every lemma the dictionary gives a lower-case word; empty when it does not know the word.

    Readings as a person's name count only where there is no other: this directory names no people.
    """
    analyser = _analyser()
    if analyser is None:
        return ()
    found = [reading for _, _, reading in analyser.analyse(word)]
    known = [reading for reading in found if reading[2] != "ign"]
    if len(known) < len(found):
        return ()
    other = [reading for reading in known if not _labelled(reading[3], _PEOPLE)]
    return tuple(dict.fromkeys(_bare(reading[1]) for reading in other or known))


def _labelled(labels: Iterable[str], only: set[str]) -> bool:
    found = set(labels)
    return bool(found) and found <= only


@lru_cache(maxsize=20_000)
def is_common_word(word: str) -> bool:
    """Whether the dictionary knows a lower-case word as more than the name of a place or a person."""
    analyser = _analyser()
    found = [reading for _, _, reading in analyser.analyse(word)] if analyser is not None else []
    return any(reading[2] != "ign" and not _labelled(reading[3], _PROPER) for reading in found)


@lru_cache(maxsize=100_000)
def lemmas(word: str) -> tuple[str, ...]:
    """What a lower-case word is filed under: its dictionary forms, else itself (or its stem, without
    dictionary)."""
    if _analyser() is None:
        return (str(_stemmer().stemWord(word)),)
    return readings(word) or (word,)


def forms(lemma: str) -> set[str]:
    """Every inflected form of a lemma, lower case; just itself where the dictionary does not know it."""
    analyser = _analyser()
    if analyser is None:
        return {lemma}
    found = analyser.generate(lemma) or analyser.generate(lemma.capitalize())  # names are capital there
    return {lemma.lower()} | {form[0].lower() for form in found}
