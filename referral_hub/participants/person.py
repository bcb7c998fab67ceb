"""What may be written about a person, and what is wrong with what was typed. Pure but for the books of words."""

from collections.abc import Iterable

from msgspec import Struct

from referral_hub.errors import Problem
from referral_hub.geography.units import unit
from referral_hub.participants.free_text import holds_pesel
from referral_hub.participants.safe_contact import CHANNELS, SafeContact
from referral_hub.vocabularies.book import is_known, word

LABEL_LENGTH = 120
CONTACT_LENGTH = 254
SAFE_LENGTH = 80
MOST_GROUPS, MOST_NEEDS = 20, 20
SEXES = ("K", "M", "not_stated")
LANGUAGES = ("pl", "uk", "en")


class Described(Struct, frozen=True, kw_only=True):
    """As little as possible: no PESEL, no diagnosis, no documents."""

    label: str
    sex: str
    gmina: str = ""
    groups: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    contact: str = ""
    safe_contact: SafeContact = SafeContact()
    language: str = "pl"


def problems_of(person: Described) -> list[Problem]:
    """Everything that cannot be kept as it is."""
    found: list[Problem] = []
    if not person.label:
        found.append(Problem("label", "required"))
    found += _text("label", person.label, LABEL_LENGTH)
    found += _text("contact", person.contact, CONTACT_LENGTH)
    found += _safe(person.safe_contact)
    if person.sex not in SEXES:
        found.append(Problem("sex", "not_a_choice", {"choices": list(SEXES)}))
    if person.gmina and not is_gmina(person.gmina):
        found.append(Problem("gmina", "gmina_unknown"))
    found += _codes("groups", "audience", person.groups, MOST_GROUPS)
    found += _codes("needs", "need", person.needs, MOST_NEEDS)
    if person.language not in LANGUAGES:
        found.append(Problem("language", "not_a_choice", {"choices": list(LANGUAGES)}))
    return found


def _safe(safe: SafeContact) -> list[Problem]:
    found = _text("safe_hours", safe.hours, SAFE_LENGTH) + _text("safe_words", safe.words, CONTACT_LENGTH)
    if safe.channel and safe.channel not in CHANNELS:
        found.append(Problem("safe_channel", "not_a_choice", {"choices": list(CHANNELS)}))
    return found


def is_gmina(code: str) -> bool:
    """True for the TERC code of a gmina on six digits."""
    known = unit(code) if len(code) == 6 else None
    return known is not None and known.level == 3


def criminal(groups: Iterable[str]) -> bool:
    """True if belonging to one of the groups is data of art. 10 GDPR, as the vocabulary says."""
    words = (word("audience", code) for code in groups)
    return any(one is not None and one.extra.get("sensitivity") == "criminal" for one in words)


def _text(field: str, text: str, most: int) -> list[Problem]:
    if any(ord(letter) < 32 or 0xD800 <= ord(letter) <= 0xDFFF for letter in text):
        return [Problem(field, "bad_characters")]
    if len(text) > most:
        return [Problem(field, "too_long", {"most": most, "length": len(text)})]
    return [Problem(field, "text_holds_pesel")] if holds_pesel(text) else []


def _codes(field: str, vocabulary: str, codes: tuple[str, ...], most: int) -> list[Problem]:
    if len(codes) > most:
        return [Problem(field, "too_many_chosen", {"most": most})]
    unknown = [code for code in codes if not is_known(vocabulary, code)]
    return [Problem(field, "not_a_choice", {"code": ", ".join(unknown)[:200]})] if unknown else []
