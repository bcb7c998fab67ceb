"""The search, measured on what people type: pair recall by kind of question, and nothing that must not be there."""

import pytest

from referral_hub.geography.distance import distance_km
from referral_hub.geography.units import units
from referral_hub.search.index import from_bits
from referral_hub.search.match import in_areas, match
from tests.search.corpus import ask, network
from tests.search.questions import KINDS, pairs


def found(text: str) -> set[str]:
    """Ids of what a search for the text shows, its place used as a filter."""
    index = network()[0]
    query = ask(text)
    matches = match(index, query)
    bits = index.alive if matches is None else matches.bits
    if query.place is not None:
        located, served = in_areas(index, query.place.areas)
        here = located | served
        if (km := query.place.near_km) is not None:
            for number, document in enumerate(index.documents):
                at = units()[document.located[0]]
                if distance_km(at.lat, at.lon, query.place.lat, query.place.lon) <= km:
                    here |= 1 << number
        bits &= here
    return {index.documents[number].id for number in from_bits(bits)}


@pytest.mark.parametrize("kind", KINDS)
def test_recall_of_pairs(kind: str) -> None:
    text, least = KINDS[kind]
    wanted = hit = 0
    misses = []
    for typed, expected, unwanted in pairs(text):
        shown = found(typed)
        wanted, hit = wanted + len(expected), hit + len(expected & shown)
        if expected - shown or unwanted & shown:
            misses.append((typed, sorted(expected - shown), sorted(unwanted & shown)))
        assert not unwanted & shown, (typed, unwanted & shown)
    assert hit / wanted >= least, (hit / wanted, misses)


def test_the_written_set_is_large_enough_to_mean_something() -> None:
    assert sum(len(pairs(text)) for text, _ in KINDS.values()) >= 90


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("psychiatra", "pzp-tarnow"),
        ("mityng", "aa-mszana"),
        ("staż", "staz-limanowa"),
        ("obiad", "obiad-tarnow"),
        ("mediacje", "mediacja-tarnow"),
        ("kurs spawania", "kurs-tarnow"),
        ("schronienie dla kobiet", "sow-bochnia"),
        ("nocleg", "noc-tarnow"),
    ],
)
def test_the_best_match_comes_first(typed: str, first: str) -> None:
    index = network()[0]
    matches = match(index, ask(typed))
    assert matches is not None
    best = max(matches.scores, key=lambda number: (matches.scores[number], -number))
    assert index.documents[best].id == first
