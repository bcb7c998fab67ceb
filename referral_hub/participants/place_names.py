"""From what somebody typed as a place to the gmina and the point that matching needs."""

from functools import cache

from msgspec import Struct

from referral_hub.directory.read_model_refresh import kept
from referral_hub.geography.units import parent, unit
from referral_hub.participants.person import is_gmina
from referral_hub.search.places import Gazetteer, make_gazetteer, place_named


class Where(Struct, frozen=True):
    """A gmina, the name that was understood, and a point in it (degrees, WGS 84)."""

    gmina: str
    name: str
    point: tuple[float, float]


@cache
def _of_the_country() -> Gazetteer:
    return make_gazetteer()


def _gazetteer() -> Gazetteer:
    """The directory's own, which knows the network's villages and prefers them among namesakes."""
    model = kept()
    return model.gazetteer if model is not None else _of_the_country()


def where_is(typed: str) -> Where | None:
    """The gmina of a village, town, gmina or TERC code; None where it is not known or larger than a gmina."""
    found = place_named(typed, _gazetteer()) if typed.strip() else None
    if found is None:
        return None
    code = found.place.areas[0]
    if not is_gmina(code):
        return None
    return Where(code, found.place.name, (found.place.lat, found.place.lon))


def name_of_gmina(code: str) -> str:
    """The name of a gmina with its county, as a page shows it: "Ryglice (tarnowski)"; '' for no code."""
    known = unit(code) if code else None
    if known is None:
        return ""
    above = parent(code)
    return known.name if above is None or above.kind == "city_county" else f"{known.name} ({above.name})"


def point_of(code: str) -> tuple[float, float] | None:
    """The centre of a gmina."""
    known = unit(code) if code else None
    return None if known is None else (known.lat, known.lon)
