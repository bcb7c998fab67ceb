"""One search of the directory: what was asked, narrowed and ordered, with facets counted as of the other
filters. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from referral_hub.directory.read_model import Model, remember
from referral_hub.directory.read_model_order import order_in_force, ordered
from referral_hub.directory.read_model_places import read_places, within
from referral_hub.search.match import Matches, in_areas, match, narrow
from referral_hub.search.places import Place
from referral_hub.search.query import Query, understand

SORTS = ("best", "free", "near", "name")
FACETS = ("need", "form", "audience", "kind", "language")


class Asked(Struct, frozen=True):
    """The parameters of a search, checked; several codes of one facet mean any of them."""

    q: str = ""
    needs: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    free: bool = False
    sort: str = ""
    page: int = 1
    per_page: int = 20

    def chosen(self) -> dict[str, tuple[str, ...]]:
        """The filters by facet."""
        return {
            "need": self.needs,
            "form": self.forms,
            "audience": self.audiences,
            "kind": self.kinds,
            "language": self.languages,
            "free": ("1",) if self.free else (),
        }


class Found(Struct, frozen=True):
    """The numbers of one page, in order. `unknown_places`: names nobody knows; `widened_km`: the place had
    nothing, so what lies this far around it is shown (0: the rest of its county)."""

    total: int
    page: int
    pages: int
    numbers: list[int]
    facets: dict[str, dict[str, int]]
    query: Query
    places: tuple[Place, ...]
    unknown_places: tuple[str, ...]
    corrected_place: str | None
    missed: tuple[str, ...]
    widened_km: float | None
    shown: int
    sort: str


def search(model: Model, asked: Asked) -> Found:
    """The page of results that was asked for."""
    query = _understood(model, asked.q)
    places, unknown, corrected = read_places(model, asked.places, query)
    matches = _matches(model, query)
    base = model.index.alive if matches is None else matches.bits
    filters = asked.chosen()
    wanted = _only(model, base, filters)
    inside, widened = within(model, places, wanted, matches)
    codes = _codes(model)
    shown, facets = narrow(model.index, base & inside, filters, {facet: codes[facet] for facet in FACETS})
    facets["municipality"] = _municipalities(model, base, filters, places)
    sort = order_in_force(asked.sort, query, places)
    total = shown.bit_count()
    first = (asked.page - 1) * asked.per_page
    numbers = ordered(model, shown, matches, places, sort, first + asked.per_page)[first:]
    return Found(
        total=total,
        page=asked.page,
        pages=max(1, -(-total // asked.per_page)),
        numbers=numbers,
        facets=facets,
        query=query,
        places=places,
        unknown_places=unknown,
        corrected_place=corrected,
        missed=matches.missed if matches else (),
        widened_km=widened,
        shown=shown,
        sort=sort,
    )


def _understood(model: Model, text: str) -> Query:
    """What was typed, understood; kept, since paging and filters ask for it again and again."""
    return remember(
        model.shape,
        ("query", text),
        lambda: understand(text, model.index, model.synonyms, model.gazetteer, model.topic_words),
    )


def _matches(model: Model, query: Query) -> Matches | None:
    """The documents that meet the words, kept as well."""
    return remember(model.shape, ("match", query.groups), lambda: match(model.index, query))


def _only(model: Model, base: int, filters: Mapping[str, Iterable[str]]) -> int:
    return narrow(model.index, base, filters, {})[0]


def _codes(model: Model) -> dict[str, list[str]]:
    """Every code of each facet that any document has, kept until the directory changes."""

    def collect() -> dict[str, list[str]]:
        codes: dict[str, list[str]] = {facet: [] for facet in (*FACETS, "municipality")}
        for name, bits in model.index.sets.items():
            facet, _, code = name.partition(":")
            if bits and facet in codes:
                codes[facet].append(code)
        return codes

    return remember(model.shape, "codes", collect)


def _municipalities(
    model: Model, base: int, filters: Mapping[str, Iterable[str]], places: Sequence[Place]
) -> dict[str, int]:
    """For every gmina with a site the number that choosing it would show: offers there and offers that
    serve it."""
    reach = _reach(model)
    others = _only(model, base, filters)
    counts = {code: count for code, bits in reach.items() if (count := (bits & others).bit_count())}
    chosen = {code for place in places for code in place.areas if len(code) == 6}
    counts.update({code: 0 for code in chosen if code not in counts})
    return counts


def _reach(model: Model) -> dict[str, int]:
    """For every gmina with a site the offers there and those that serve it, kept until the directory changes."""

    def collect() -> dict[str, int]:
        pairs = ((code, in_areas(model.index, [code])) for code in _codes(model)["municipality"])
        return {code: located | served for code, (located, served) in pairs}

    return remember(model.shape, "reach", collect)


def on_the_spot(model: Model, found: Found) -> dict[str, int]:
    """How many of all results have a site in each gmina: the numbers of the map."""
    codes = _codes(model)["municipality"]
    counts = {code: (model.index.sets[f"municipality:{code}"] & found.shown).bit_count() for code in codes}
    return {code: count for code, count in counts.items() if count}
