"""What people type and what it means here: abbreviations, colloquial and old words, read from editable
lines. Pure."""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

from msgspec import Struct

from referral_hub.search.polish import fold, lemmas, words

FACETS = ("form", "need", "audience", "kind")


class Meaning(Struct, frozen=True):
    """One thing a phrase may mean: a code (`facet:code`), or words that must all be there."""

    code: str | None = None
    words: tuple[str, ...] = ()


class Entry(Struct, frozen=True):
    """A phrase: for each word the folded lemmas it is known by, the words as written, and what they mean."""

    pattern: tuple[frozenset[str], ...]
    written: tuple[str, ...]
    meanings: tuple[Meaning, ...]


class Synonyms(Struct, frozen=True):
    """The lines, ready for use. Phrases are keyed by the folded lemmas of their first word."""

    phrases: dict[str, list[Entry]]
    families: dict[str, frozenset[str]]
    weak: frozenset[str]
    silent: frozenset[str]

    def starting(self, keys: Iterable[str]) -> Iterator[Entry]:
        """Every phrase whose first word may have one of these folded lemmas."""
        for key in keys:
            yield from self.phrases.get(key, ())

    def vocabulary(self) -> frozenset[str]:
        """Every lemma the lines name, so that they are found without diacritics and with slips as well."""
        named = {word for entries in self.phrases.values() for entry in entries for word in entry.written}
        of_families = {word for family in self.families.values() for word in family}
        return frozenset({lemma for word in named for lemma in lemmas(word)} | of_families)


class BadSynonym(ValueError):
    """A line that cannot be read; the message names what is missing."""


def word_keys(word: str) -> frozenset[str]:
    """The folded lemmas of a word, and the folded word itself: what two spellings of it share."""
    return frozenset(fold(lemma) for lemma in lemmas(word)) | {fold(word)}


def read_synonyms(lines: Iterable[str]) -> Synonyms:
    """Lines in the format that `data/synonyms.txt` explains. Raises BadSynonym."""
    made = Synonyms({}, {}, frozenset(), frozenset())
    weak: set[str] = set()
    silent: set[str] = set()
    for line in lines:
        text = line.strip()
        if text.startswith("= "):
            _add_family(made, text[2:])
        elif text.startswith("? "):
            weak.update(key for word in words(text[2:]) for key in word_keys(word))
        elif text.startswith("- "):  # just as written: „mam” is also a form of „mama”, which says much
            silent.update(fold(word) for word in words(text[2:]))
        elif text and not text.startswith("#"):
            _add_phrase(made, text)
    return Synonyms(made.phrases, made.families, frozenset(weak - silent), frozenset(silent))


def _add_family(made: Synonyms, text: str) -> None:
    members = [part.strip() for part in text.split("=") if part.strip()]
    everyone = frozenset(lemma for member in members for lemma in (*lemmas(member), member))
    for key in {key for member in members for key in word_keys(member)}:
        made.families[key] = made.families.get(key, frozenset()) | everyone


def _add_phrase(made: Synonyms, text: str) -> None:
    phrase, arrow, rest = text.partition(">")
    written = tuple(words(phrase))
    meanings = tuple(_meaning(part) for part in rest.split("|") if part.strip())
    if not arrow or not written or not meanings:
        raise BadSynonym(text)
    entry = Entry(tuple(word_keys(word) for word in written), written, meanings)
    for key in entry.pattern[0]:
        made.phrases.setdefault(key, []).append(entry)


def _meaning(text: str) -> Meaning:
    facet, colon, code = text.strip().partition(":")
    if colon:
        if facet not in FACETS or not code:
            raise BadSynonym(text)
        return Meaning(code=f"{facet}:{code}")
    return Meaning(words=tuple(words(text)))


@cache
def built_in() -> tuple[str, ...]:
    """The lines that come with the hub; a deployment's own follow them."""
    text = files("referral_hub.search").joinpath("data", "synonyms.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())
