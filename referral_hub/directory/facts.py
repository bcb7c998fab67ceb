"""What is said of a site and of an offer, and what cannot be taken. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from referral_hub.directory.details import detail_problems
from referral_hub.directory.freshness import LIMITS
from referral_hub.directory.said import UNITS
from referral_hub.errors import Problem
from referral_hub.geography.units import unit
from referral_hub.vocabularies.book import is_known

INTAKE_MODES = ("open", "phone", "referral", "official")
STATUSES = ("draft", "published", "closed", "archived")
VISIBILITIES = ("public", "staff", "accepted")
SEXES = ("", "K", "M")
LONGEST = {
    "title": 160, "title_en": 160, "title_uk": 160, "description": 5000, "description_en": 5000,
    "description_uk": 5000, "first_step": 600, "papers": 600, "cost": 300, "stipend": 300, "insurance": 300,
    "name": 200, "street": 200, "place": 120, "hours_text": 3000, "travel": 1000, "source_text": 20000,
    "closed_why": 200,
}  # fmt: skip
_POST_CODE = re.compile(r"\d{2}-\d{3}")


class SiteFacts(Struct, frozen=True, kw_only=True):
    """A site. `terc`: six digits or empty; `hours` is filled from `hours_text`; `accessibility` as in `tables.Site`."""

    name: str = ""
    street: str = ""
    post_code: str = ""
    place: str = ""
    terc: str = ""
    lat: float | None = None
    lon: float | None = None
    precision: str = ""
    hours_text: str = ""
    hours: list[dict[str, Any]] = []
    accessibility: dict[str, Any] = {}
    travel: str = ""
    address_visibility: str = "public"
    main: bool = True
    status: str = "published"


class OfferFacts(Struct, frozen=True, kw_only=True):
    """An offer. `form`, `needs`, `audiences` are codes of the vocabularies of those names; `area` TERC prefixes.

    `eligibility`: age_from, age_to, sex (K or M), therapy_stage, note; absent keys mean no condition.
    `unit`: what is counted, "" for what the form's offers count. `by_category`: the public sees its form only.
    `details`: what only its kind of offer has, see `directory/details.py`.
    """

    form: str
    title: str
    title_en: str = ""
    title_uk: str = ""
    description: str = ""
    description_en: str = ""
    description_uk: str = ""
    needs: list[str] = []
    audiences: list[str] = []
    languages: list[str] = []
    eligibility: dict[str, Any] = {}
    area: list[str] = []
    remote: bool = False
    first_step: str = ""
    papers: str = ""
    cost: str = ""
    stipend: str = ""
    insurance: str = ""
    intake_mode: str = "referral"
    disclosure: str = "summary"
    sensitive: bool = False
    by_category: bool = False
    keeps_place_on_hold: bool = True
    unit: str = ""
    rhythm: str = "month"
    source_text: str = ""
    status: str = "published"
    visible_from: date | None = None
    closed_until: date | None = None
    closed_why: str = ""
    details: dict[str, Any] = {}


def site_problems(values: Mapping[str, Any]) -> list[Problem]:
    """What cannot be taken among the given fields of a site."""
    found = _too_long(values)
    if values.get("post_code") and not _POST_CODE.fullmatch(values["post_code"]):
        found.append(Problem("post_code", "wrong_pattern"))
    if values.get("terc") and (len(values["terc"]) != 6 or unit(values["terc"]) is None):
        found.append(Problem("terc", "not_a_choice"))
    for field, most in (("lat", 90), ("lon", 180)):
        if values.get(field) is not None and not -most <= values[field] <= most:
            found.append(Problem(field, "out_of_range", {"least": -most, "most": most}))
    found += _choices(values, {"address_visibility": VISIBILITIES, "status": ("published", "archived")})
    return found


def offer_problems(values: Mapping[str, Any]) -> list[Problem]:
    """What cannot be taken among the given fields of an offer."""
    found = _too_long(values)
    if "title" in values and not values["title"].strip():
        found.append(Problem("title", "required"))
    if "form" in values and not is_known("form", values["form"]):
        found.append(Problem("form", "not_a_choice"))
    if values.get("details") and "form" in values:
        found += detail_problems(values["form"], values["details"])
    for field, vocabulary in (("needs", "need"), ("audiences", "audience")):
        if not all(is_known(vocabulary, code) for code in values.get(field, ())):
            found.append(Problem(field, "not_a_choice"))
    if not all(unit(code) is not None for code in values.get("area", ())):
        found.append(Problem("area", "area_not_known"))
    known = {
        "intake_mode": INTAKE_MODES,
        "status": STATUSES,
        "disclosure": ("summary", "full"),
        "rhythm": tuple(LIMITS),
        "unit": ("", *UNITS),
    }
    return found + _choices(values, known) + _eligibility(values.get("eligibility", {}))


def _eligibility(given: Mapping[str, Any]) -> list[Problem]:
    found = []
    youngest, oldest = given.get("age_from"), given.get("age_to")
    for field, age in (("age_from", youngest), ("age_to", oldest)):
        if age is not None and not (isinstance(age, int) and 0 <= age <= 120):
            found.append(Problem(field, "out_of_range", {"least": 0, "most": 120}))
    if not found and youngest is not None and oldest is not None and youngest > oldest:
        found.append(Problem("age_to", "ages_crossed"))
    if given.get("sex", "") not in SEXES:
        found.append(Problem("sex", "not_a_choice"))
    return found


def _too_long(values: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem(field, "too_long", {"most": most, "length": len(values[field])})
        for field, most in LONGEST.items()
        if field in values and len(values[field]) > most
    ]


def _choices(values: Mapping[str, Any], known: Mapping[str, tuple[str, ...]]) -> list[Problem]:
    return [
        Problem(field, "not_a_choice")
        for field, codes in known.items()
        if field in values and values[field] not in codes
    ]
