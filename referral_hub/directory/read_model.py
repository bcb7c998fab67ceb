"""The public directory in memory, one copy per worker: cards, the search index over them, and orders."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from referral_hub.directory.capacity import capacity
from referral_hub.directory.cards import Card, Partner, has_free_places, open_or_closed, rung, taken_in
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
FREE, OFFERS = "free:1", "offers"
T = TypeVar("T")
Spot = tuple[str, str, float | None, float | None]  # locality, code of the gmina, lat, lon
Entry = tuple[int, str, int]  # rung, name, number


class Model(Struct):
    """`version` is the directory's when the rows were read; cards and partners by id, the rest by document number.

    Three memories of what was worked out: `answers` until anything changes, `shape` until a document changes (words,
    codes, places; not the number of free places), `parts` by card until that card changes.
    """

    version: int
    day: date
    cards: dict[str, Card]
    partners: dict[str, Partner]
    index: Index
    gazetteer: Gazetteer
    synonyms: Synonyms
    topic_words: frozenset[str]
    by_number: dict[int, Card] = {}
    rungs: dict[int, int] = {}
    names: dict[int, str] = {}
    spots: dict[int, tuple[tuple[float, float], ...]] = {}
    order: list[Entry] = []
    answers: dict[Any, Any] = {}
    shape: dict[Any, Any] = {}
    parts: dict[str, dict[Any, Any]] = {}


def remember(memory: dict[Any, Any], key: Any, make: Callable[[], T]) -> T:
    """What was worked out before under this key, else made now; a memory is bounded by forgetting all at once."""
    if key not in memory:
        if len(memory) >= _MOST_KEPT:
            memory.clear()
        memory[key] = make()
    found: T = memory[key]
    return found


def make_model(version: int, rows: Rows, day: date) -> Model:
    """The model of the rows; seconds at 20,000 offers, so a worker makes it beside its event loop."""
    lines = tuple(synonym_lines())
    index = build((document_of(card) for card in rows.cards.values()), _vocabulary(lines))
    model = Model(
        version=version,
        day=day,
        cards=rows.cards,
        partners=rows.partners,
        index=index,
        gazetteer=_gazetteer(rows.partners.values()),
        synonyms=_synonyms(lines),
        topic_words=_topics(lines, tuple(labels())),
    )
    _arrange(model, model.cards.values())
    return model


def _gazetteer(partners: Iterable[Partner]) -> Gazetteer:
    sites = (site for partner in partners for site in partner.sites if len(site.terc) == 6 and site.place)
    return _places(
        tuple(
            (
                site.place,
                site.terc,
                site.address.lat if site.address else None,
                site.address.lon if site.address else None,
            )
            for site in sites
        )
    )


# None is ever changed, only replaced: where lines and sites are the same as before, so is what is made of them.
_synonyms: Callable[[tuple[str, ...]], Synonyms] = lru_cache(maxsize=2)(read_synonyms)
_vocabulary: Callable[[tuple[str, ...]], frozenset[str]] = lru_cache(maxsize=2)(
    lambda lines: _synonyms(lines).vocabulary()
)
_topics: Callable[[tuple[str, ...], tuple[str, ...]], frozenset[str]] = lru_cache(maxsize=2)(
    lambda lines, names: topics(_synonyms(lines), names)
)
_places: Callable[[tuple[Spot, ...]], Gazetteer] = lru_cache(maxsize=2)(make_gazetteer)


def _arrange(model: Model, cards: Iterable[Card]) -> None:
    """Give these cards their places in the orders and sets, and forget what was worked out before."""
    added: list[Entry] = []
    for card in cards:
        model.parts.pop(card.id, None)
        number = model.index.numbers.get(card.id)
        if number is None:
            continue
        name = f"{sort_key(card.titles['pl'])}\0{card.partner.sort_key}\0{card.id}"
        model.by_number[number], model.names[number] = card, name
        model.rungs[number] = rung(card.capacity)
        model.spots[number] = tuple(dict.fromkeys(site.spot for site in card.sites if site.spot))
        added.append((model.rungs[number], name, number))
    if len(added) > 100:
        model.order = sorted([*model.order, *added])
    else:
        for entry in added:
            insort(model.order, entry)
    free = to_bits((entry[2] for entry in added if has_free_places(model.by_number[entry[2]].capacity)), _size(model))
    model.index.sets[FREE] = model.index.sets.get(FREE, 0) | free
    model.answers.clear()


def _size(model: Model) -> int:
    return len(model.index.documents)


def _leave(model: Model, name: str) -> None:
    """Take a card out of the orders and sets."""
    model.parts.pop(name, None)
    number = model.index.numbers.get(name)
    if number is None:
        return
    entry = (model.rungs.pop(number), model.names.pop(number), number)
    model.by_number.pop(number)
    model.spots.pop(number)
    del model.order[bisect_left(model.order, entry)]
    model.index.sets[FREE] &= ~(1 << number)


def apply_changes(model: Model, version: int, rows: Rows, institutions: Iterable[str]) -> None:
    """Put the rows of some institutions in the place of what the model knew of them."""
    touched = set(institutions)
    gone = [card for partner in touched for card in offers_of(model, partner)]
    old_sites = [site for name in touched if name in model.partners for site in model.partners[name].sites]
    for card in gone:
        _leave(model, card.id)
        del model.cards[card.id]
    for name in touched:
        model.partners.pop(name, None)
    model.cards.update(rows.cards)
    model.partners.update(rows.partners)
    found = list(rows.cards.values())
    before = _size(model), model.index.alive
    buried = {card.id for card in gone} - {card.id for card in found}
    learn(model.index, replace_documents(model.index, [document_of(card) for card in found], buried))
    if before != (_size(model), model.index.alive):
        model.shape.clear()
    if old_sites != [site for partner in rows.partners.values() for site in partner.sites]:
        model.gazetteer = _gazetteer(model.partners.values())
        model.shape.clear()
    model.version = version
    model.shape.pop(OFFERS, None)
    _arrange(model, rows.cards.values())


def offers_of(model: Model, partner: str) -> list[Card]:
    """Every offer of an institution, closed ones and those shown by category too (whoever shows them filters)."""

    def by_partner() -> dict[str, list[Card]]:
        found: dict[str, list[Card]] = {}
        for card in model.cards.values():
            found.setdefault(card.owner, []).append(card)
        return found

    return remember(model.shape, OFFERS, by_partner).get(partner, [])


def worn(model: Model) -> bool:
    """Whether replaced documents have become so many that a fresh index is due."""
    return dead_share(model.index) > _WORN


def _as_of_day(card: Card, day: date) -> Card:
    status = open_or_closed(card.status, card.closed_until, day)
    told = taken_in(capacity(card.reading, card.rhythm, day), status)
    until, why = (card.closed_until, card.closed_why) if status == "closed" else (None, "")
    whole = replace(card.whole, capacity=told, status=status, closed_until=until) if card.whole else None
    return replace(card, capacity=told, status=status, closed_until=until, closed_why=why, whole=whole)


def turn_day(model: Model, day: date) -> None:
    """A new day: the same readings are a day older."""
    model.cards = {name: _as_of_day(card, day) for name, card in model.cards.items()}
    model.day = day
    model.by_number, model.rungs, model.names, model.spots, model.order = {}, {}, {}, {}, []
    model.parts.clear()
    model.index.sets[FREE] = 0
    model.shape.pop(OFFERS, None)
    _arrange(model, model.cards.values())
