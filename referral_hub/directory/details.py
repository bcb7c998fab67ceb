"""What only one kind of offer has (`offer.details`): a Struct per kind, and one table of its fields. Pure.

A kind is the shape of the offer's form, or what the word of the form says itself (`details=self_employment`). Words of
a field stand under `detail.<name>`, of its codes under `detail_<name>.<code>`. Days are ISO texts, money whole zloty.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from referral_hub.errors import Problem
from referral_hub.vocabularies import book

PAY_MOST: Final = 100_000
EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2100, 1, 1)

Type = Literal["text", "lines", "choice", "word", "whole", "money", "day", "flag"]
"""`word`: a code of the vocabulary `codes[0]`; `lines`: text that keeps its lines."""


class Field(Struct, frozen=True):
    """One field of a kind. `most`: of letters for texts, of the value for numbers."""

    name: str
    type: Type = "text"
    most: int = 300
    least: int = 0
    codes: tuple[str, ...] = ()
    required: bool = False


class Training(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A course: what it leads to and how it is held."""

    level: str = ""
    mode: str = ""
    ends_with: str = ""
    certificate: str = ""


class Volunteering(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Volunteering in a group or a centre, never with a named person."""

    volunteers_in: str = ""
    tasks: str = ""
    times: str = ""
    agreement: str = ""
    insured: bool = False
    training_given: str = ""


class Initiative(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something the members do together."""

    stage: str = ""
    members_do: str = ""
    needed: str = ""


class SelfEmployment(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Help with a business of one's own."""

    advice: bool = False
    funds: str = ""
    incubator: str = ""


class Cooperative(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A social cooperative: work in one, preparing for one, or founding one."""

    way: str = ""
    coop_stage: str = ""
    founders_wanted: int | None = None
    helped_by: str = ""
    business: str = ""


class Vacancy(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A job of an employer or a guild. Pay in zloty gross."""

    employer: str = ""
    position: str = ""
    contract: str = ""
    hours_a_week: int | None = None
    pay_from: int | None = None
    pay_to: int | None = None
    pay_per: str = ""
    qualification: str = ""
    starts_on: str = ""
    guild: str = ""


class Works(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Public works, intervention works, a traineeship: who organises it, on what basis, for how long."""

    act: str = ""
    organiser: str = ""
    position: str = ""
    starts_on: str = ""
    ends_on: str = ""
    vacancies: int | None = None
    applies: str = ""


class Lending(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A room, a projector, a kitchen that is lent. `confirms_itself`: a time that is free is given at once."""

    resource: str = ""
    pieces: int = 1
    holds_people: int | None = None
    lending_hours: str = ""
    conditions: str = ""
    deposit: int | None = None
    confirms_itself: bool = False


Details = Training | Volunteering | Initiative | SelfEmployment | Cooperative | Vacancy | Works | Lending

KINDS: Final[dict[str, type[Struct]]] = {
    "training": Training,
    "volunteering": Volunteering,
    "initiative": Initiative,
    "self_employment": SelfEmployment,
    "cooperative": Cooperative,
    "vacancy": Vacancy,
    "works": Works,
    "lending": Lending,
}

_DAYS: Final = (Field("starts_on", "day"), Field("ends_on", "day"))
_PAY: Final = tuple(Field(name, "money", PAY_MOST) for name in ("pay_from", "pay_to"))

RESOURCES: Final = ("room", "equipment", "kitchen", "workshop", "vehicle", "other")

FIELDS: Final[dict[str, tuple[Field, ...]]] = {
    "training": (
        Field("level", "choice", codes=("start", "further", "refresh")),
        Field("mode", "choice", codes=("on_site", "online", "mixed", "workplace")),
        Field("ends_with", "choice", codes=("certificate", "exam", "attestation", "nothing")),
        Field("certificate"),
    ),
    "volunteering": (
        Field("volunteers_in", "choice", codes=("group", "centre"), required=True),
        Field("tasks", "lines", 1000, required=True),
        Field("times"),
        Field("agreement", "choice", codes=("written", "over_a_month", "none_needed")),
        Field("insured", "flag"),
        Field("training_given"),
    ),
    "initiative": (
        Field("stage", "choice", codes=("idea", "preparing", "running"), required=True),
        Field("members_do", "lines", 1000),
        Field("needed", "lines", 1000),
    ),
    "self_employment": (Field("advice", "flag"), Field("funds", "lines", 600), Field("incubator", "lines", 600)),
    "cooperative": (
        Field("way", "choice", codes=("work", "preparation", "founding"), required=True),
        Field("coop_stage", "choice", codes=("idea", "group", "registering", "running")),
        Field("founders_wanted", "whole", 1000),
        Field("business"),
        Field("helped_by"),
    ),
    "vacancy": (
        Field("employer", required=True),
        Field("position", required=True),
        Field("contract", "choice", codes=("employment", "mandate", "work", "cooperative", "agency", "apprentice")),
        Field("hours_a_week", "whole", 80, 1),
        *_PAY,
        Field("pay_per", "choice", codes=("month", "hour")),
        Field("qualification", "lines", 600),
        Field("starts_on", "day"),
        Field("guild"),
    ),
    "works": (
        Field("position"),
        Field("organiser", required=True),
        Field("act", "word", codes=("act",)),
        *_DAYS,
        Field("vacancies", "whole", 9999),
        Field("applies"),
    ),
    "lending": (
        Field("resource", "choice", codes=RESOURCES, required=True),
        Field("pieces", "whole", 1000, 1, required=True),
        Field("holds_people", "whole", 100_000, 1),
        Field("lending_hours", "lines", 600),
        Field("conditions", "lines", 1000),
        Field("deposit", "money", PAY_MOST),
        Field("confirms_itself", "flag"),
    ),
}  # fmt: skip
"""In the order in which a page asks for them."""


def kind_of(form: str) -> str:
    """Which details an offer of this form has; '' for a plain service, a group, duty hours, an exchange."""
    word = book.word("form", form)
    kind = (word.extra.get("details") if word else "") or book.shape(form)
    return kind if kind in KINDS else ""


def read_details(form: str, stored: Mapping[str, Any]) -> Details | None:
    """The details of an offer of this form as they are kept; what its kind does not know is left out."""
    kind = kind_of(form)
    if not kind:
        return None
    known = {field.name for field in FIELDS[kind]}
    try:
        return msgspec.convert({name: value for name, value in stored.items() if name in known}, KINDS[kind])  # type: ignore[return-value]  # KINDS holds the parts of the union
    except msgspec.ValidationError:
        return KINDS[kind]()  # type: ignore[return-value]  # the same; a page says nothing rather than fails


def detail_problems(form: str, given: Mapping[str, Any]) -> list[Problem]:
    """What cannot be taken of the details of an offer of this form: every field at once."""
    kind = kind_of(form)
    fields = {field.name: field for field in FIELDS.get(kind, ())}
    found = [Problem(name, "unknown_field") for name in given if name not in fields]
    for name, field in fields.items():
        value = given.get(name)
        if _is_empty(value):
            found += [Problem(name, "required")] if field.required else []
        elif (problem := _wrong(field, value)) is not None:
            found.append(problem)
    return found or _crossed(given)


def _is_empty(value: object) -> bool:
    """Nothing was said; a nought is something."""
    return value is None or value is False or value == ""


def _wrong(field: Field, value: object) -> Problem | None:
    if field.type in ("text", "lines"):
        return _text(field, value)
    if field.type in ("whole", "money"):
        if isinstance(value, bool) or not isinstance(value, int):
            return Problem(field.name, "not_a_number")
        fits = field.least <= value <= field.most
        return None if fits else Problem(field.name, "out_of_range", {"least": field.least, "most": field.most})
    if field.type == "flag":
        return None if value is True else Problem(field.name, "not_a_choice")
    if field.type == "day":
        return _day_problem(field.name, value)
    known = field.codes if field.type == "choice" else dict(book.terms(field.codes[0], "pl"))
    kept = field.type == "word" and isinstance(value, str) and book.word(field.codes[0], value) is not None
    return None if kept or (isinstance(value, str) and value in known) else Problem(field.name, "not_a_choice")


def _text(field: Field, value: object) -> Problem | None:
    if not isinstance(value, str) or "\x00" in value:
        return Problem(field.name, "bad_characters")
    if len(value) > field.most:
        return Problem(field.name, "too_long", {"most": field.most, "length": len(value)})
    return None


def _day_problem(name: str, value: object) -> Problem | None:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None:
        return Problem(name, "not_a_date")
    if day < EARLIEST:
        return Problem(name, "date_too_early", {"earliest": EARLIEST})
    return Problem(name, "date_too_late", {"latest": LATEST}) if day > LATEST else None


def _crossed(given: Mapping[str, Any]) -> list[Problem]:
    """Pairs in the wrong order; days are ISO texts, which sort as days do."""
    found = []
    for first, last, code in (("pay_from", "pay_to", "pay_crossed"), ("starts_on", "ends_on", "days_crossed")):
        one, other = given.get(first, ""), given.get(last, "")
        if one not in (None, "") and other not in (None, "") and one > other:
            found.append(Problem(last, code))
    return found
