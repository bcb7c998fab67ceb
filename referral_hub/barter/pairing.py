"""What fits together: same subject first, then common words; both ways before rings of three before one way. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from referral_hub.search.polish import lemmas, words

SHORTEST: Final = 4
"""Words of fewer letters („na”, „dla”, „raz”) say nothing of what is meant."""
MOST: Final = 60
Kind = Literal["swap", "ring", "gift"]
_RANK: Final[dict[Kind, int]] = {"swap": 0, "ring": 1, "gift": 2}


class Line(Struct, frozen=True):
    """One thing offered or wanted by an institution."""

    id: UUID
    offer: UUID
    institution: UUID
    side: str
    subject: str
    text: str


class Leg(Struct, frozen=True):
    """Who gives what to whom; `common`: words of the offer that the wish says too.

    `score` goes from 1 (the same subject) to 2 (every word of the shorter text).
    """

    offered: Line
    wanted: Line
    common: tuple[str, ...]
    score: float

    @property
    def giver(self) -> UUID:
        return self.offered.institution

    @property
    def taker(self) -> UUID:
        return self.wanted.institution


class Suggestion(Struct, frozen=True):
    """Legs that belong together: two ways between two (swap), round three (ring), or one way (gift)."""

    kind: Kind
    legs: tuple[Leg, ...]

    @property
    def score(self) -> float:
        return sum(leg.score for leg in self.legs) / len(self.legs)

    def involves(self, institution: UUID) -> bool:
        return any(institution in (leg.giver, leg.taker) for leg in self.legs)


@lru_cache(maxsize=10_000)
def said(text: str) -> dict[str, frozenset[str]]:
    """The longer words of a text, each with its lemmas."""
    found = {word: frozenset(lemmas(word)) for word in words(text) if len(word) >= SHORTEST}
    return {word: forms for word, forms in found.items() if any(len(lemma) >= SHORTEST for lemma in forms)}


def _met(one: dict[str, frozenset[str]], other: dict[str, frozenset[str]]) -> list[str]:
    """The words of `one` that `other` says in any form."""
    all_others = frozenset().union(*other.values())
    return [word for word, forms in one.items() if forms & all_others]


def fits(offered: Line, wanted: Line) -> Leg | None:
    """The leg from `offered` to `wanted`, or None where it is about something else or at the same institution."""
    if offered.subject != wanted.subject or offered.institution == wanted.institution:
        return None
    one, other = said(offered.text), said(wanted.text)
    common = _met(one, other)
    # Against the shorter text: „malowanie” wholly answers „malowanie dwóch pokoi i przedpokoju”.
    shares = (len(met) / len(text) for met, text in ((common, one), (_met(other, one), other)) if text)
    return Leg(offered, wanted, tuple(common), 1 + max(shares, default=0.0))


def legs_between(lines: Iterable[Line], tried: frozenset[tuple[UUID, UUID]]) -> list[Leg]:
    """The best leg for each giver, taker and wanted line; `tried` (offered, wanted) pairs are not suggested again."""
    by_subject = sorted(lines, key=lambda line: (line.subject, line.side, str(line.id)))
    best: dict[tuple[UUID, UUID], Leg] = {}
    for _, group in groupby(by_subject, key=lambda line: line.subject):
        sides: dict[str, list[Line]] = {"offered": [], "wanted": []}
        for line in group:
            sides[line.side].append(line)
        for offered in sides["offered"]:
            for wanted in sides["wanted"]:
                leg = None if (offered.id, wanted.id) in tried else fits(offered, wanted)
                key = (offered.institution, wanted.id)
                if leg is not None and (key not in best or leg.score > best[key].score):
                    best[key] = leg
    return list(best.values())


def suggest(lines: Iterable[Line], tried: frozenset[tuple[UUID, UUID]] = frozenset()) -> list[Suggestion]:
    """Swaps first, then rings whose members have no swap with one another, then single legs; best words first.

    A leg stands in one suggestion at most: the strongest that uses it.
    """
    legs = legs_between(lines, tried)
    way: dict[UUID, dict[UUID, Leg]] = {}
    for leg in sorted(legs, key=lambda one: (one.score, str(one.offered.id), str(one.wanted.id))):
        way.setdefault(leg.giver, {})[leg.taker] = leg  # the last, best one stays
    swaps = list(_swaps(way))
    swapped = {(leg.giver, leg.taker) for one in swaps for leg in one.legs}
    free = {
        giver: {taker: leg for taker, leg in to.items() if (giver, taker) not in swapped} for giver, to in way.items()
    }
    found = [*swaps, *_rings(free)]
    used = {(leg.offered.id, leg.wanted.id) for one in found for leg in one.legs}
    found += [Suggestion("gift", (leg,)) for leg in legs if (leg.offered.id, leg.wanted.id) not in used]
    return sorted(found, key=_order)[:MOST]


def _swaps(way: dict[UUID, dict[UUID, Leg]]) -> Iterator[Suggestion]:
    for giver, to in way.items():
        for taker, leg in to.items():
            back = way.get(taker, {}).get(giver)
            if back is not None and str(giver) < str(taker):
                yield Suggestion("swap", (leg, back))


def _rings(way: dict[UUID, dict[UUID, Leg]]) -> Iterator[Suggestion]:
    used: set[tuple[UUID, UUID]] = set()
    for first in sorted(way, key=str):
        for second, one in way[first].items():
            for third, two in way.get(second, {}).items():
                three = way.get(third, {}).get(first)
                # The smallest begins, so that a ring is found once.
                if three is None or third == first or not str(first) < min(str(second), str(third)):
                    continue
                ring = ((first, second), (second, third), (third, first))
                if used.isdisjoint(ring):
                    used.update(ring)
                    yield Suggestion("ring", (one, two, three))


def _order(one: Suggestion) -> tuple[int, float, Sequence[str]]:
    return _RANK[one.kind], -one.score, [str(leg.offered.id) for leg in one.legs]
