"""An inverted index over lemmas, in memory. Pure.

A term is a lemma or a code (`form:staz`). Its postings are document numbers with the fields where it stands,
one bit a field, so a score is a look-up and the reason for a match can be told. Sets of documents are Python
integers, one bit a document: to intersect and count them costs microseconds at 20,000 offers, without numpy
in memory.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from enum import IntFlag
from functools import lru_cache
from itertools import islice
from math import log

from msgspec import Struct

from referral_hub.search.lexicon import Lexicon, extend_lexicon, lexicon_of
from referral_hub.search.polish import lemmas, words


class Field(IntFlag):
    """Where a term stands in a document."""

    TITLE = 1
    FORM = 2
    NEED = 4
    AUDIENCE = 8
    KIND = 16
    INSTITUTION = 32
    TEXT = 64
    ADDRESS = 128


WEIGHTS = {
    Field.TITLE: 10.0,
    Field.FORM: 8.0,
    Field.NEED: 5.0,
    Field.AUDIENCE: 5.0,
    Field.KIND: 5.0,
    Field.INSTITUTION: 4.0,
    Field.TEXT: 2.0,
    Field.ADDRESS: 1.0,
}
# The best field counts whole, the others a quarter: five mentions in small print are no match for a title.
SCORES = tuple(
    max((w for f, w in WEIGHTS.items() if mask & f), default=0.0) * 0.75
    + sum(w for f, w in WEIGHTS.items() if mask & f) * 0.25
    for mask in range(256)
)
CODE_IDF = 3.0
CODE_FIELD = {"form": Field.FORM, "need": Field.NEED, "audience": Field.AUDIENCE, "kind": Field.KIND}


class Document(Struct, frozen=True):
    """One thing to find. `texts`: field and text; `codes`: `facet:code`; `located`, `served`: codes of
    units."""

    id: str
    texts: tuple[tuple[Field, str], ...]
    codes: tuple[str, ...] = ()
    located: tuple[str, ...] = ()
    served: tuple[str, ...] = ()


class Posting(Struct):
    """Document numbers in rising order, and for each its mask of fields."""

    documents: "array[int]"  # subscripted at run time only from Python 3.12
    fields: bytearray

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self.documents, self.fields, strict=True)


class Index(Struct):
    """Everything the search needs, by document number. `sets`: code → documents as bits; `alive`: not
    replaced."""

    documents: list[Document]
    numbers: dict[str, int]
    postings: dict[str, Posting]
    sets: dict[str, int]
    located: dict[str, int]
    served: dict[str, int]
    alive: int
    lexicon: Lexicon

    def idf(self, term: str) -> float:
        """How telling a term is: rare ones more. A code is meant, not mentioned, so it is never told for common."""
        found = self.postings.get(term)
        told = log(1 + len(self.documents) / len(found.documents)) if found else 0.0
        return max(told, CODE_IDF) if found and ":" in term else told


@lru_cache(maxsize=50_000)
def terms_of(text: str) -> frozenset[str]:
    """Every lemma of every word in a text; numbers alone are no words."""
    return frozenset(lemma for word in set(words(text)) if not word.isdigit() for lemma in lemmas(word))


def _masks(document: Document) -> dict[str, int]:
    masks: dict[str, int] = {}
    for field, text in document.texts:
        for term in terms_of(text):
            masks[term] = masks.get(term, 0) | field
    for code in document.codes:
        field = CODE_FIELD.get(code.split(":", 1)[0], Field.TEXT)
        masks[code] = masks.get(code, 0) | field
    return masks


def build(documents: Iterable[Document], extra_words: frozenset[str] = frozenset()) -> Index:
    """The index of the documents; `extra_words` are lemmas a search may name besides (synonyms)."""
    index = Index([], {}, {}, {}, {}, {}, 0, lexicon_of(extra_words))
    for document in documents:
        _put(index, document)
    _make_sets(index)
    learn(index, index.postings)
    return index


def learn(index: Index, lemmas_: Iterable[str]) -> None:
    """Add words to the lexicon; those of documents since gone stay, and then find nothing."""
    extend_lexicon(index.lexicon, (term for term in lemmas_ if ":" not in term))


def _put(index: Index, document: Document) -> int:
    number = len(index.documents)
    index.documents.append(document)
    index.numbers[document.id] = number
    for term, mask in _masks(document).items():
        posting = index.postings.get(term)
        if posting is None:
            posting = index.postings[term] = Posting(array("I"), bytearray())
        posting.documents.append(number)
        posting.fields.append(mask)
    return number


def _sets_of(document: Document) -> Iterator[tuple[str, str]]:
    """Which sets a document belongs to, as (which family of sets, key)."""
    for code in document.codes:
        yield "sets", code
    for family, areas in (("located", document.located), ("served", document.served)):
        lengths = (0, 2, 4, 6) if family == "located" else ()
        for area in areas:
            for part in {area[:n] for n in lengths if n <= len(area)} | {area}:
                yield family, part


def _make_sets(index: Index) -> None:
    """Fill the bit sets; each is built as bytes first, since setting bits one by one in integers copies
    them."""
    size = len(index.documents) // 8 + 1
    found: dict[tuple[str, str], bytearray] = {}
    for number, document in enumerate(index.documents):
        for key in _sets_of(document):
            bits = found.get(key)
            if bits is None:
                bits = found[key] = bytearray(size)
            bits[number >> 3] |= 1 << (number & 7)
    for (family, name), filled in found.items():
        getattr(index, family)[name] = int.from_bytes(filled, "little")
    index.alive = (1 << len(index.documents)) - 1


def replace_documents(index: Index, documents: Iterable[Document], gone: Iterable[str] = ()) -> list[str]:
    """Put changed documents in the place of old ones of the same id, and take others out; the terms that are new.

    An unchanged document costs a comparison. Old numbers stay as dead bits; `dead_share` tells when to rebuild.
    """
    known = len(index.postings)
    for name in gone:
        _bury(index, name)
    for document in documents:
        old = index.numbers.get(document.id)
        if old is not None and index.documents[old] == document:
            continue
        if old is not None:
            _bury(index, document.id)
        bit = 1 << _put(index, document)
        for family, key in _sets_of(document):
            sets: dict[str, int] = getattr(index, family)
            sets[key] = sets.get(key, 0) | bit
        index.alive |= bit
    return list(islice(index.postings, known, None))


def _bury(index: Index, name: str) -> None:
    number = index.numbers.pop(name, None)
    if number is None:
        return
    keep = ~(1 << number)
    for family, key in _sets_of(index.documents[number]):
        getattr(index, family)[key] &= keep
    index.alive &= keep


def dead_share(index: Index) -> float:
    """The share of numbers that are dead."""
    return 1 - index.alive.bit_count() / max(1, len(index.documents))


def to_bits(numbers: Iterable[int], size: int) -> int:
    """Document numbers as a set of bits."""
    bits = bytearray(size // 8 + 1)
    for number in numbers:
        bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


def from_bits(bits: int) -> list[int]:
    """The document numbers of a set of bits, rising."""
    found: list[int] = []
    for place, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) // 8, "little")):
        if byte:
            base = place << 3
            found.extend(base + i for i in _BITS[byte])
    return found


_BITS: Sequence[tuple[int, ...]] = tuple(tuple(i for i in range(8) if byte >> i & 1) for byte in range(256))


def known_terms(index: Index, candidates: Iterable[str]) -> tuple[str, ...]:
    """Those of the candidates that stand in the index, each once."""
    return tuple(dict.fromkeys(term for term in candidates if term in index.postings))
