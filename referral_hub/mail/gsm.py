"""How long a text message is: 160 letters of the GSM alphabet, or 70 once a single letter lies outside it. Pure.

3GPP TS 23.038: some signs take two places; anything outside the alphabet makes the whole message UCS-2.
"""

import unicodedata
from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("^{}\\[~]|€")
MOST_GSM, MOST_UCS2 = 160, 70
_ASIDE: Final = str.maketrans(
    {"ł": "l", "Ł": "L", "–": "-", "—": "-", "„": '"', "”": '"', "’": "'", "…": "...", "\xa0": " "}
)


def plain(text: str) -> str:
    """Polish without diacritics: every letter in the GSM alphabet, so that 160 fit."""
    stripped = "".join(
        sign for sign in unicodedata.normalize("NFD", text.translate(_ASIDE)) if not unicodedata.combining(sign)
    )
    return "".join(sign if sign in _BASIC or sign in _EXTENDED else "?" for sign in stripped)


def length(text: str) -> tuple[int, int]:
    """(places the text takes, places one message has)."""
    if all(sign in _BASIC or sign in _EXTENDED for sign in text):
        return sum(2 if sign in _EXTENDED else 1 for sign in text), MOST_GSM
    # UCS-2 counts units of 16 bits: a sign beyond the basic plane takes two.
    return len(text.encode("utf-16-be")) // 2, MOST_UCS2


def fits(text: str) -> bool:
    """Whether it is one message."""
    taken, most = length(text)
    return taken <= most


def shortened(text: str, name: str) -> str:
    """`text` with `{name}` filled in, the name cut at its end so far that all is one message."""
    for end in range(len(name), 0, -1):
        cut = name if end == len(name) else name[:end].rstrip(" ,.-") + "."
        filled = text.replace("{name}", cut)
        if fits(filled):
            return filled
    return text.replace("{name}: ", "").replace("{name}", "")
