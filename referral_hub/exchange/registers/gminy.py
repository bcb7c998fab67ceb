"""Which gmina a place of a register is in: certain, or not said. Pure.

Names of gminy repeat: a town and the rural gmina around it often share one (Bochnia, Limanowa, Nowy Targ), and
so do gminy of different powiats. Post codes fit several. So a gmina is taken only where something decides:
its TERC, a name that occurs once, the powiat, or a street, which only the town has.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from msgspec import Struct

from referral_hub.geography.units import Locality, Unit
from referral_hub.institutions.names import fold


def plain(name: str) -> str:
    """A name of a unit for comparison: folded, hyphens and dots as blanks, „m.” and „miasto” left out."""
    words = fold(name).replace("-", " ").replace(".", " ").split()
    return " ".join(word for word in words if word not in {"m", "miasto", "gmina", "powiat"})


class Where(Struct, frozen=True):
    """The answer: a TERC of 6 digits or "", and how it was found (name, place, street, village) or why not."""

    terc: str = ""
    how: str = ""


class Gminy:
    """The gminy of one voivodeship (or of the country) by name."""

    def __init__(self, units: Iterable[Unit], localities: Iterable[Locality] = (), within: str = "") -> None:
        kept = [unit for unit in units if unit.code.startswith(within)]
        self.units = {unit.code: unit for unit in kept}
        self.by_name: dict[str, list[Unit]] = defaultdict(list)
        for unit in kept:
            if len(unit.code) == 6:
                self.by_name[plain(unit.name)].append(unit)
        self._localities = [one for one in localities if one.gmina.startswith(within)]

    @cached_property
    def villages(self) -> dict[str, set[str]]:
        """Gminy that hold a village of the name."""
        found: dict[str, set[str]] = defaultdict(set)
        for one in self._localities:
            found[plain(one.name)].add(one.gmina)
        return found

    def centre(self, place: str, terc: str) -> tuple[float, float, str] | None:
        """Latitude, longitude and precision (place or gmina) of a place in a gmina; None without a gmina."""
        unit = self.units.get(terc)
        if unit is None:
            return None
        for one in self._localities:
            if one.gmina == terc and plain(one.name) == plain(place):
                return one.lat, one.lon, "place"
        return unit.lat, unit.lon, "gmina"

    def powiat(self, name: str) -> str:
        """TERC of a powiat by its name, or "" when the name fits none or several."""
        wanted = plain(name)
        city = fold(name).startswith(("m.", "miasto"))
        codes = [
            unit.code
            for unit in self.units.values()
            if len(unit.code) == 4 and plain(unit.name) == wanted and (not city or unit.kind == "city_county")
        ]
        return codes[0] if len(codes) == 1 else ""

    def named(self, names: Iterable[str]) -> list[Unit]:
        """Every gmina with one of the names."""
        return [unit for name in names for unit in self.by_name.get(plain(name), [])]

    def find(
        self, place: str, *, powiat: str = "", candidates: tuple[str, ...] = (), village: str = "", street: bool
    ) -> Where:
        """The gmina of an address.

        `place` is the town of the address, `candidates` names of gminy its post code fits, `village` a place
        named before the post code (a town has no villages), `street` whether the address has a street (towns
        have, hamlets have not).
        """
        if village and (where := self._village(village, powiat)):
            return Where(where, "village")
        units = self.named([place])
        if not units and (where := self._village(place, powiat)):
            return Where(where, "village")
        chosen = [unit for unit in units if plain(unit.name) in {plain(name) for name in candidates}] or units
        how = "name"
        if candidates and not chosen:
            if len(candidates) > 1:
                return Where("", "several")
            chosen, how = self.named(candidates), "code"
        elif len(candidates) > 1:
            how = "place"
        if village and plain(village) != plain(place):
            chosen = [unit for unit in chosen if unit.kind != "urban"] or chosen
        return self._one(chosen, powiat, how, street=street and how != "code")

    def _village(self, village: str, powiat: str) -> str:
        gminy = self.villages.get(plain(village), set())
        if powiat:
            gminy = {code for code in gminy if code.startswith(powiat)}
        return next(iter(gminy)) if len(gminy) == 1 else ""

    def _one(self, units: list[Unit], powiat: str, how: str, *, street: bool) -> Where:
        if len(units) > 1 and street:
            near = [unit for unit in units if unit.code[:4] == powiat or self._is_city(unit)]
            towns = [unit for unit in near or units if unit.kind == "urban"]
            if len(towns) == 1:
                return Where(towns[0].code, how)
        if len(units) > 1 and powiat:
            units = [unit for unit in units if unit.code[:4] == powiat] or units
        if len(units) == 1:
            return Where(units[0].code, how)
        return Where("", "several" if units else "unknown")

    def _is_city(self, unit: Unit) -> bool:
        county = self.units.get(unit.code[:4])
        return county is not None and county.kind == "city_county"


def voivodeship_of(powiats: Iterable[str], units: Iterable[Unit]) -> str:
    """The one voivodeship that has all the powiats named in a file, else "": names of powiats repeat."""
    by_name: dict[str, set[str]] = defaultdict(set)
    for unit in units:
        if len(unit.code) == 4:
            by_name[plain(unit.name)].add(unit.code[:2])
    found = [by_name[plain(name)] for name in set(powiats) if by_name.get(plain(name))]
    common = set.intersection(*found) if found else set()
    return common.pop() if len(common) == 1 else ""
