"""The blind indexes under which a label may stand: the same words in another order are the same name."""

from itertools import permutations
from typing import Final

from referral_hub.database.columns import blind_index

MOST_WORDS: Final = 5
"""Five words stand in 120 orders; a label of more is a description, and found as it was written."""


def index_of(label: str) -> bytes:
    """The one index that is kept: of the words as they were given, commas aside."""
    return blind_index(" ".join(_words(label)))


def indexes_of(label: str) -> list[bytes]:
    """What to look under: the words in every order („Kowalski, Jan” is „Jan Kowalski”), and as it is typed.

    Orders of what is asked, so that what is kept stays one index that says nothing without the key.
    """
    words = _words(label)
    orders = permutations(words) if len(words) <= MOST_WORDS else [words]
    return [blind_index(text) for text in dict.fromkeys([*(" ".join(order) for order in orders), label])]


def _words(label: str) -> list[str]:
    return label.casefold().replace(",", " ").split()
