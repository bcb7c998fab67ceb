"""Place names in what was typed: recognised in any inflection and made a filter, never a search word.
Pure."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from msgspec import Struct
from msgspec.structs import replace
from rapidfuzz import process
from rapidfuzz.distance import OSA

from referral_hub.geography.units import Unit, localities, parent, unit, units
from referral_hub.search.polish import fold, forms, is_common_word, readings, words

NEAR_KM = 25.0
_IN = {"w", "we", "z", "ze", "do"}
_NEAR = {
    "pod",
    "kolo",
    "k",
    "obok",
    "niedaleko",
    "blisko",
    "okolice",
    "okolicach",
    "okolicy",
    "poblizu",
    "przy",
}
_GMINA = {"gmina", "gminie", "gminy", "gm"}
_COUNTY = {"powiat", "powiecie", "powiatu", "pow"}
_VOIVODESHIP = {"wojewodztwo", "wojewodztwie", "wojewodztwa", "woj"}
_TRIGGERS = _GMINA | _COUNTY | _VOIVODESHIP
_REGIONS = {
    "Dolny Śląsk": "02", "Kujawy": "04", "Lubelszczyzna": "06", "Małopolska": "12", "Mazowsze": "14",
    "Opolszczyzna": "16", "Podkarpacie": "18", "Podlasie": "20", "Pomorze": "22", "Śląsk": "24",
    "Warmia": "28", "Mazury": "28", "Wielkopolska": "30", "Pomorze Zachodnie": "32",
}  # fmt: skip
_RANK = {"city_county": 5, "voivodeship": 5, "urban": 4, "mixed": 3, "county": 3, "rural": 2, "locality": 1}


class Place(Struct, frozen=True):
    """A place somebody meant. `areas`: the units it stands for; `near_km`: everything this far around it as
    well."""

    name: str
    code: str
    kind: str
    areas: tuple[str, ...]
    lat: float
    lon: float
    near_km: float | None = None


class Name(Struct, frozen=True):
    """A name as words, each with every folded form it may take, and the places that bear it."""

    forms: tuple[frozenset[str], ...]
    bearers: tuple[Place, ...]


class Found(Struct, frozen=True):
    """A place in a list of words: from `start` (its preposition included) up to `end`."""

    place: Place
    start: int
    end: int
    corrected: str | None = None


class Gazetteer(Struct, frozen=True):
    """The names by the folded forms of their first word, and how well the network covers each unit (code →
    sites)."""

    names: dict[str, tuple[Name, ...]]
    counties: dict[str, tuple[Name, ...]]
    nominative: dict[str, str]
    covered: dict[str, int]


Ordinary = Callable[[str], bool]


@cache
def _forms_of(word: str) -> frozenset[str]:
    """What a word of a name is known by: its folded lemmas (of „Wielka” „wielki”, for „w Wielkiej Wsi”),
    and for a name with diacritics, or one the dictionary does not know, its folded forms: „saczu” is in no
    dictionary."""
    bare, known = fold(word), readings(word)
    keys = {bare, *(fold(lemma) for lemma in known)}
    if not known:
        return frozenset(keys | _guessed(bare))
    return frozenset(keys if bare == word else keys | {fold(form) for form in forms(word.capitalize())})


def _keys(word: str) -> frozenset[str]:
    """What a typed word may be known by."""
    return frozenset({fold(word), *(fold(lemma) for lemma in readings(word.lower()))})


def _guessed(name: str) -> set[str]:
    """Usual endings on a name that the dictionary does not know."""
    stem = name[:-1] if name[-1:] in "aeoy" else name
    endings = ("", "ie", "u", "em", "owi", "a", "y", "i", "ej", "ach", "ami", "om", "o", "e", "iu", "iem")
    return {stem + ending for ending in endings} if len(stem) > 3 else set()


@cache
def _country() -> tuple[tuple[str, Place], ...]:
    """Every gmina and larger village of the country under its name."""
    gminy = [(one.name, _of_unit(one)) for one in units().values() if one.level == 3]
    villages = [
        (place.name, Place(place.name, place.gmina, "locality", (place.gmina,), place.lat, place.lon))
        for place in localities()
    ]
    regions = [(name, replace(_of_unit(units()[code]), name=name)) for name, code in _REGIONS.items()]
    return (*gminy, *villages, *regions)


def _of_unit(one: Unit) -> Place:
    above = parent(one.code)
    is_city = above is not None and above.kind == "city_county"
    kind = "city_county" if is_city else one.kind
    return Place(one.name, one.code, kind, (one.code,), one.lat, one.lon)


def make_gazetteer(sites: Iterable[tuple[str, str, float | None, float | None]] = ()) -> Gazetteer:
    """The country's names with those of the network's own sites: (locality, code of the gmina, lat, lon)."""
    bearers: dict[str, list[Place]] = {}
    covered: dict[str, int] = {}
    for name, place in _country():
        bearers.setdefault(name, []).append(place)
    for locality, code, lat, lon in sites:
        for digits in (2, 4, 6):
            covered[code[:digits]] = covered.get(code[:digits], 0) + 1
        known = unit(code)
        if known and locality and all(code not in place.areas for place in bearers.get(locality, ())):
            centre = (lat, lon) if lat is not None and lon is not None else (known.lat, known.lon)
            bearers.setdefault(locality, []).append(Place(locality, code, "locality", (code,), *centre))
    counties = [(u.name, _of_unit(u)) for u in units().values() if u.kind in {"county", "city_county"}]
    higher = [*counties, *((u.name, _of_unit(u)) for u in units().values() if u.kind == "voivodeship")]
    return Gazetteer(
        _by_first(bearers.items()),
        _by_first((name, [place]) for name, place in higher),
        {fold(" ".join(words(name))): name for name in bearers},
        covered,
    )


def _by_first(named: Iterable[tuple[str, Sequence[Place]]]) -> dict[str, tuple[Name, ...]]:
    found: dict[str, list[Name]] = {}
    for text, places in named:
        parts = words(text)
        if parts:
            name = Name(tuple(_forms_of(part) for part in parts), tuple(places))
            for form in name.forms[0]:
                found.setdefault(form, []).append(name)
    return {form: tuple(names) for form, names in found.items()}


def find_place(typed: Sequence[str], gazetteer: Gazetteer, ordinary: Ordinary) -> Found | None:
    """The place in the words as typed (case kept), the longest first; `ordinary` says that a word means a
    thing here."""
    found = [hit for start in range(len(typed)) if (hit := _at(typed, start, gazetteer, ordinary)) is not None]
    return max(found, key=lambda hit: (hit.end - hit.start, -hit.start), default=None)


def _at(typed: Sequence[str], start: int, gazetteer: Gazetteer, ordinary: Ordinary) -> Found | None:
    bare = [fold(word) for word in typed]
    before = bare[start - 1] if start else ""
    if bare[start] in _TRIGGERS | _IN | _NEAR:
        return None
    source = gazetteer.counties if before in _COUNTY | _VOIVODESHIP else gazetteer.names
    names = _bearing(typed, start, source)
    length = max((len(name.forms) for name in names), default=0)
    alone = length == 1 and before not in _TRIGGERS and typed[start].islower()
    if not length or (alone and ordinary(typed[start])):
        return None
    bearers = [place for name in names if len(name.forms) == length for place in name.bearers]
    place = _likeliest(bearers, gazetteer, _wanted(before), bare[start : start + length])
    if alone and before not in _IN | _NEAR and _rather_a_word(typed[start], place, gazetteer):
        return None
    near, begins = before in _NEAR, start - (before in _IN | _NEAR | _TRIGGERS)
    if begins < start and begins and bare[begins - 1] in _IN | _NEAR:
        begins -= 1  # „w gminie …”, „w pobliżu …”
    return Found(replace(place, near_km=NEAR_KM if near else None), begins, start + length)


def _rather_a_word(typed: str, place: Place, gazetteer: Gazetteer) -> bool:
    """Whether a lone lower-case word is no place here: „dobra praca” where no gmina Dobra is near.

    Cities are always meant, towns in the network's own voivodeship, villages in a county it covers.
    """
    least = {"city_county": 0, "urban": 1, "mixed": 1}.get(place.kind, 2)
    return is_common_word(typed) and _cover(place, gazetteer) < least


def _bearing(typed: Sequence[str], start: int, source: dict[str, tuple[Name, ...]]) -> list[Name]:
    """The names that begin at this word, each once."""
    keys = [_keys(word) for word in typed[start : start + 4]]
    found = {id(name): name for key in keys[0] for name in source.get(key, ())}
    return [
        name
        for name in found.values()
        if len(name.forms) <= len(keys) and all(key & form for key, form in zip(keys, name.forms, strict=False))
    ]


def _wanted(before: str) -> frozenset[str]:
    """The kinds of place that a word in front asks for; empty: any."""
    if before in _GMINA:
        return frozenset({"rural", "mixed"})
    return frozenset({"county"}) if before in _COUNTY else frozenset()


def _cover(place: Place, gazetteer: Gazetteer) -> int:
    """3: the network has a site in the unit, 2: in its county, 1: in its voivodeship, 0: nowhere near."""
    return next((n // 2 for n in (6, 4, 2) if gazetteer.covered.get(place.code[:n])), 0)


def _likeliest(bearers: Sequence[Place], gazetteer: Gazetteer, wanted: frozenset[str], bare: Sequence[str]) -> Place:
    """Of places with one name the one the network covers, then the larger kind; a town and its own gmina
    are one."""
    exact = " ".join(bare)
    best = max(
        bearers,
        key=lambda place: (
            place.kind in wanted,
            _cover(place, gazetteer),
            fold(place.name) == exact,
            _RANK[place.kind],
            gazetteer.covered.get(place.code, 0),
        ),
    )
    if wanted or best.kind not in {"urban", "rural", "mixed"}:
        return best
    twins = [p.code for p in bearers if p.name == best.name and p.code[:4] == best.code[:4] and p.kind != "locality"]
    return replace(best, areas=(best.code, *(code for code in twins if code != best.code)))


def place_named(text: str, gazetteer: Gazetteer) -> Found | None:
    """The place of a place box: a TERC code, a name in any form, or the name nearest to a slip of the pen."""
    plain = text.strip()
    if plain.isascii() and plain.isdigit():
        known = unit(plain)
        return Found(_of_unit(known), 0, 1) if known else None
    typed = [word.title() for word in words(plain) if not word.isdigit()]
    hit = find_place(typed, gazetteer, lambda _: False)
    if hit is not None and hit.end - hit.start == len(typed):
        return hit
    slips = 2 if len(plain) > 6 else 1
    bare = fold(" ".join(typed))
    near = process.extractOne(bare, gazetteer.nominative.keys(), scorer=OSA.distance, score_cutoff=slips)
    if near is None or len(bare) < 4:
        return hit
    name = gazetteer.nominative[near[0]]
    meant = find_place([word.title() for word in words(name)], gazetteer, lambda _: False)
    return replace(meant, corrected=name) if meant else hit
