"""Approximate areas around centre points (Voronoi cells), for a map while no boundaries were imported. Pure.

A cell is cut out of a disc around its point by the bisectors towards its neighbours, then by the hull of all
points, so neither the coast nor a thinly settled corner grows a cell without end. No library: cutting a convex
polygon by a straight line is all it takes, and the demo's one worker keeps numpy out of its memory.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from math import cos, pi, radians, sin

from referral_hub.geography.units import Unit, units

Point = tuple[float, float]  # kilometres east and north, on a plane that is true enough for one country
_LAT0 = 52.0
_KM_NORTH = 111.2
_KM_EAST = _KM_NORTH * cos(radians(_LAT0))
_DISC_KM, _CORNERS = 20.0, 24
_MARGIN_KM = 8.0  # centres of the outermost units lie this far inside the border, roughly


def on_plane(lat: float, lon: float) -> Point:
    """Degrees to kilometres on the plane."""
    return (lon - 19.0) * _KM_EAST, (lat - _LAT0) * _KM_NORTH


def on_globe(point: Point) -> tuple[float, float]:
    """Kilometres on the plane to (lon, lat) in degrees, as GeoJSON orders them, to about 10 m."""
    return round(point[0] / _KM_EAST + 19.0, 4), round(point[1] / _KM_NORTH + _LAT0, 4)


def cut(polygon: Sequence[Point], a: float, b: float, c: float) -> list[Point]:
    """The part of a convex polygon where a·x + b·y ≤ c."""
    kept: list[Point] = []
    for i, here in enumerate(polygon):
        there = polygon[(i + 1) % len(polygon)]
        inside, next_inside = a * here[0] + b * here[1] - c, a * there[0] + b * there[1] - c
        if inside <= 0:
            kept.append(here)
        if inside * next_inside < 0:
            share = inside / (inside - next_inside)
            kept.append((here[0] + share * (there[0] - here[0]), here[1] + share * (there[1] - here[1])))
    return kept


def hull(points: Iterable[Point]) -> list[Point]:
    """The convex hull, counter-clockwise (Andrew's monotone chain)."""
    ordered = sorted(set(points))

    def half(run: Iterable[Point]) -> list[Point]:
        chain: list[Point] = []
        for p in run:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], p) <= 0:
                chain.pop()
            chain.append(p)
        return chain[:-1]

    return half(ordered) + half(reversed(ordered))


def _turn(o: Point, a: Point, b: Point) -> float:
    return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])


def cell(centre: Point, others: Iterable[Point], border: Sequence[Point]) -> list[Point]:
    """The area nearer to `centre` than to any of `others`, inside the disc and the convex `border`."""
    x, y = centre
    polygon = [
        (x + _DISC_KM * cos(2 * pi * i / _CORNERS), y + _DISC_KM * sin(2 * pi * i / _CORNERS)) for i in range(_CORNERS)
    ]
    near = sorted(((ox - x) ** 2 + (oy - y) ** 2, ox, oy) for ox, oy in others)
    for square, ox, oy in near:
        if square > (2 * _DISC_KM) ** 2:
            break
        if square:
            polygon = cut(polygon, ox - x, oy - y, (ox * ox + oy * oy - x * x - y * y) / 2)
    for i, a in enumerate(border):
        b = border[(i + 1) % len(border)]
        east, north = b[1] - a[1], a[0] - b[0]  # outward normal of a counter-clockwise edge
        length = (east * east + north * north) ** 0.5
        polygon = cut(polygon, east, north, east * a[0] + north * a[1] + _MARGIN_KM * length)
    return polygon


@cache
def _country() -> tuple[dict[str, Point], list[Point]]:
    centres = {u.code: on_plane(u.lat, u.lon) for u in units().values() if u.level == 3}
    return centres, hull(centres.values())


def approximate_ring(gmina: Unit) -> list[tuple[float, float]]:
    """A closed (lon, lat) ring around the centre of a gmina, cut against every other gmina of the country."""
    centres, border = _country()
    ring = [on_globe(p) for p in cell(centres[gmina.code], centres.values(), border)]
    return [*ring, ring[0]]
