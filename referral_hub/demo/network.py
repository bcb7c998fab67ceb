"""The demonstration network as facts: what the files in `data/` say, read once and checked."""

import csv
import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

DATA = files("referral_hub.demo") / "data"
OWN_KIS = "kis-razem"


class Source(msgspec.Struct, frozen=True):
    """Where a fact comes from; `short` is what pages print, with the date; `kind` is register or example."""

    code: str
    short: str
    name: str
    as_of: date | None
    kind: str


class Institution(msgspec.Struct, frozen=True, kw_only=True):
    """One institution with its only site. `terc` is where it stands (6 digits), not what it serves."""

    key: str
    kind: str
    name: str
    street: str
    post_code: str
    place: str
    terc: str
    lat: float | None
    lon: float | None
    phone: str
    email: str
    www: str
    hours: str
    rjps: str = ""
    parent: str = ""
    source: str
    is_example: bool
    patterns: tuple[str, ...] = ()


class Offer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One offer as the files describe it; `state` says how its story of reported places ends today."""

    key: str
    at: str
    title: str
    form: str
    needs: tuple[str, ...]
    groups: tuple[str, ...]
    text: str
    cost: str
    first: str
    intake: str
    who: str = ""
    papers: str = ""
    sex: str = ""
    age_min: int | None = None
    age_max: int | None = None
    area: tuple[str, ...] = ()
    remote: bool = False
    rhythm: int = 90
    places: int | None = None
    state: str = "none"
    sensitive: bool = False
    policy: str = "summary"
    en: tuple[str, str] | None = None
    uk: tuple[str, str] | None = None


class PublicReading(msgspec.Struct, frozen=True):
    """A real monthly figure of a residential home, as the voivode's table gives it."""

    institution: str
    group: str
    as_of: date
    maximum: int
    held: int
    free: int
    free_k: int
    free_m: int
    waiting: int
    waiting_days: int


class Person(msgspec.Struct, frozen=True):
    """An invented participant of one sending institution."""

    key: str
    owner: str
    label: str
    sex: str
    terc: str
    groups: tuple[str, ...]
    needs: tuple[str, ...]
    phone: str


HOME_GROUPS = {
    "podeszly_wiek": ("osób w podeszłym wieku", ("rodziny", "inne_ryzyko")),
    "przewlekle_psychicznie": ("osób przewlekle psychicznie chorych", ("zaburzenia_psychiczne",)),
    "przewlekle_somatycznie": ("osób przewlekle chorych", ("niepelnosprawne",)),
    "niepelnosprawni_fizycznie": ("osób z niepełnosprawnością fizyczną", ("niepelnosprawne",)),
}


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@cache
def _tables(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def _codes(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


@cache
def sources() -> dict[str, Source]:
    """Every named source of the files, by code."""
    return {
        row["code"]: Source(
            row["code"],
            row["short"],
            row["name"],
            date.fromisoformat(row["as_of"]) if row["as_of"] else None,
            row["kind"],
        )
        for row in _rows("sources.tsv")
    }


def _institution(row: dict[str, str], *, is_example: bool) -> Institution:
    point = (float(row["lat"]), float(row["lon"])) if row["lat"] else (None, None)
    return Institution(
        key=row["key"],
        kind=row["kind"],
        name=row["name"],
        street=row["street"],
        post_code=row["post_code"],
        place=row["place"],
        terc=row["terc"],
        lat=point[0],
        lon=point[1],
        phone=row["phone"],
        email=row["email"],
        www=row["www"],
        hours=row["hours"],
        rjps=row.get("rjps", ""),
        parent=row.get("parent", ""),
        source=row.get("source", "demo"),
        is_example=is_example,
        patterns=_codes(row.get("offers", "")),
    )


@cache
def institutions() -> tuple[Institution, ...]:
    """Public institutions first, then the invented ones; keys are unique."""
    public = [_institution(row, is_example=False) for row in _rows("institutions_public.tsv")]
    invented = [_institution(row, is_example=True) for row in _rows("institutions_examples.tsv")]
    return (*public, *invented)


def _pattern_offers(institution: Institution) -> list[Offer]:
    patterns = _tables("patterns.toml") if institution.patterns else {}
    found: list[Offer] = []
    for named in institution.patterns:
        name, _, area = named.partition(":")
        for nr, fields in enumerate(patterns[name], start=1):
            found.append(
                msgspec.convert(
                    {
                        "key": f"{name}-{nr}",
                        "at": institution.key,
                        "area": (area or institution.terc,),
                        **fields,
                    },
                    Offer,
                )
            )
    return found


def _home_offers() -> list[Offer]:
    fields = _tables("patterns.toml")["dps"][0]
    groups = dict.fromkeys((row.institution, row.group) for row in public_readings())
    found: list[Offer] = []
    for institution, group in groups:
        words, audiences = HOME_GROUPS[group]
        about = {"title": f"{fields['title']} dla {words}", "groups": audiences, "rhythm": 45}
        found.append(msgspec.convert({**fields, **about, "key": group, "at": institution, "state": "real"}, Offer))
    return found


@cache
def offers() -> tuple[Offer, ...]:
    """Offers of every institution: by pattern for public ones, written out for the invented ones."""
    by_pattern = [offer for institution in institutions() for offer in _pattern_offers(institution)]
    written = [
        msgspec.convert(fields, Offer)
        for name in ("offers_work.toml", "offers_health.toml", "offers_daily.toml")
        for fields in _tables(name)["offer"]
    ]
    return (*by_pattern, *_home_offers(), *written)


@cache
def public_readings() -> tuple[PublicReading, ...]:
    """Real monthly readings of residential homes, oldest first within an offer."""
    return tuple(msgspec.convert(row, PublicReading, strict=False) for row in _rows("readings_public.tsv"))


@cache
def people() -> tuple[Person, ...]:
    """The invented participants, spread over the sending institutions."""
    return tuple(
        Person(
            row["key"],
            row["owner"],
            row["label"],
            row["sex"],
            row["terc"],
            _codes(row["groups"]),
            _codes(row["needs"]),
            row["phone"],
        )
        for row in _rows("people.tsv")
    )
