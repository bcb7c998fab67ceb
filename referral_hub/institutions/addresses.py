"""When two addresses are one house. Pure."""

import re

from referral_hub.institutions.names import fold

_TITLES = {
    "ul", "al", "os", "pl", "ulica", "aleja", "plac", "osiedle", "sw", "ks", "bl", "gen", "mjr", "marszalka", "kard",
}  # fmt: skip


def house(street: str) -> str:
    """A street and number for comparison: „ul. Łanowa 41B” is „lanowa 41 b”, „ul. Ks. J. Wyrwy 2” „wyrwy 2”."""
    words = [word for word in re.findall(r"[a-z]+|\d+", fold(street)) if word not in _TITLES]
    return " ".join(
        word
        for place, word in enumerate(words)
        if len(word) > 1 or word.isdigit() or not any(len(one) > 1 and one.isalpha() for one in words[place + 1 :])
    )


def same_address(one: tuple[str, str, str], other: tuple[str, str, str]) -> bool:
    """Whether two (street, post code, place) are one house; a missing post code does not tell them apart.

    One register writes „ul. Stefana Żeromskiego 2”, the next „ul. Żeromskiego 2”: the longer ends as the shorter.
    """
    if len({one[1], other[1]} - {""}) > 1 or fold(one[2]) != fold(other[2]):
        return False
    short, long = sorted((house(one[0]).split(), house(other[0]).split()), key=len)
    if len(short) == len(long) or not short or short[0].isdigit():
        return short == long
    return long[-len(short) :] == short
