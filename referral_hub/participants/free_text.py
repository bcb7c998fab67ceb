"""What does not belong into words about a person: a PESEL is refused, a diagnosis or more than was agreed warns. Pure.

The rules about words stand with those for words about institutions; here is what a person's agreement adds.

    cautions_about(text)                    words that nobody but ourselves will read
    cautions_about(text, agreed=fields)     words for an institution that may know these fields
"""

import re
from collections.abc import Collection
from typing import Final

from referral_hub.institutions.free_text import holds_pesel as holds_pesel
from referral_hub.institutions.free_text import names_somebody
from referral_hub.institutions.free_text import warnings_in as warnings_in

_PHONE = re.compile(
    r"(?<![\w/-])(?:\+?48[ -]?)?(?:\d{3}[ -]?\d{3}[ -]?\d{3}|\d{2}[ -]\d{3}[ -]\d{2}[ -]\d{2})(?![\w/-])"
)
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.\w{2,}")
_HOME = re.compile(
    r"\b(?:ul\.|ulic\w+|al\.|os\.|osiedl\w+|mieszka (?:przy|na|pod)|zamieszka\w+|zameldowan\w+)", re.IGNORECASE
)
_BORN = re.compile(r"\b(?:ur\.|urodzon\w+)\s*\d|\b\d{1,2}[.-]\d{1,2}[.-](?:19|20)\d{2}\s*r?\.?\s*ur", re.IGNORECASE)
# Words that put somebody into one of the groups which are protected data.
_GROUPS = re.compile(
    r"\b(?:karan[aey]\w*|skazan\w*|wyrok\w*|zakła\w+ karn\w*|więzie\w*|areszt\w*|kurator\w*|odsiad\w*|uzależni\w*"
    r"|alkoholi\w*|narkoman\w*|bezdomn\w*|romk?[aiy]?\b|romów\b|uchodźc\w*|uchodźczyn\w*|przemoc\w*|niepełnosprawn\w*|seropozytywn\w*)",
    re.IGNORECASE,
)
_BEYOND: Final = (
    ("label", "words_tell_name"),
    ("contact", "words_tell_contact"),
    ("groups", "words_tell_group"),
)


def cautions_about(text: str, *, agreed: Collection[str] | None = None) -> list[str]:
    """Codes of every reason to look again; none ever blocks (a PESEL is refused elsewhere, by `holds_pesel`).

    `agreed` are the fields that the basis lets the reader know (`basis.SHAREABLE`); None: the words stay inside.
    """
    found = warnings_in(text)
    if agreed is None:
        return found
    return [*found, *(code for field, code in _BEYOND if field not in agreed and _tells(field, text))]


def _tells(field: str, text: str) -> bool:
    if field == "label":
        return names_somebody(text) or bool(_BORN.search(text))
    if field == "contact":
        return bool(_PHONE.search(text) or _MAIL.search(text) or _HOME.search(text))
    return bool(_GROUPS.search(text))
