"""The public directory in memory, one copy per worker: cards, the search index over them, and orders."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from referral_hub.directory.capacity import capacity
from referral_hub.directory.cards import Card, Partner, has_free_places, rung
from referral_hub.directory.index_model import document_of, labels, synonym_lines
from referral_hub.directory.read_model_rows import Rows
from referral_hub.search.index import (
    Index,
    build,
    dead_share,
    learn,
    replace_documents,
    to_bits,
)
from referral_hub.search.places import Gazetteer, make_gazetteer
from referral_hub.search.polish import sort_key
from referral_hub.search.query import topics
from referral_hub.search.synonyms import Synonyms, read_synonyms

_MOST_KEPT = 4_000
_WORN = 0.25


class Model(Struct):
    """`version` is the directory's when the rows were read. `kept`: answers already made, dropped at every
    change."""

    version: int
    day: date
    cards: dict[str, Card]
    partners: dict[str, Partner]
    index: Index
    gazetteer: Gazetteer
    synonyms: Synonyms
    topic_words: frozenset[str]
    by_number: dict[int, Card]
    rungs: dict[int, int]
    names: dict[int, str]
    spots: dict[int, tuple[tuple[float, float], ...]]
    order: list[int]
    kept: dict[Any, Any] = field(default_factory=dict)
    changes: int = 0

    def keep(self, key: Any, value: Any) -> None:
        """Remember an answer until the directory changes; the memory is bounded by forgetting all at once."""
        if len(self.kept) >= _MOST_KEPT:
            self.kept.clear()
        self.kept[key] = value


def make_model(version: int, rows: Rows, day: date) -> Model:
    """The model of the rows; seconds at 20,000 offers, so a worker makes it beside its event loop."""
    synonyms = read_synonyms(synonym_lines())
    index = build((document_of(card) for card in _open(rows.cards.values())), synonyms.vocabulary())
    model = Model(
        version=version,
        day=day,
        cards=rows.cards,
        partners=rows.partners,
        index=index,
        gazetteer=_gazetteer(rows.partners.values()),
        synonyms=synonyms,
        topic_words=topics(synonyms, labels()),
        by_number={},
        rungs={},
        names={},
        spots={},
        order=[],
    )
    _arrange(model)
    return model


def _open(cards: Iterable[Card]) -> list[Card]:
    """Offers a search may find: what the partner has closed is kept for its page only."""
    return [card for card in cards if card.status == "published"]


def _gazetteer(partners: Iterable[Partner]) -> Gazetteer:
    sites = (site for partner in partners for site in partner.sites if len(site.terc) == 6)
    return make_gazetteer(
        (
            site.place,
            site.terc,
            site.address.lat if site.address else None,
            site.address.lon if site.address else None,
        )
        for site in sites
    )


def _arrange(model: Model) -> None:
    """Orders and sets that follow from the cards, and no answer kept from before."""
    numbers = model.index.numbers
    model.by_number = {numbers[card.id]: card for card in model.cards.values() if card.id in numbers}
    model.rungs = {number: rung(card.capacity) for number, card in model.by_number.items()}
    model.names = {
        number: f"{sort_key(card.titles['pl'])}\0{card.partner.sort_key}\0{card.id}"
        for number, card in model.by_number.items()
    }
    model.spots = {
        number: tuple(dict.fromkeys(site.spot for site in card.sites if site.spot))
        for number, card in model.by_number.items()
    }
    model.order = sorted(model.by_number, key=lambda number: (model.rungs[number], model.names[number]))
    free = (number for number, card in model.by_number.items() if has_free_places(card.capacity))
    model.index.sets["free:1"] = to_bits(free, len(model.index.documents))
    model.kept.clear()
    model.changes += 1


def apply_changes(model: Model, version: int, rows: Rows, institutions: Iterable[str]) -> None:
    """Put the rows of some institutions in the place of what the model knew of them."""
    touched = set(institutions)
    gone = {name for name, card in model.cards.items() if card.partner.id in touched}
    old_sites = [site for name in touched if name in model.partners for site in model.partners[name].sites]
    for name in gone:
        del model.cards[name]
    for name in touched:
        model.partners.pop(name, None)
    model.cards.update(rows.cards)
    model.partners.update(rows.partners)
    found = _open(rows.cards.values())
    buried = gone - {card.id for card in found}
    new_words = replace_documents(model.index, [document_of(card) for card in found], buried)
    learn(model.index, new_words)
    if old_sites != [site for partner in rows.partners.values() for site in partner.sites]:
        model.gazetteer = _gazetteer(model.partners.values())
    model.version = version
    _arrange(model)


def worn(model: Model) -> bool:
    """Whether replaced documents have become so many that a fresh index is due."""
    return dead_share(model.index) > _WORN


def turn_day(model: Model, day: date) -> None:
    """A new day: the same readings are a day older."""
    model.cards = {
        name: replace(card, capacity=capacity(card.reading, card.rhythm, day)) for name, card in model.cards.items()
    }
    model.day = day
    _arrange(model)
