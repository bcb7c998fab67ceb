"""Areas for the map: boundaries as published, or cells around centre points."""

from pathlib import Path

import msgspec
import pytest
from shapely.geometry import Point, Polygon
from shapely.ops import unary_union

from referral_hub.geography.boundaries import Boundary, Fault, NotGeoJSON, read_boundaries
from referral_hub.geography.cells import approximate_ring
from referral_hub.geography.units import units

SQUARE = [[[20.0, 50.0], [20.1, 50.0], [20.1, 50.1], [20.0, 50.0]]]


def _file(*features: object) -> bytes:
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def _feature(code: str, coordinates: object = SQUARE, kind: str = "Polygon") -> dict[str, object]:
    return {"properties": {"terc": code}, "geometry": {"type": kind, "coordinates": coordinates}}


def test_a_boundary_is_known_by_six_digits() -> None:
    [found] = read_boundaries(_file(_feature("1207072")))
    assert isinstance(found, Boundary)
    assert found.unit.name == "Limanowa"
    assert found.unit.code == "120707"


def test_bad_features_are_named_and_good_ones_kept() -> None:
    metres = [[[567000.0, 240000.0], [568000.0, 240000.0], [568000.0, 241000.0], [567000.0, 240000.0]]]
    found = list(
        read_boundaries(
            _file(
                _feature("9999992"),
                _feature("1201", metres),
                "nonsense",
                _feature("1201", [20.0, 50.0], "Point"),
                _feature("1201", [[1, 2, 3, 1]]),
                {"properties": None, "geometry": None},
                _feature("1201"),
            )
        )
    )
    assert [f.problem for f in found if isinstance(f, Fault)] == [
        "unknown_unit",
        "not_in_degrees",
        "not_a_feature",
        "not_a_polygon",
        "not_in_degrees",
        "unknown_unit",
    ]
    assert isinstance(found[-1], Boundary)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"[]", b'{"features": 3}', b"code;name\n1;2"])
def test_another_kind_of_file_is_refused(data: bytes) -> None:
    with pytest.raises(NotGeoJSON):
        list(read_boundaries(data))


def test_cells_hold_their_centres_and_do_not_overlap() -> None:
    gminy = [u for u in units().values() if u.level == 3 and u.code.startswith("12")]
    cells = {u.code: Polygon(approximate_ring(u)) for u in gminy}
    for u in gminy:
        assert cells[u.code].contains(Point(u.lon, u.lat)), u
    whole, parts = unary_union(list(cells.values())).area, sum(c.area for c in cells.values())
    assert parts == pytest.approx(whole, rel=0.001)


def test_published_boundaries_are_all_read(shared: Path) -> None:
    found = list(read_boundaries((shared / "data/geo/gminy_simpl.geojson").read_bytes()))
    assert len(found) == 2477
    assert all(isinstance(f, Boundary) for f in found)
