"""The 16 voivodeships, 380 counties and 2,479 gminy of Poland with centre points, and larger villages.

Codes are TERC without the seventh digit (2, 4 or 6 digits): the seventh is the kind and changes.
"""

from collections import defaultdict
from functools import cache
from importlib.resources import files
from typing import Literal

from msgspec import Struct

Kind = Literal["voivodeship", "county", "city_county", "urban", "mixed", "rural"]


class Unit(Struct, frozen=True, gc=False):
    """A territorial unit; `lat`, `lon` is its centre (WGS 84), `approximate` where it is only near by."""

    code: str
    kind: Kind
    name: str
    lat: float
    lon: float
    approximate: bool = False

    @property
    def level(self) -> int:
        """1 voivodeship, 2 county, 3 gmina."""
        return len(self.code) // 2


class Locality(Struct, frozen=True, gc=False):
    """A town or village that is not the namesake of its gmina; `people` as GeoNames counts them."""

    name: str
    gmina: str
    lat: float
    lon: float
    people: int = 0


def _rows(name: str) -> list[list[str]]:
    text = files("referral_hub.geography").joinpath("data", name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


@cache
def units() -> dict[str, Unit]:
    """Every unit by its code, in order of codes."""
    kinds: dict[str, Kind] = {
        "voivodeship": "voivodeship",
        "county": "county",
        "city_county": "city_county",
        "urban": "urban",
        "mixed": "mixed",
        "rural": "rural",
    }
    return {
        row[0]: Unit(row[0], kinds[row[1]], row[2], float(row[3]), float(row[4]), len(row) > 5)
        for row in _rows("units.tsv")
    }


@cache
def localities() -> tuple[Locality, ...]:
    """About 1,600 towns and villages above 500 people, to be recognised in a search."""
    return tuple(Locality(r[0], r[1], float(r[2]), float(r[3]), int(r[4])) for r in _rows("localities.tsv"))


def unit(code: str) -> Unit | None:
    """The unit of a TERC code; a seventh digit is left out."""
    return units().get(code.strip()[:6])


def parent(code: str) -> Unit | None:
    """The unit one level up; None above a voivodeship."""
    return units().get(code[: len(code[:6]) - 2]) if len(code) > 2 else None


@cache
def _children() -> dict[str, tuple[Unit, ...]]:
    found: dict[str, list[Unit]] = defaultdict(list)
    for one in units().values():
        found[one.code[:-2]].append(one)
    return {code: tuple(list_) for code, list_ in found.items()}


def children(code: str) -> tuple[Unit, ...]:
    """The units one level down; of "" the voivodeships."""
    return _children().get(code, ())


def covers(area: str, code: str) -> bool:
    """Whether `area` is the unit `code` or holds it; codes nest by their digits, "" is the whole country."""
    return code.startswith(area)
