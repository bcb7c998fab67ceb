"""A value of a field in words, for the pages that lay values side by side."""

from collections.abc import Mapping
from typing import Any

from referral_hub.geography.units import unit
from referral_hub.institutions.phones import pretty
from referral_hub.vocabularies import book
from referral_hub.web.wording import has, sentence_of, translate

_PHONES = ("phone", "mobile", "helpline", "fax")
_MOST = 600


def value_text(field: str, value: Any, language: str) -> str:
    """A value as a person reads it; '' where nothing is said."""
    if value in (None, "", [], {}):
        return ""
    if field in ("closed", "status") and has(language, f"offer_status.{value}"):
        return sentence_of(language, "offer_status", str(value))
    if field == "kind":
        return book.label("kind", str(value), language)
    if field in ("terc", "area"):
        codes = [value] if isinstance(value, str) else value
        return ", ".join(known.name if (known := unit(code)) else str(code) for code in codes)
    if field == "contacts":
        return ", ".join(_contact(one) for one in value)
    if isinstance(value, Mapping):
        return _eligibility(value, language)
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    text = str(value)
    return text if len(text) <= _MOST else f"{text[:_MOST]}…"


def _contact(one: Any) -> str:
    kind, value, *rest = one
    text = pretty(str(value)) if kind in _PHONES else str(value)
    return f"{text} w. {rest[0]}" if rest and rest[0] else text


def _eligibility(value: Mapping[str, Any], language: str) -> str:
    parts = []
    if value.get("age_from"):
        parts.append(translate(language, "from the age of %(years)s", years=value["age_from"]))
    if value.get("age_to"):
        parts.append(translate(language, "to the age of %(years)s", years=value["age_to"]))
    known = {"age_from", "age_to", "note"}
    parts += [str(one) for name, one in value.items() if name not in known and one not in (None, "", False)]
    return "; ".join([*parts, *([str(value["note"])] if value.get("note") else [])])
