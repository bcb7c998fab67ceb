"""What was typed, understood: groups of alternatives that a document must meet, a place, and corrections.
Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from referral_hub.search.index import Index, known_terms
from referral_hub.search.places import Gazetteer, Place, find_place
from referral_hub.search.polish import fold, is_common_word, lemmas, words
from referral_hub.search.synonyms import Meaning, Synonyms, word_keys

_WORD = re.compile(r"[^\W_]+")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")
MOST_WORDS = 24  # longer texts are pasted by mistake; the first words say what is meant
_FAMILY, _MEANING, _ALIKE = 0.8, 0.9, 0.6


class Alternative(Struct, frozen=True):
    """Terms that must stand together, each as any of several; `weight` says how sure the reading is."""

    terms: tuple[tuple[str, ...], ...]
    weight: float = 1.0


class Group(Struct, frozen=True):
    """One thing asked for: any alternative will do. `typed` as the person wrote it; weak groups are never
    required."""

    typed: str
    alternatives: tuple[Alternative, ...]
    required: bool = True


class Query(Struct, frozen=True):
    """`corrected`: the whole text with slips mended, None when nothing was; `terms`: the words searched
    for."""

    groups: tuple[Group, ...] = ()
    place: Place | None = None
    corrected: str | None = None
    terms: tuple[str, ...] = ()


def topics(synonyms: Synonyms, labels: Iterable[str]) -> frozenset[str]:
    """The folded lemmas that mean a thing in this directory, so that a lower-case one is no village."""

    named = {key for label in labels for word in words(label) for key in word_keys(word)}
    entries = [entry for entries in synonyms.phrases.values() for entry in entries]
    typed = {key for entry in entries for keys in entry.pattern for key in keys}
    return frozenset(named | typed | synonyms.weak | synonyms.silent | synonyms.families.keys())


def typed_words(text: str) -> list[str]:
    """The words as typed, case kept (it tells places from things); at most MOST_WORDS."""
    joined = _DOTTED.sub(lambda found: found.group().replace(".", "") + " ", text)
    return _WORD.findall(joined)[:MOST_WORDS]


def understand(text: str, index: Index, synonyms: Synonyms, gazetteer: Gazetteer, topic_words: frozenset[str]) -> Query:
    """Read what was typed. Never fails: what cannot be understood becomes a group nothing meets."""
    typed = typed_words(text)
    place, rest = _without_place(typed, index, gazetteer, topic_words)
    groups: list[Group] = []
    mended: dict[str, str] = {}
    at = 0
    while at < len(rest):
        group, used = _read(rest, at, index, synonyms, mended)
        if group is not None:
            groups.append(group)
        at += used
    if groups and not any(group.required for group in groups):
        groups = [Group(group.typed, group.alternatives) for group in groups]
    corrected = " ".join(mended.get(word, word) for word in typed) if mended else None
    return Query(tuple(groups), place, corrected, tuple(group.typed for group in groups))


def _without_place(
    typed: Sequence[str], index: Index, gazetteer: Gazetteer, topic_words: frozenset[str]
) -> tuple[Place | None, list[str]]:
    def ordinary(word: str) -> bool:
        keys = word_keys(word.lower()) | {fold(lemma) for lemma in index.lexicon.without_diacritics(word)}
        return not topic_words.isdisjoint(keys)

    found = find_place(typed, gazetteer, ordinary)
    if found is None:
        return None, list(typed)
    return found.place, [*typed[: found.start], *typed[found.end :]]


def _read(
    rest: Sequence[str], at: int, index: Index, synonyms: Synonyms, mended: dict[str, str]
) -> tuple[Group | None, int]:
    """The group that begins here and how many words it took; None for words that say nothing."""
    keys = [_keys(word, index) for word in rest[at : at + 5]]
    length, meanings = _longest_phrase(keys, synonyms)
    if length > 1:
        together = tuple(_lemmas_here(word, index, synonyms) for word in rest[at : at + length])
        literal = [Alternative(together)] if all(together) else []
        group = Group(" ".join(rest[at : at + length]), (*literal, *_alternatives(meanings, index)))
        return group, length
    word = rest[at]
    if fold(word) in synonyms.silent or (word.isdigit() and len(word) < 3):
        return None, 1
    alternatives = [*_of_word(word, index, synonyms), *_alternatives(meanings, index)]
    if not alternatives and (other := _mend(word, index)) is not None:
        mended[word] = other
        return _read([other], 0, index, synonyms, {})[0], 1
    return Group(word, tuple(alternatives), synonyms.weak.isdisjoint(keys[0])), 1


def _keys(word: str, index: Index) -> frozenset[str]:
    """What a typed word may be known by in the synonyms, also without its diacritics."""
    return word_keys(word.lower()) | {fold(lemma) for lemma in index.lexicon.without_diacritics(word)}


def _longest_phrase(keys: Sequence[frozenset[str]], synonyms: Synonyms) -> tuple[int, tuple[Meaning, ...]]:
    """How many words the longest phrase here takes, and everything that phrases of this length mean."""
    best, found = 0, list[Meaning]()
    for entry in synonyms.starting(sorted(keys[0])):
        length = len(entry.pattern)
        if length < best or length > len(keys):
            continue
        if all(not part.isdisjoint(key) for part, key in zip(entry.pattern, keys, strict=False)):
            if length > best:
                best, found = length, []
            found.extend(meaning for meaning in entry.meanings if meaning not in found)
    return best, tuple(found)


def _alternatives(meanings: Iterable[Meaning], index: Index) -> Iterator[Alternative]:
    for meaning in meanings:
        if meaning.code is not None:
            if meaning.code in index.postings:
                yield Alternative(((meaning.code,),), _MEANING)
        else:
            together = tuple(known_terms(index, lemmas(word)) for word in meaning.words)
            if all(together):
                yield Alternative(together, _MEANING)


def _of_word(word: str, index: Index, synonyms: Synonyms) -> Iterator[Alternative]:
    """A single word: its own lemmas, its family, and words that look alike without diacritics."""
    lower = word.lower()
    own = known_terms(index, lemmas(lower))
    alike = known_terms(index, index.lexicon.without_diacritics(lower))
    bare = lower == fold(lower)
    if own:
        yield Alternative((own,))
    others = tuple(term for term in alike if term not in own) if bare or not own else ()
    if others:
        yield Alternative((others,), _ALIKE if own and is_common_word(lower) else 1.0)
    family = _family((*lemmas(lower), *index.lexicon.without_diacritics(lower)), index, synonyms)
    if rest := tuple(term for term in family if term not in own and term not in others):
        yield Alternative((rest,), _FAMILY)
    if not own and not others and not rest and (started := known_terms(index, index.lexicon.starting(lower))):
        yield Alternative((started,), _FAMILY)


def _family(known: Iterable[str], index: Index, synonyms: Synonyms) -> tuple[str, ...]:
    members = (m for lemma in known for m in sorted(synonyms.families.get(fold(lemma), ())))
    return known_terms(index, members)


def _lemmas_here(word: str, index: Index, synonyms: Synonyms) -> tuple[str, ...]:
    """Every term a word of a phrase may stand as."""
    return tuple(term for one in _of_word(word, index, synonyms) for group in one.terms for term in group)


def _mend(word: str, index: Index) -> str | None:
    """The word meant by an unknown one; a word the dictionary knows is left as it is, it is only not here."""
    lower = word.lower()
    if is_common_word(lower) or lower.isdigit():
        return None
    return index.lexicon.nearest(lower)
