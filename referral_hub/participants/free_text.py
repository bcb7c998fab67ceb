"""What does not belong into words about a person: a PESEL is refused, hints of a diagnosis warn. Pure."""

import re

from stdnum.pl import pesel

_NUMBER = re.compile(r"(?<!\d)(?:\d[ -]?){10}\d(?!\d)")
_ICD = re.compile(r"\b[A-TV-Z]\d{2}(?:\.\d{1,2})?\b")
# Beginnings of words that tell a diagnosis; short ones are whole words.
_DIAGNOSES = re.compile(
    r"\b(?:schizofre\w*|psychoz\w*|depresj\w*|chad\b|dwubiegun\w*|borderline\b|nerwic\w*|padaczk\w*|epileps\w*"
    r"|autyz\w*|asperger\w*|adhd\b|demencj\w*|otępien\w*|alzheimer\w*|nowotw\w*|rak(?:a|iem)?\b|hiv\b|aids\b"
    r"|żółtaczk\w*|hcv\b|wzw\b|gruźlic\w*|cukrzyc\w*|marskoś\w*|zaburzeni\w+ osobowości|próba samobójcza"
    r"|myśli samobójcz\w*|diagnoz\w*|rozpoznan\w*|hospitalizacj\w*)",
    re.IGNORECASE,
)


def holds_pesel(text: str) -> bool:
    """True if a run of eleven digits is a valid PESEL (date and check digit)."""
    return any(pesel.is_valid(re.sub(r"\D", "", found)) for found in _NUMBER.findall(text))


def warnings_in(text: str) -> list[str]:
    """Codes of what the writer should look at again: `words_tell_diagnosis`."""
    if _DIAGNOSES.search(text) or _ICD.search(text):
        return ["words_tell_diagnosis"]
    return []
