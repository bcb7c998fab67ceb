"""The book of words in memory: every look-up of a code, a label or a mapping asks here, never the database.

A process starts with the words that come with the product; `open_book` replaces them by what the database
says, at start and whenever somebody edits a word.
"""

from collections.abc import Mapping
from functools import cached_property

from referral_hub import clock
from referral_hub.vocabularies.words import Word, in_order, read_vocabularies, sort_key

DEFAULT_UNIT = "place"
DEFAULT_RHYTHM = "month"
"""How often the number of free places is confirmed where a form says nothing else."""

SLOW, STANDARD = "slow", "standard"


class Book:
    """An immutable copy of all vocabularies with the indexes that look-ups need."""

    def __init__(self, vocabularies: Mapping[str, tuple[Word, ...]]) -> None:
        self.vocabularies = {name: in_order(words) for name, words in vocabularies.items()}
        self.by_code = {name: {word.code: word for word in words} for name, words in self.vocabularies.items()}

    @cached_property
    def needs_by_form(self) -> dict[str, tuple[str, ...]]:
        """Needs that a form answers, first those it answers best."""
        found: dict[str, list[tuple[int, int, str]]] = {}
        for need in self.vocabularies.get("need", ()):
            for rank, key in enumerate(("forms", "also")):
                for place, form in enumerate(need.listed(key)):
                    found.setdefault(form, []).append((rank, place, need.code))
        return {form: tuple(code for *_, code in sorted(entries)) for form, entries in found.items()}


_book = Book(read_vocabularies())


def open_book(vocabularies: Mapping[str, tuple[Word, ...]]) -> None:
    """Replace the words of this process; vocabularies not named keep what came with the product."""
    global _book  # one immutable copy, swapped whole, so that a reader never sees half an edit
    _book = Book({**read_vocabularies(), **vocabularies})


def vocabularies() -> tuple[str, ...]:
    """Names of all vocabularies."""
    return tuple(_book.vocabularies)


def words(vocabulary: str, *, retired: bool = False) -> tuple[Word, ...]:
    """Words that may be chosen today, in their own order; with `retired` also all others."""
    found = _book.vocabularies[vocabulary]
    if retired:
        return found
    today = clock.today()
    return tuple(word for word in found if word.valid_on(today))


def word(vocabulary: str, code: str) -> Word | None:
    """The word of a code, retired ones too: an old referral stays readable."""
    return _book.by_code[vocabulary].get(code)


def is_known(vocabulary: str, code: str) -> bool:
    """Whether the code may be chosen today."""
    found = word(vocabulary, code)
    return found is not None and found.valid_on(clock.today())


def label(vocabulary: str, code: str | None, language: str) -> str:
    """The label of a code, or the code itself when nobody knows it (an import of tomorrow)."""
    if code is None:
        return ""
    found = word(vocabulary, code)
    return found.label(language) if found else code


def terms(vocabulary: str, language: str, *, sort: bool = False) -> list[tuple[str, str]]:
    """(code, label) pairs for a choice in a form; `sort` puts them in alphabetical order."""
    pairs = [(word.code, word.label(language)) for word in words(vocabulary)]
    return sorted(pairs, key=lambda pair: sort_key(pair[1])) if sort else pairs


def children(vocabulary: str, code: str) -> tuple[str, ...]:
    """Codes directly below."""
    return tuple(word.code for word in _book.vocabularies[vocabulary] if word.parent == code)


def below(vocabulary: str, code: str) -> frozenset[str]:
    """The code itself and everything below it."""
    found = {code}
    fresh = [code]
    while fresh:
        fresh = [child for parent in fresh for child in children(vocabulary, parent) if child not in found]
        found.update(fresh)
    return frozenset(found)


def above(vocabulary: str, code: str) -> frozenset[str]:
    """The code itself and everything above it."""
    found: list[str] = []
    step: str | None = code
    while step and step not in found:
        found.append(step)
        known = word(vocabulary, step)
        step = known.parent if known else None
    return frozenset(found)


def forms_for(need: str) -> dict[str, int]:
    """Forms that answer a need: 1 for those a caseworker tries first, 2 for the next; unknown need: none."""
    found = word("need", need)
    if found is None:
        return {}
    return dict.fromkeys(found.listed("also"), 2) | dict.fromkeys(found.listed("forms"), 1)


def needs_for(form: str) -> tuple[str, ...]:
    """Needs a form answers, the best first."""
    return _book.needs_by_form.get(form, ())


def legal_group(audience: str) -> str | None:
    """The group of art. 1(2) an audience is counted in, its own or from above; None: none of the eight."""
    step = word("audience", audience)
    while step is not None:
        if group := step.extra.get("legal_group"):
            return group
        step = word("audience", step.parent) if step.parent else None
    return None


def rhythm(form: str) -> str:
    """How often a form's free places should be confirmed: day, week, month or quarter."""
    found = word("form", form)
    return found.extra.get("rhythm", DEFAULT_RHYTHM) if found else DEFAULT_RHYTHM


def counted(form: str) -> bool:
    """Whether an offer of this form has places to ask about: an exchange of services has lines, and no number."""
    return shape(form) != "exchange"


def shape(form: str) -> str:
    """What its offers have beside places: group, expert, training, volunteering, exchange, initiative, cooperative,
    vacancy, works or lending; '' for a plain service.
    """
    found = word("form", form)
    return found.extra.get("shape", "") if found else ""


def unit_of(form: str) -> str:
    """What is counted in a form's offers by default: place, bed, hour, appointment, vacancy or item."""
    found = word("form", form)
    return found.extra.get("unit", DEFAULT_UNIT) if found else DEFAULT_UNIT


def clock_class(kind: str) -> str:
    """`slow` for kinds that answer by letter or after a queue (labour office, therapy), else `standard`."""
    found = word("kind", kind)
    return found.extra.get("clock", STANDARD) if found else STANDARD


def slow_kinds() -> frozenset[str]:
    """Kinds whose clock is slow."""
    return frozenset(word.code for word in words("kind", retired=True) if word.extra.get("clock") == SLOW)


def may_issue(kind: str | None) -> bool:
    """Whether such an institution issues a „skierowanie”: social assistance, the labour office, a doctor."""
    found = word("kind", kind) if kind else None
    return found is not None and found.extra.get("issues") == "yes"


def neutral_title(kind: str, language: str) -> str:
    """A word for a printed card that does not say what the institution treats."""
    found = word("kind", kind) or word("kind", "inny")
    extra = found.extra if found else {}
    return extra.get(f"title_{language}") or extra.get("title_pl", "")


def is_sensitive(vocabulary: str, code: str | None) -> bool:
    """Whether attending such a place (kind) or such help (form, need) is itself a protected fact."""
    found = word(vocabulary, code) if code else None
    return found is not None and ("sensitivity" in found.extra or found.extra.get("sensitive") == "yes")


def synonyms(vocabulary: str) -> dict[str, tuple[str, ...]]:
    """Per code every other name people use: old words, colloquial names, abbreviations; for search."""
    return {word.code: word.synonyms + word.abbreviations for word in _book.vocabularies[vocabulary]}
