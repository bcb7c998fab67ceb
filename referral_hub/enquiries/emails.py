"""The mail that asks „czy jest miejsce?”: the question, and nothing about anybody."""

from typing import Any

from referral_hub.accounts.links import LASTS
from referral_hub.directory.read_model_why import area_name
from referral_hub.enquiries.schemas import Question
from referral_hub.geography.units import unit
from referral_hub.settings import settings
from referral_hub.vocabularies import book
from referral_hub.web.formats import short_day, weekday
from referral_hub.web.wording import speaking

PLACE_WANTED = "place_wanted"


def question_words(question: Question, language: str) -> dict[str, Any]:
    """The question in words of a language: need, groups and area as text, days as people write them."""
    with speaking(language):
        return {
            "need": book.label("need", question.need, language),
            "groups": ", ".join(book.label("audience", code, language) for code in question.audiences),
            "area": ", ".join(area_name(found, language) for code in question.area if (found := unit(code))),
            "people": question.people,
            "from_on": short_day(question.from_on) if question.from_on else "",
            "ends_on": f"{short_day(question.ends_on)} ({weekday(question.ends_on)})",
        }


def place_wanted(words: dict[str, Any], asker: str, offers: list[str], secret: str, *, again: bool) -> dict[str, Any]:
    """Facts of the mail to one institution; `offers` are its titles, `again` marks a reminder."""
    return {
        **words,
        "asker": asker,
        "offers": offers,
        "again": again,
        "link": f"{settings().public_url}/e/{secret}",
        "days": LASTS["e"].days,
    }
