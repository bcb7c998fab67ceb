"""How hard a Polish text is to read, in years of school. Pure.

The FOG index as adapted to Polish by the Plain Polish group of Wrocław (Miodek, Maziarz, Piekot, Poprawa,
Zarzeczny: FOG-PL): 0.4 × (mean words per sentence + percentage of hard words), a hard word having four syllables or
more in its basic form. Up to 9 reads easily after primary school, 10 to 12 after secondary school, from 13 on a text
asks for studies. It counts length, not sense: a hint, never a refusal.
"""

import re
from functools import lru_cache

from referral_hub.search.polish import lemmas

HARD_SYLLABLES = 4
ENOUGH_WORDS = 30
"""Below it one long word would decide."""

_SENTENCES = re.compile(r"(?:[.!?…](?=\s|$)|\n|;)+")
_WORDS = re.compile(r"[^\W\d_]{2,}")
# A vowel; „i” before another vowel only softens; „au” and „eu” are one syllable.
_SYLLABLES = re.compile(r"[ae]u|i(?![aąeęoóu])|[aąeęoóuy]")


def syllables(word: str) -> int:
    """How many syllables a Polish word has."""
    return len(_SYLLABLES.findall(word.casefold()))


@lru_cache(maxsize=50_000)
def _hard(word: str) -> bool:
    """Whether it has four syllables in its shortest basic form: endings make no word harder."""
    return min(syllables(form) for form in (word, *lemmas(word))) >= HARD_SYLLABLES


@lru_cache(maxsize=20_000)
def years_of_school(text: str) -> float | None:
    """FOG-PL of a text, None where it is too short to tell."""
    found = _WORDS.findall(text.casefold())
    if len(found) < ENOUGH_WORDS:
        return None
    sentences = sum(bool(_WORDS.search(part)) for part in _SENTENCES.split(text)) or 1
    hard = sum(_hard(word) for word in found)
    return 0.4 * (len(found) / sentences + 100 * hard / len(found))
