"""What taking part in the club is made of, and what is wrong with what was typed. Pure but for the book of words."""

from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from referral_hub.errors import Problem
from referral_hub.participants.free_text import holds_pesel
from referral_hub.vocabularies import book

END_REASONS: Final = (
    "completed",
    "job",
    "other_form",
    "resigned",
    "lost_contact",
    "moved_away",
    "other",
)
"""Why somebody no longer takes part: neutral, and never a ground for or against anybody."""
SOURCES: Final = ("club", "person", "partner")
AREAS: Final = ("spoleczna", "zawodowa")
NUMBER_LENGTH: Final = 60
CERTIFICATE_LENGTH: Final = 40
OLDEST: Final = date(2004, 1, 1)
AHEAD: Final = timedelta(days=92)
REFUSED: Final = "refused"


class Described(Struct, frozen=True, kw_only=True):
    """Contract, start and main group; `refused_group`: asked, and the person prefers not to say."""

    started_on: date
    contract_number: str = ""
    contract_on: date | None = None
    main_group: str = ""
    refused_group: bool = False


class Ended(Struct, frozen=True, kw_only=True):
    """The end: its day, reason and, where one is given, the certificate."""

    ended_on: date
    reason: str
    certificate_number: str = ""
    certificate_on: date | None = None


def main_groups() -> tuple[str, ...]:
    """The groups of which one may be somebody's main group: all but the word for them all together."""
    return tuple(word.code for word in book.words("audience") if word.extra.get("umbrella") != "yes")


def effects() -> tuple[str, ...]:
    """Outcomes that are effects of social or occupational reintegration, as the vocabulary says."""
    return tuple(word.code for word in book.words("outcome") if word.extra.get("reintegration") in AREAS)


def area_of(effect: str) -> str:
    """spoleczna, zawodowa, or '' for what is no effect."""
    found = book.word("outcome", effect)
    area = found.extra.get("reintegration", "") if found else ""
    return area if area in AREAS else ""


def is_employment(effect: str) -> bool:
    """Whether the effect is work: the yearly report asks for it by itself."""
    found = book.word("outcome", effect)
    return found is not None and found.extra.get("employment") == "yes"


def problems_of(described: Described, today: date) -> list[Problem]:
    """Everything that cannot be kept as it is."""
    found = _day("started_on", described.started_on, today + AHEAD)
    if described.contract_on is not None:
        found += _day("contract_on", described.contract_on, today + AHEAD)
    found += _number("contract_number", described.contract_number, NUMBER_LENGTH)
    if described.main_group and described.main_group not in main_groups():
        found.append(Problem("main_group", "not_a_choice"))
    if described.main_group and described.refused_group:
        found.append(Problem("main_group", "group_or_no_answer"))
    return found


def problems_of_end(ended: Ended, started_on: date, today: date) -> list[Problem]:
    """The same for an end; a certificate has a number and a day, or neither."""
    found = _day("ended_on", ended.ended_on, today)
    if not found and ended.ended_on < started_on:
        found.append(Problem("ended_on", "date_too_early", {"earliest": started_on}))
    if ended.reason not in END_REASONS:
        found.append(Problem("end_reason", "not_a_choice", {"choices": list(END_REASONS)}))
    found += _number("certificate_number", ended.certificate_number, CERTIFICATE_LENGTH)
    if ended.certificate_on is not None:
        found += _day("certificate_on", ended.certificate_on, today)
    if bool(ended.certificate_number) != (ended.certificate_on is not None):
        field = "certificate_number" if ended.certificate_on else "certificate_on"
        found.append(Problem(field, "required"))
    return found


def problems_of_effect(effect: str, reached_on: date, source: str, started_on: date, today: date) -> list[Problem]:
    """What is wrong with an effect: unknown, before the start or still to come."""
    found = [] if effect in effects() else [Problem("effect", "not_a_choice")]
    found += _day("reached_on", reached_on, today)
    if reached_on < started_on and not any(problem.field == "reached_on" for problem in found):
        found.append(Problem("reached_on", "date_too_early", {"earliest": started_on}))
    if source not in SOURCES:
        found.append(Problem("source", "not_a_choice", {"choices": list(SOURCES)}))
    return found


def _day(field: str, day: date, latest: date) -> list[Problem]:
    if day < OLDEST:
        return [Problem(field, "date_too_early", {"earliest": OLDEST})]
    return [Problem(field, "date_too_late", {"latest": latest})] if day > latest else []


def _number(field: str, text: str, most: int) -> list[Problem]:
    if any(ord(letter) < 32 or 0xD800 <= ord(letter) <= 0xDFFF for letter in text):
        return [Problem(field, "bad_characters")]
    if len(text) > most:
        return [Problem(field, "too_long", {"most": most, "length": len(text)})]
    return [Problem(field, "text_holds_pesel")] if holds_pesel(text) else []
