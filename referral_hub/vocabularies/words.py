"""One word of a vocabulary, and how the files in `data/` are read. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from importlib.resources import files

from msgspec import Struct

LANGUAGES = ("pl", "en", "uk")
COLUMNS = (
    "code",
    "parent",
    "pl",
    "en",
    "uk",
    "abbreviations",
    "synonyms",
    "origin",
    "source",
    "valid_from",
    "valid_to",
    "extra",
)
ORIGINS = ("seed", "law", "data", "hub", "own")
"""seed: the founding text · law: an act · data: registers · hub: the product · own: this network."""

_LETTERS = "aąbcćdeęfghijklłmnńoóprsśtuvwxyzźżq"
_ORDER = {letter: chr(0x100 + place) for place, letter in enumerate(_LETTERS)}


class Word(Struct, frozen=True):
    """A code with its labels; `valid_to` is the last day it may be chosen, it stays readable for ever."""

    vocabulary: str
    code: str
    labels: dict[str, str]
    parent: str | None = None
    abbreviations: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    origin: str = "own"
    source: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    extra: dict[str, str] = {}
    position: int = 0

    def label(self, language: str) -> str:
        """The label in `language`, else the Polish one: Polish is the only language every word must have."""
        return self.labels.get(language) or self.labels["pl"]

    def valid_on(self, day: date) -> bool:
        """Whether the word may be chosen on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def listed(self, key: str) -> tuple[str, ...]:
        """A comma-separated list kept in `extra`, e.g. the forms of a need."""
        return tuple(part.strip() for part in self.extra.get(key, "").split(",") if part.strip())


def sort_key(text: str) -> str:
    """A key that puts Polish letters in their places (PostgreSQL without ICU does not)."""
    return "".join(_ORDER.get(letter, letter) for letter in text.casefold())


def read_vocabularies() -> dict[str, tuple[Word, ...]]:
    """Every vocabulary that comes with the product, by name (the name of its file)."""
    folder = files("referral_hub.vocabularies") / "data"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".tsv"))
    return {
        name.removesuffix(".tsv"): read_table(name.removesuffix(".tsv"), (folder / name).read_text("utf-8"))
        for name in names
    }


def read_table(vocabulary: str, text: str) -> tuple[Word, ...]:
    """The words of one tab-separated table with the header `COLUMNS`; ValueError names the wrong line."""
    header, *lines = text.splitlines()
    if tuple(header.split("\t")) != COLUMNS:
        raise ValueError(f"{vocabulary}: the header must be {' '.join(COLUMNS)}")
    words = []
    for number, line in enumerate(lines, start=2):
        cells = line.split("\t")
        if len(cells) != len(COLUMNS):
            raise ValueError(f"{vocabulary}:{number}: {len(cells)} cells instead of {len(COLUMNS)}")
        words.append(_word(vocabulary, number - 2, dict(zip(COLUMNS, cells, strict=True))))
    return tuple(words)


def _word(vocabulary: str, position: int, cell: Mapping[str, str]) -> Word:
    return Word(
        vocabulary=vocabulary,
        code=cell["code"],
        parent=cell["parent"] or None,
        labels={language: cell[language] for language in LANGUAGES},
        abbreviations=_many(cell["abbreviations"]),
        synonyms=_many(cell["synonyms"]),
        origin=cell["origin"],
        source=cell["source"],
        valid_from=_day(cell["valid_from"]),
        valid_to=_day(cell["valid_to"]),
        extra=read_extra(cell["extra"]),
        position=position,
    )


def read_extra(text: str) -> dict[str, str]:
    """`key=value; key=value` as a dict; a part without `=` is a ValueError."""
    pairs = (part.partition("=") for part in _many(text))
    found = {}
    for key, equals, value in pairs:
        if not equals:
            raise ValueError(f"no '=' in {key!r}")
        found[key.strip()] = value.strip()
    return found


def _many(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def in_order(words: Iterable[Word]) -> tuple[Word, ...]:
    """The words as the vocabulary lists them; words added later come after, in the order of adding."""
    return tuple(sorted(words, key=lambda word: (word.position, word.code)))
