"""The orders of a list of results. Pure."""

from collections.abc import Callable, Mapping, Sequence
from heapq import nsmallest
from typing import Any

from referral_hub.directory.read_model import Model
from referral_hub.directory.read_model_places import distance
from referral_hub.search.index import from_bits
from referral_hub.search.match import Matches
from referral_hub.search.places import Place
from referral_hub.search.query import Query

_BONUS = (0.25, 0.2, 0.15, 0.0, -0.05, -0.15, -0.3)  # by rung: what free places are worth beside a good match


def order_in_force(asked: str, query: Query, places: Sequence[Place]) -> str:
    """The order in force: as asked; else the best match first, or, where no words were given, free places
    first."""
    if asked == "near" and not places:
        return "best" if query.groups else "free"
    return asked or ("best" if query.groups else "free")


def ordered(
    model: Model, shown: int, matches: Matches | None, places: Sequence[Place], sort: str, most: int
) -> list[int]:
    """The first `most` results in order."""
    if sort == "free" and not places and shown.bit_count() > 500:
        return _walk(model.order, shown, most)
    numbers = from_bits(shown)
    scores = matches.scores if matches else {}
    first = _first_key(model, scores, places, sort)
    if len(numbers) > most:  # the whole key, with its distance, only for those that may be on the page
        keys = [first(number) for number in numbers]
        last = nsmallest(most, keys)[-1]
        numbers = [number for number, key in zip(numbers, keys, strict=True) if key <= last]

    def whole(number: int) -> tuple[Any, ...]:
        km = round(distance(model, number, places[0]), 1) if places else 0.0
        step, name = model.rungs[number], model.names[number]
        return (first(number), step, km, name) if sort == "free" else (first(number), km, step, name)

    return sorted(numbers, key=whole)[:most]


def _first_key(model: Model, scores: Mapping[int, float], places: Sequence[Place], sort: str) -> Callable[[int], Any]:
    """What an order goes by first of all."""
    match sort:
        case "name":
            return model.names.__getitem__
        case "near":
            return lambda number: round(distance(model, number, places[0]), 1)
        case "best":
            rungs = model.rungs
            return lambda number: -round(scores.get(number, 1.0) * (1 + _BONUS[rungs[number]]), 3)
        case _:
            return model.rungs.__getitem__


def _walk(order: Sequence[tuple[int, str, int]], shown: int, most: int) -> list[int]:
    """The first results along an order made beforehand: a page of everything need not sort everything."""
    bits = shown.to_bytes((shown.bit_length() + 7) // 8, "little")
    found: list[int] = []
    for _, _, number in order:
        place = number >> 3
        if place < len(bits) and bits[place] >> (number & 7) & 1:
            found.append(number)
            if len(found) == most:
                break
    return found
