"""One search of the directory: what was asked, narrowed and ordered, with facets counted as of the other
filters. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import nsmallest
from math import inf
from typing import Any

from msgspec import Struct

from referral_hub.directory.cards import Card, Site, nearest_site
from referral_hub.directory.read_model import Model
from referral_hub.geography.distance import distance_km
from referral_hub.search.index import from_bits, to_bits
from referral_hub.search.match import Matches, in_areas, match, narrow
from referral_hub.search.places import Place, place_named
from referral_hub.search.query import Query, understand

SORTS = ("best", "free", "near", "name")
FACETS = ("need", "form", "audience", "kind", "language")
WIDER_KM = (15.0, 30.0, 60.0)
ENOUGH = 3  # fewer choices than these, and the circle around a place grows
_BONUS = (0.25, 0.2, 0.15, 0.0, -0.05, -0.15, -0.3)  # by rung: what free places are worth beside a good match


class Asked(Struct, frozen=True):
    """The parameters of a search, checked; several codes of one facet mean any of them."""

    q: str = ""
    needs: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    free: bool = False
    sort: str = ""
    page: int = 1
    per_page: int = 20

    def chosen(self) -> dict[str, tuple[str, ...]]:
        """The filters by facet."""
        return {
            "need": self.needs,
            "form": self.forms,
            "audience": self.audiences,
            "kind": self.kinds,
            "language": self.languages,
            "free": ("1",) if self.free else (),
        }


class Found(Struct, frozen=True):
    """The numbers of one page, in order. `unknown_places`: names nobody knows; `widened_km`: the place had
    nothing, so what lies this far around it is shown (0: the rest of its county)."""

    total: int
    page: int
    pages: int
    numbers: list[int]
    facets: dict[str, dict[str, int]]
    query: Query
    places: tuple[Place, ...]
    unknown_places: tuple[str, ...]
    corrected_place: str | None
    missed: tuple[str, ...]
    widened_km: float | None
    shown: int
    sort: str


def search(model: Model, asked: Asked) -> Found:
    """The page of results that was asked for."""
    query = _understood(model, asked.q)
    places, unknown, corrected = _places(model, asked.places, query)
    matches = _matches(model, query)
    base = model.index.alive if matches is None else matches.bits
    filters = asked.chosen()
    within, widened = _within(model, places, _only(model, base, filters))
    codes = _codes(model)
    shown, facets = narrow(model.index, base & within, filters, {facet: codes[facet] for facet in FACETS})
    facets["municipality"] = _municipalities(model, base, filters, places)
    sort = _sort(asked, query, places)
    total = shown.bit_count()
    first = (asked.page - 1) * asked.per_page
    numbers = _ordered(model, shown, matches, places, sort, first + asked.per_page)[first:]
    return Found(
        total=total,
        page=asked.page,
        pages=max(1, -(-total // asked.per_page)),
        numbers=numbers,
        facets=facets,
        query=query,
        places=places,
        unknown_places=unknown,
        corrected_place=corrected,
        missed=matches.missed if matches else (),
        widened_km=widened,
        shown=shown,
        sort=sort,
    )


def _understood(model: Model, text: str) -> Query:
    """What was typed, understood; kept, since paging and filters ask for it again and again."""
    key = ("query", text)
    if key not in model.kept:
        model.keep(key, understand(text, model.index, model.synonyms, model.gazetteer, model.topic_words))
    found: Query = model.kept[key]
    return found


def _matches(model: Model, query: Query) -> Matches | None:
    """The documents that meet the words, kept as well."""
    key = ("match", query.groups)
    if key not in model.kept:
        model.keep(key, match(model.index, query))
    found: Matches | None = model.kept[key]
    return found


def _places(model: Model, named: Sequence[str], query: Query) -> tuple[tuple[Place, ...], tuple[str, ...], str | None]:
    """Places of the place box and filter; where there are none, the place named in the text."""
    found, unknown, corrected = [], [], None
    for text in named:
        hit = place_named(text, model.gazetteer)
        if hit is None:
            unknown.append(text)
        else:
            found.append(hit.place)
            corrected = corrected or hit.corrected
    if not named and query.place is not None:
        found.append(query.place)
    return tuple(found), tuple(unknown), corrected


def _only(model: Model, base: int, filters: Mapping[str, Iterable[str]]) -> int:
    return narrow(model.index, base, filters, {})[0]


def _within(model: Model, places: Sequence[Place], wanted: int) -> tuple[int, float | None]:
    """Documents in the places or serving them; where that leaves nothing of what is wanted, farther
    around."""
    if not places:
        return model.index.alive, None
    bits = 0
    for place in places:
        bits |= _of_place(model, place)
    if bits & wanted or not wanted:
        return bits, None
    county = in_areas(model.index, [place.code[:4] for place in places])
    wider = [(county[0] | county[1], 0.0), *((_around(model, places[0], km), km) for km in WIDER_KM)]
    for around, km in wider:
        if (around & wanted).bit_count() >= ENOUGH:
            return around, km
    around, km = max(wider, key=lambda pair: ((pair[0] & wanted).bit_count(), -pair[1]))
    return (around, km) if around & wanted else (bits, None)


def _of_place(model: Model, place: Place) -> int:
    located, served = in_areas(model.index, place.areas)
    near = _around(model, place, place.near_km) if place.near_km else 0
    return located | served | near


def _around(model: Model, place: Place, km: float) -> int:
    """Documents with a site this near; offers that reach everywhere are in `served` already."""
    near = (number for number in model.by_number if _distance(model, number, place) <= km)
    return to_bits(near, len(model.index.documents))


def _distance(model: Model, number: int, place: Place) -> float:
    """Kilometres to the nearest site, infinite where there is none."""
    return min((distance_km(place.lat, place.lon, *spot) for spot in model.spots[number]), default=inf)


def distance_to(model: Model, number: int, places: Sequence[Place]) -> float | None:
    """Kilometres from the first place asked for to the nearest site, as the crow flies; None without
    either."""
    km = _distance(model, number, places[0]) if places else inf
    return None if km == inf else km


def shown_site(card: Card, places: Sequence[Place]) -> Site | None:
    """The site to show for a search."""
    areas = [area for place in places for area in place.areas]
    return nearest_site(card, areas, (places[0].lat, places[0].lon) if places else None)


def _codes(model: Model) -> dict[str, list[str]]:
    """Every code of each facet that any document has, kept until the directory changes."""
    if "codes" not in model.kept:
        codes: dict[str, list[str]] = {facet: [] for facet in (*FACETS, "municipality")}
        for name, bits in model.index.sets.items():
            facet, _, code = name.partition(":")
            if bits and facet in codes:
                codes[facet].append(code)
        model.keep("codes", codes)
    found: dict[str, list[str]] = model.kept["codes"]
    return found


def _municipalities(
    model: Model, base: int, filters: Mapping[str, Iterable[str]], places: Sequence[Place]
) -> dict[str, int]:
    """For every gmina with a site the number that choosing it would show: offers there and offers that
    serve it."""
    reach = _reach(model)
    others = _only(model, base, filters)
    counts = {code: count for code, bits in reach.items() if (count := (bits & others).bit_count())}
    chosen = {code for place in places for code in place.areas if len(code) == 6}
    counts.update({code: 0 for code in chosen if code not in counts})
    return counts


def _reach(model: Model) -> dict[str, int]:
    """For every gmina with a site the offers there and those that serve it, kept until the directory changes."""
    if "reach" not in model.kept:
        model.keep(
            "reach",
            {
                code: located | served
                for code in _codes(model)["municipality"]
                for located, served in (in_areas(model.index, [code]),)
            },
        )
    found: dict[str, int] = model.kept["reach"]
    return found


def on_the_spot(model: Model, found: Found) -> dict[str, int]:
    """How many of all results have a site in each gmina: the numbers of the map."""
    codes = _codes(model)["municipality"]
    counts = {code: (model.index.sets[f"municipality:{code}"] & found.shown).bit_count() for code in codes}
    return {code: count for code, count in counts.items() if count}


def _sort(asked: Asked, query: Query, places: Sequence[Place]) -> str:
    """The order in force: as asked; else the best match first, or, where no words were given, free places
    first."""
    if asked.sort == "near" and not places:
        return "best" if query.groups else "free"
    return asked.sort or ("best" if query.groups else "free")


def _ordered(
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
        km = round(_distance(model, number, places[0]), 1) if places else 0.0
        step, name = model.rungs[number], model.names[number]
        return (first(number), step, km, name) if sort == "free" else (first(number), km, step, name)

    return sorted(numbers, key=whole)[:most]


def _first_key(model: Model, scores: Mapping[int, float], places: Sequence[Place], sort: str) -> Callable[[int], Any]:
    """What an order goes by first of all."""
    match sort:
        case "name":
            return model.names.__getitem__
        case "near":
            return lambda number: round(_distance(model, number, places[0]), 1)
        case "best":
            rungs = model.rungs
            return lambda number: -round(scores.get(number, 1.0) * (1 + _BONUS[rungs[number]]), 3)
        case _:
            return model.rungs.__getitem__


def _walk(order: Sequence[int], shown: int, most: int) -> list[int]:
    """The first results along an order made beforehand: a page of everything need not sort everything."""
    bits = shown.to_bytes((shown.bit_length() + 7) // 8, "little")
    found: list[int] = []
    for number in order:
        place = number >> 3
        if place < len(bits) and bits[place] >> (number & 7) & 1:
            found.append(number)
            if len(found) == most:
                break
    return found
