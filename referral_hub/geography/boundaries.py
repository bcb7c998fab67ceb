"""Boundaries of units read from published GeoJSON; bad features are named, good ones kept. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from referral_hub.geography.units import Unit, unit

CODE_NAMES = ("terc", "TERC", "teryt", "TERYT", "JPT_KOD_JE", "jpt_kod_je", "code")


class Boundary(msgspec.Struct, frozen=True):
    """A unit and its GeoJSON geometry (Polygon or MultiPolygon, lon/lat in degrees)."""

    unit: Unit
    geometry: dict[str, Any]


class Fault(msgspec.Struct, frozen=True):
    """A feature that cannot be taken: its number from 1, the code it bore, and the name of the fault."""

    number: int
    value: str
    problem: str


class NotGeoJSON(ValueError):
    """The file is no GeoJSON feature collection at all."""


def read_boundaries(data: bytes) -> Iterator[Boundary | Fault]:
    """Every feature of a collection as a Boundary or a Fault. Raises NotGeoJSON for another kind of file."""
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotGeoJSON(str(error)) from error
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list):
        raise NotGeoJSON("no list of features")
    for number, feature in enumerate(features, 1):
        yield _read_feature(number, feature)


def _read_feature(number: int, feature: object) -> Boundary | Fault:
    if not isinstance(feature, dict):
        return Fault(number, "", "not_a_feature")
    properties, geometry = feature.get("properties"), feature.get("geometry")
    code = _code(properties if isinstance(properties, Mapping) else {})
    known = unit(code) if code.isascii() and code.isdigit() else None
    if known is None:
        return Fault(number, code, "unknown_unit")
    if not isinstance(geometry, dict) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        return Fault(number, code, "not_a_polygon")
    if not _in_poland(geometry):
        return Fault(number, code, "not_in_degrees")
    return Boundary(known, {"type": geometry["type"], "coordinates": geometry["coordinates"]})


def _code(properties: Mapping[str, object]) -> str:
    return next((str(properties[name]).strip() for name in CODE_NAMES if properties.get(name)), "")


def _in_poland(geometry: dict[str, Any]) -> bool:
    """Whether every ring is closed and lies in degrees around Poland (metres are the usual mistake)."""
    polygons = geometry.get("coordinates")
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    try:
        rings = [ring for polygon in polygons or () for ring in polygon]
        return bool(rings) and all(
            len(ring) > 3 and ring[0] == ring[-1] and all(13 < p[0] < 25 and 48 < p[1] < 56 for p in ring)
            for ring in rings
        )
    except (TypeError, IndexError, KeyError):
        return False
