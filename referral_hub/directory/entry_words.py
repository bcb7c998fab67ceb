"""The values of an entry in words, for whoever compares two of them: an editor, a coordinator, a reader of history."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from referral_hub.directory.area import area_text
from referral_hub.directory.entries import PARTS
from referral_hub.geography.units import unit
from referral_hub.institutions.phones import pretty
from referral_hub.vocabularies.book import label
from referral_hub.web.formats import short_day
from referral_hub.web.wording import has, sentence_of, translate

CODED = {
    "intake_mode": "intake_mode", "rhythm": "rhythm", "address_visibility": "address_visibility", "unit": "unit",
    "access": "accessible",
}  # fmt: skip
STATUS = {"offer": "offer_status", "institution": "institution_status", "site": "institution_status"}
VOCABULARIES = {"needs": "need", "audiences": "audience", "form": "form", "kind": "kind"}
SEX = {"": "both", "K": "women only", "M": "men only"}


def field_label(name: str, language: str) -> str:
    """What a page calls a field."""
    return sentence_of(language, "entry_field", name) if has(language, f"entry_field.{name}") else name


def said(name: str, value: Any, language: str, *, sites: Mapping[str, str] | None = None, kind: str = "offer") -> str:
    """A value in words; '' for nothing. `sites`: names by id."""
    if name == "sex":
        return translate(language, SEX.get(value or "", "both"))
    if value in (None, "", [], {}, ()):
        return ""
    if name in VOCABULARIES:
        codes = value if isinstance(value, list | tuple) else [value]
        return ", ".join(label(VOCABULARIES[name], code, language) for code in codes)
    if name == "sites":
        return ", ".join((sites or {}).get(str(one), str(one)) for one in value)
    if name == "area":
        return area_text(value)
    if name == "terc":
        found = unit(value)
        return found.name if found else str(value)
    if name == "status":
        return _coded(STATUS.get(kind, "offer_status"), value, language)
    return _coded(CODED[name], value, language) if name in CODED else _plain(name, value, language)


def _coded(prefix: str, code: str, language: str) -> str:
    return sentence_of(language, prefix, code) if has(language, f"{prefix}.{code}") else str(code)


def _plain(name: str, value: Any, language: str) -> str:
    if isinstance(value, bool):
        return translate(language, "yes") if value else ""
    if name in ("visible_from", "closed_until"):
        return short_day(value if isinstance(value, date) else date.fromisoformat(str(value)))
    if name == "contacts":
        return ", ".join(_contact(row) for row in value)
    if name == "eligibility":
        words = [(part, value.get(key)) for part, key in PARTS.items() if value.get(key)]
        return "; ".join(f"{field_label(part, language)}: {said(part, one, language)}" for part, one in words)
    if name == "accessibility":
        overall = value.get("overall") or {}
        told = (said("access", overall.get("answer", ""), language), overall.get("text", ""))
        return ", ".join(filter(None, told))
    if isinstance(value, dict):
        return "; ".join(f"{_coded('detail', key, language)}: {one}" for key, one in value.items() if one)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def _contact(row: Sequence[str]) -> str:
    """A row of the history of contacts: kind, value, extension, label, visibility."""
    kind, value, extension, text = (*row, "", "", "", "")[:4]
    number = pretty(value) if kind in ("phone", "mobile", "helpline", "fax") else value
    return " ".join(filter(None, (number, f"w. {extension}" if extension else "", f"({text})" if text else "")))
