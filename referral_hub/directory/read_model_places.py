"""Places in a search: those named, what lies there or comes there, and how far to look where that is nothing. Pure."""

from collections.abc import Sequence
from math import inf

from referral_hub.directory.cards import Card, Site, nearest_site
from referral_hub.directory.read_model import Model
from referral_hub.geography.distance import distance_km
from referral_hub.search.index import from_bits, to_bits
from referral_hub.search.match import Matches, in_areas
from referral_hub.search.places import Place, place_named
from referral_hub.search.query import Query

WIDER_KM = (15.0, 30.0, 60.0)
ENOUGH = 3  # with fewer choices than these the circle around a place grows,
NEARLY = 0.8  # and until one of them is nearly as good a match as the best anywhere


def read_places(
    model: Model, named: Sequence[str], query: Query
) -> tuple[tuple[Place, ...], tuple[str, ...], str | None]:
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


def _truest(matches: Matches | None, wanted: int) -> int:
    """Of what is wanted the documents that meet the words nearly as well as any: „odwyk” is first a clinic."""
    if matches is None:
        return wanted
    scores = {number: matches.scores[number] for number in from_bits(wanted)}
    least = NEARLY * max(scores.values(), default=0.0)
    return to_bits((number for number, score in scores.items() if score >= least), wanted.bit_length())


def within(model: Model, places: Sequence[Place], wanted: int, matches: Matches | None) -> tuple[int, float | None]:
    """Documents in the places or serving them; where that leaves nothing of what is wanted, farther around."""
    if not places:
        return model.index.alive, None
    bits = 0
    for place in places:
        bits |= _of_place(model, place)
    if bits & wanted or not wanted:
        return bits, None
    truest = _truest(matches, wanted)
    county = in_areas(model.index, [place.code[:4] for place in places])
    wider = [(county[0] | county[1], 0.0), *((_around(model, places[0], km), km) for km in WIDER_KM)]
    for around, km in wider:
        if (around & wanted).bit_count() >= ENOUGH and around & truest:
            return around, km
    around, km = max(wider, key=lambda pair: ((pair[0] & wanted).bit_count(), -pair[1]))
    return (around, km) if around & wanted else (bits, None)


def _of_place(model: Model, place: Place) -> int:
    located, served = in_areas(model.index, place.areas)
    near = _around(model, place, place.near_km) if place.near_km else 0
    return located | served | near


def _around(model: Model, place: Place, km: float) -> int:
    """Documents with a site this near; offers that reach everywhere are in `served` already."""
    near = (number for number in model.by_number if distance(model, number, place) <= km)
    return to_bits(near, len(model.index.documents))


def distance(model: Model, number: int, place: Place) -> float:
    """Kilometres to the nearest site, infinite where there is none."""
    return min((distance_km(place.lat, place.lon, *spot) for spot in model.spots[number]), default=inf)


def distance_to(model: Model, number: int, places: Sequence[Place]) -> float | None:
    """Kilometres from the first place asked for to the nearest site, as the crow flies; None without
    either."""
    km = distance(model, number, places[0]) if places else inf
    return None if km == inf else km


def shown_site(card: Card, places: Sequence[Place]) -> Site | None:
    """The site to show for a search."""
    areas = [area for place in places for area in place.areas]
    return nearest_site(card, areas, (places[0].lat, places[0].lon) if places else None)
