"""Areas are typed as people say them, and shown so that they can be typed back."""

import pytest

from referral_hub.directory.area import area_text, read_area
from referral_hub.geography.units import units


@pytest.mark.parametrize(
    ("text", "home", "codes", "unclear"),
    [
        ("Tarnów, powiat tarnowski", "126301", ["126301", "1216"], []),
        ("Tarnów", "", ["126301"], []),
        ("województwo małopolskie; Kraków", "", ["12", "126101"], []),
        ("cała Polska", "", [], []),
        ("", "", [], []),
        ("1216, 126301", "", ["1216", "126301"], []),
        ("Nibylandia, Dębno", "121602", ["120204"], ["Nibylandia"]),
        ("gmina Dębno", "", [], ["gmina Dębno"]),
        ("9999", "", [], ["9999"]),
    ],
)
def test_areas(text: str, home: str, codes: list[str], unclear: list[str]) -> None:
    assert read_area(text, home) == (codes, unclear)


def test_every_unit_is_shown_so_that_it_can_be_typed_back() -> None:
    lost = [code for code in units() if read_area(area_text([code]), code) != ([code], [])]
    assert lost == []
