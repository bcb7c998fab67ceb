"""Values of a referral in words: the fields of a person, and a day as people say it."""

from datetime import datetime
from typing import Any

from referral_hub import clock
from referral_hub.participants.place_names import name_of_gmina
from referral_hub.participants.safe_contact import SafeContact
from referral_hub.participants.safe_words import in_words
from referral_hub.vocabularies import book
from referral_hub.web.formats import day_of_week, hour


def said(name: str, value: Any, language: str) -> str:
    """A value of a person's field in words."""
    if value in (None, "", []):
        return ""
    if name in ("need", "needs", "groups"):
        vocabulary = "audience" if name == "groups" else "need"
        codes = [value] if isinstance(value, str) else value
        return ", ".join(book.label(vocabulary, code, language) for code in codes)
    if isinstance(value, SafeContact):
        return in_words(value, language)
    return name_of_gmina(value) or value if name == "gmina" else str(value)


def appointment(moment: str) -> str:
    """An appointment as kept ("2026-05-13" or "2026-05-13T10:30") as people say it: "środa, 13 maja, 10:30"."""
    if not moment:
        return ""
    when = datetime.fromisoformat(moment).replace(tzinfo=clock.WARSAW)
    return f"{day_of_week(when)}, {hour(when)}" if "T" in moment else day_of_week(when)
