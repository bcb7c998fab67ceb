"""How somebody may be contacted without danger: by which way, when, and with whose name on it. Pure."""

from typing import Final

import msgspec
from msgspec import Struct

NEVER: Final = "never"
CHANNELS: Final = ("sms", "call", "email", "letter", "in_person", "through_other", NEVER)
"""Ways of contact, the usual ones first; `never`: only the person gets in touch."""


class SafeContact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A preference; everything empty: the usual contact is safe. `neutral_sender`: no name of a club or clinic."""

    channel: str = ""
    hours: str = ""
    neutral_sender: bool = False
    words: str = ""

    @property
    def given(self) -> bool:
        """Whether anything was said."""
        return bool(self.channel or self.hours or self.neutral_sender or self.words)


def kept(safe: SafeContact) -> str:
    """As it is sealed; '' where nothing was said."""
    return msgspec.json.encode(safe).decode() if safe.given else ""


def read(text: str) -> SafeContact:
    """What was sealed; words of an older entry stand as words."""
    if not text.startswith("{"):
        return SafeContact(words=text)
    try:
        return msgspec.json.decode(text, type=SafeContact)
    except msgspec.MsgspecError:
        return SafeContact(words=text)


def safer(mine: SafeContact, theirs: SafeContact, longest: int) -> SafeContact:
    """Two preferences of one person in one: the more careful of each, what only one says, and the words of both."""
    words = [mine.words, theirs.words] if mine.words != theirs.words else [mine.words]
    return SafeContact(
        channel=NEVER if NEVER in (mine.channel, theirs.channel) else mine.channel or theirs.channel,
        hours=mine.hours or theirs.hours,
        neutral_sender=mine.neutral_sender or theirs.neutral_sender,
        words="; ".join(filter(None, words))[:longest],
    )
