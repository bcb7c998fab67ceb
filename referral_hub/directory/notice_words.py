"""What a notice may say: short, for some days, and about no person. Pure."""

import re
from datetime import date, timedelta
from typing import Final

from stdnum.pl import pesel

from referral_hub.errors import Problem
from referral_hub.institutions.mailboxes import given_names, names_person
from referral_hub.institutions.names import fold

LONGEST: Final = 200
AHEAD: Final = timedelta(days=90)
_NUMBER = re.compile(r"(?<!\d)(?:\d[ -]?){10}\d(?!\d)")
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+\.\w+")
_PAIR = re.compile(r"(?<!\w)([A-ZĄĆĘŁŃÓŚŹŻ][a-ząćęłńóśźż]+)(?=\s+[A-ZĄĆĘŁŃÓŚŹŻ][a-ząćęłńóśźż-]{2,})")
_ADDRESSED = re.compile(r"(?<!\w)(?:pan|pana|panem|panu|pani|panią)\s+[A-ZĄĆĘŁŃÓŚŹŻ][a-ząćęłńóśźż]{2,}", re.IGNORECASE)
# Streets and patrons bear names as well.
_NOT_A_PERSON = re.compile(r"(?:\b(?:ul|al|pl|os|im|św)\.?|\b(?:ulica|ulicy|imienia|święt\w+))\s*$", re.IGNORECASE)
_ENDINGS: Final = ("", "a", "y", "i", "ie", "em", "iem", "owi", "u", "e", "o")


def names_somebody(text: str) -> bool:
    """Whether the words look like a person's name or an address that holds one; said to the writer, who decides."""
    if any(names_person(found) for found in _ADDRESS.findall(text)):
        return True
    for found in _ADDRESSED.finditer(text):
        if found.group().split()[1][:1].isupper():
            return True
    return any(_is_given(found[1]) for found in _PAIR.finditer(text) if not _NOT_A_PERSON.search(text[: found.start()]))


def _is_given(word: str) -> bool:
    """A given name in any case: Anna, Anny, Annie, Janem, Janowi."""
    folded, names = fold(word), given_names()
    for ending in _ENDINGS:
        if folded.endswith(ending):
            stem = folded[: len(folded) - len(ending)]
            if len(stem) >= 3 and (stem in names or stem + "a" in names):
                return True
    return False


def problems_of(text: str, from_on: date, until_on: date, today: date) -> list[Problem]:
    """Everything against these words and days, beside its field."""
    found = []
    if any(pesel.is_valid(re.sub(r"\D", "", number)) for number in _NUMBER.findall(text)):
        found.append(Problem("text", "text_holds_pesel"))
    if len(text) > LONGEST:
        found.append(Problem("text", "too_long", {"most": LONGEST, "length": len(text)}))
    if not any(letter.isalpha() for letter in text):
        found.append(Problem("text", "required"))
    if from_on < today:
        found.append(Problem("from_on", "date_too_early", {"earliest": today}))
    if until_on < from_on:
        found.append(Problem("until_on", "date_too_early", {"earliest": from_on}))
    elif until_on > today + AHEAD:
        found.append(Problem("until_on", "date_too_late", {"latest": today + AHEAD}))
    return found
