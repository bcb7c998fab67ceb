"""The areas of the map as GeoJSON: boundaries that were imported, cells around centre points for the rest."""

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from referral_hub.database.transaction import connection
from referral_hub.directory.read_model import Model
from referral_hub.geography.cells import approximate_ring
from referral_hub.geography.units import Unit, children, unit

_MOST_AREAS = 450  # a map of the whole country draws only the gminy that have something


class Areas(Struct, frozen=True):
    """The encoded collection; `approximate` where none of it is a real boundary."""

    body: bytes
    version: str
    approximate: bool


async def areas_of(model: Model) -> Areas:
    """The areas of the counties the network covers, kept until the directory changes."""
    if "areas" not in model.shape:
        wanted = _wanted(model)
        async with connection() as sql:
            rows = await sql.fetch(
                "select terc, geometry::text as geometry from boundary where terc = any($1)", [u.code for u in wanted]
            )
        known = {row["terc"]: msgspec.Raw(row["geometry"].encode()) for row in rows}
        model.shape["areas"] = _collect(wanted, known)
    areas: Areas = model.shape["areas"]
    return areas


def _wanted(model: Model) -> list[Unit]:
    codes = {site.terc for card in model.by_number.values() for site in card.sites if len(site.terc) == 6}
    counties = sorted({code[:4] for code in codes})
    around = [gmina for county in counties for gmina in children(county)]
    own = [known for code in sorted(codes) if (known := unit(code)) is not None]
    return around if len(around) <= _MOST_AREAS else own


def _collect(wanted: Iterable[Unit], known: dict[str, msgspec.Raw]) -> Areas:
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "properties": {"terc": one.code, "name": one.name, "approximate": one.code not in known},
            "geometry": known.get(one.code) or {"type": "Polygon", "coordinates": [approximate_ring(one)]},
        }
        for one in wanted
    ]
    body = msgspec.json.encode({"type": "FeatureCollection", "features": features})
    return Areas(body, hashlib.sha256(body).hexdigest()[:12], not known)
