"""Which entries may be one institution, and why, in words. Pure.

Pairs are looked for inside small groups only (an identifier, a phone, an address, words of the name at a place), so
that five thousand entries take seconds. An equal identifier speaks first; name, place and phone after it. Legitimate
siblings (a unit and its parent, schools of one complex, numbered schools) are recognised and stand last, with reason.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct
from rapidfuzz import fuzz

from referral_hub.institutions.addresses import house, same_address
from referral_hub.institutions.names import fold, name_key
from referral_hub.institutions.phones import pretty

Level = Literal["number", "likely", "sibling"]

NUMBERS: Final = ("nip", "regon", "krs", "rspo", "rjps", "rpwdl", "kraz")
"""Identifiers that tell institutions apart; a gmina's NIP is shared by its units."""
_OWN_NUMBERS: Final = ("rspo", "rjps", "rpwdl", "kraz")
"""Given to one house only: different ones mean different houses."""
_LARGEST_GROUP: Final = 40
_COMPLEX: Final = 3
"""So many entries with one phone are a complex with one office."""
_ALIKE, _SAME = 82.0, 96.0
_SHOWN: Final = 45
_DIGITS = re.compile(r"\b(?:nr\s*)?(\d+|[ivxl]+)\b")


class Entry(Struct, frozen=True):
    """What is known of an institution; phones as nine digits, addresses as (street, post code, place)."""

    id: UUID
    name: str
    kind: str
    terc: str = ""
    parent: UUID | None = None
    addresses: tuple[tuple[str, str, str], ...] = ()
    phones: frozenset[str] = frozenset()
    mailboxes: frozenset[str] = frozenset()
    numbers: frozenset[tuple[str, str]] = frozenset()

    @property
    def place(self) -> str:
        """The town of its first address, folded."""
        return fold(self.addresses[0][2]) if self.addresses else ""


class Word(Struct, frozen=True):
    """One thing that agrees or differs: `code` names the sentence, `fact` fills it."""

    code: str
    fact: str = ""


class Pair(Struct, frozen=True):
    """Two entries that may be one, the older first. `score` only orders pairs of one level."""

    first: UUID
    second: UUID
    level: Level
    agrees: tuple[Word, ...]
    differs: tuple[Word, ...]
    why_siblings: tuple[Word, ...]
    score: int

    @property
    def evidence(self) -> str:
        """What a verdict was given on: when it changes, the pair is shown again."""
        agreeing = (f"{word.code}={word.fact}" for word in self.agrees if word.code != "similar_name")
        return "|".join(sorted({*agreeing, *(word.code for word in self.why_siblings)}))


class _Known(Struct):
    """An entry with what is computed of it once."""

    entry: Entry
    key: str
    words: frozenset[str]


def pairs(entries: Iterable[Entry]) -> list[Pair]:
    """Every pair worth a look: equal identifiers first, then likely ones, legitimate siblings last."""
    known = {one.id: _known(one) for one in entries}
    offices = Counter(phone for one in known.values() for phone in one.entry.phones)
    found = [
        pair
        for first, second in _possible(known.values())
        if (pair := _judge(known[first], known[second], offices)) is not None
    ]
    order = {"number": 0, "likely": 1, "sibling": 2}
    return sorted(found, key=lambda pair: (order[pair.level], -pair.score, str(pair.first), str(pair.second)))


def compare(first: Entry, second: Entry, offices: Mapping[str, int] | None = None) -> Pair:
    """Two entries compared, however little speaks for them."""
    return _compare(_known(first), _known(second), offices or {})


def _known(entry: Entry) -> _Known:
    key = name_key(entry.name, entry.addresses[0][2] if entry.addresses else "")
    return _Known(entry, key, frozenset(word for word in key.split() if len(word) > 3))


def _possible(known: Iterable[_Known]) -> Iterator[tuple[UUID, UUID]]:
    """Pairs that share something, each once, the smaller id first."""
    groups: dict[tuple[str, ...], list[UUID]] = defaultdict(list)
    everybody = list(known)
    common = Counter(word for one in everybody for word in one.words)
    for one in everybody:
        for group in _groups(one, common):
            groups[group].append(one.entry.id)
    seen: set[tuple[UUID, UUID]] = set()
    for members in groups.values():
        if 1 < len(members) <= _LARGEST_GROUP:
            seen.update(combinations(sorted(members), 2))
    yield from sorted(seen)


def _groups(one: _Known, common: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    entry = one.entry
    for scheme, number in entry.numbers:
        yield ("number", scheme, number)
    for phone in entry.phones:
        yield ("phone", phone)
    for box in entry.mailboxes:
        yield ("mailbox", box)
    for street, post_code, place in entry.addresses[:3]:
        if house(street):
            yield ("house", house(street).split()[-1], post_code, fold(place))
    powiat = entry.terc[:4]
    yield ("name", one.key, powiat)
    # The rarest words of a name say most: two of them are enough to meet its other spelling.
    for word in sorted(one.words, key=lambda word: (common[word], word))[:2]:
        yield ("word", word, powiat or entry.place)


def _judge(one: _Known, other: _Known, offices: Mapping[str, int]) -> Pair | None:
    pair = _compare(one, other, offices)
    codes = {word.code for word in pair.agrees}
    named = codes & {"same_name", "similar_name"}
    # Every gmina has its „Gminny Ośrodek Pomocy Społecznej”: a name alone says nothing.
    strong = "same_number" in codes or (named and codes - named)
    if not strong:
        return None
    return pair if pair.level != "likely" or pair.score >= _SHOWN else None


def _compare(one: _Known, other: _Known, offices: Mapping[str, int]) -> Pair:
    first, second = one.entry, other.entry
    likeness = fuzz.token_sort_ratio(one.key, other.key)
    agrees, gained = _agreeing(first, second, likeness)
    differs, lost = _differing(first, second, likeness)
    siblings = tuple(_siblings(one, other, offices))
    score = max(0, gained - lost - 30 * len(siblings))
    numbered = any(word.code == "same_number" for word in agrees)
    level: Level = "sibling" if siblings else "number" if numbered else "likely"
    return Pair(first.id, second.id, level, tuple(agrees), tuple(differs), siblings, score)


def _agreeing(first: Entry, second: Entry, likeness: float) -> tuple[list[Word], int]:
    found: list[tuple[Word, int]] = []
    shared = sorted(first.numbers & second.numbers)
    found += [(Word("same_number", f"{scheme.upper()} {number}"), 60) for scheme, number in shared]
    if likeness >= _SAME:
        found.append((Word("same_name"), 35))
    elif likeness >= _ALIKE:
        found.append((Word("similar_name", str(round(likeness))), 22))
    found += [(Word("same_phone", pretty(phone)), 20) for phone in sorted(first.phones & second.phones)[:1]]
    found += [(Word("same_mailbox", box), 18) for box in sorted(first.mailboxes & second.mailboxes)[:1]]
    here = next((a for a in first.addresses for b in second.addresses if a[0] and b[0] and same_address(a, b)), None)
    if here is not None:
        found.append((Word("same_address", f"{here[0]}, {here[2]}".strip(", ")), 18))
    elif first.place and first.place == second.place:
        found.append((Word("same_place", first.addresses[0][2]), 10))
    elif first.terc and first.terc == second.terc:
        found.append((Word("same_gmina"), 8))
    return [word for word, _ in found], sum(points for _, points in found)


def _differing(first: Entry, second: Entry, likeness: float) -> tuple[list[Word], int]:
    found: list[tuple[Word, int]] = []
    if likeness < _ALIKE:
        found.append((Word("other_name"), 15))
    if first.kind != second.kind:
        found.append((Word("other_kind"), 8))
    if first.place and second.place and first.place != second.place:
        found.append((Word("other_place", f"{first.addresses[0][2]} / {second.addresses[0][2]}"), 25))
    elif _other_street(first, second):
        found.append((Word("other_address", f"{first.addresses[0][0]} / {second.addresses[0][0]}"), 15))
    for scheme in NUMBERS:
        ours, theirs = ({number for named, number in one.numbers if named == scheme} for one in (first, second))
        if ours and theirs and not ours & theirs:
            found.append((Word("other_number", f"{scheme.upper()} {min(ours)} / {min(theirs)}"), 25))
    if first.phones and second.phones and not first.phones & second.phones:
        found.append((Word("other_phone"), 4))
    return [word for word, _ in found], sum(points for _, points in found)


def _other_street(first: Entry, second: Entry) -> bool:
    """Both say where they are, and no address of one is an address of the other."""
    ours, theirs = ([a for a in one.addresses if house(a[0])] for one in (first, second))
    return bool(ours and theirs) and not any(same_address(a, b) for a in ours for b in theirs)


def _siblings(one: _Known, other: _Known, offices: Mapping[str, int]) -> Iterator[Word]:
    """Why the two may well be two."""
    first, second = one.entry, other.entry
    if first.parent == second.id or second.parent == first.id:
        yield Word("is_unit_of")
    elif first.parent is not None and first.parent == second.parent:
        yield Word("units_of_one")
    ours, theirs = (_ordinals(name) for name in (first.name, second.name))
    if ours != theirs and (ours or theirs):
        yield Word("other_ordinal", " / ".join(" ".join(sorted(names)) or "–" for names in (ours, theirs)))
    for scheme in _OWN_NUMBERS:
        numbers = [{number for named, number in entry.numbers if named == scheme} for entry in (first, second)]
        if all(numbers) and not numbers[0] & numbers[1]:
            yield Word("own_numbers", scheme.upper())
    shared = max((offices.get(phone, 0) for phone in first.phones & second.phones), default=0)
    if shared >= _COMPLEX:
        yield Word("one_office", str(shared))
    alike = fuzz.token_set_ratio(one.key, other.key) >= _SAME
    if first.kind != second.kind and not alike and first.numbers & second.numbers:
        yield Word("kinds_of_one_body")


def _ordinals(name: str) -> frozenset[str]:
    """Numbers in a name („nr 3”, „IV”): what tells schools apart."""
    said = (found.group(1) for found in _DIGITS.finditer(fold(name)))
    return frozenset(number for number in said if number not in {"i", "l", "x", "v"})


def unjudged(found: Sequence[Pair], verdicts: Mapping[tuple[UUID, UUID], str]) -> list[Pair]:
    """Without the pairs that somebody said are two, as long as nothing else speaks for one of them now.

    `verdicts`: (smaller id, larger id) → the evidence the word was given on.
    """
    return [
        pair
        for pair in found
        if verdicts.get((min(pair.first, pair.second), max(pair.first, pair.second))) != pair.evidence
    ]
