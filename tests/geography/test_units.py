"""The country as data: every unit is there, nests by its digits, and has a centre inside Poland."""

import pytest

from referral_hub.geography.distance import distance_km
from referral_hub.geography.units import children, covers, localities, parent, unit, units


def test_all_units_of_2026_are_there() -> None:
    levels = [u.level for u in units().values()]
    assert [levels.count(n) for n in (1, 2, 3)] == [16, 380, 2479]


def test_every_unit_has_its_parent_and_a_centre_in_poland() -> None:
    for one in units().values():
        assert 48.9 < one.lat < 55, one
        assert 14 < one.lon < 24.2, one
        assert one.level == 1 or parent(one.code) in units().values()


def test_gminy_newer_than_the_boundaries_lie_beside_the_old_ones_and_say_so() -> None:
    for new, old in (("120713", "120705"), ("200216", "200209")):
        a, b = units()[new], units()[old]
        assert a.approximate
        assert distance_km(a.lat, a.lon, b.lat, b.lon) < 12
    assert sum(u.approximate for u in units().values()) == 2


def test_the_seventh_digit_is_left_out() -> None:
    assert unit("1207072") == unit("120707")
    assert unit("999999") is None
    assert unit("") is None


def test_children_and_cover_follow_the_digits() -> None:
    assert len(children("")) == 16
    assert len(children("12")) == 22
    assert {u.name for u in children("1263")} == {"Tarnów"}
    assert covers("1216", "121609")
    assert covers("", "121609")
    assert not covers("1263", "121609")


def test_localities_stand_in_gminy_near_by() -> None:
    assert len(localities()) > 1500
    for place in localities():
        gmina = units()[place.gmina]
        assert distance_km(place.lat, place.lon, gmina.lat, gmina.lon) < 40, place


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [((50.0614, 19.9366), (52.2297, 21.0122), 252), ((50, 20), (50, 20), 0), ((50, 20), (51, 20), 111.2)],
)
def test_distance_is_that_of_the_globe(a: tuple[float, float], b: tuple[float, float], km: float) -> None:
    assert distance_km(*a, *b) == pytest.approx(km, abs=0.6)
    assert distance_km(*b, *a) == pytest.approx(distance_km(*a, *b))
