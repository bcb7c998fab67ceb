"""One cell of addresses, taken apart only where that is certain. Pure.

A certain address has a post code, a town, and a number (of a house, with or without a street). Cells hold one
(„ul. Lipowa 3 32-700 Bochnia”, „32-740 Łapanów 36”), the same one twice, several („ul. … oraz ul. …”), an
address of the body that runs the place („podmiot prowadzący – …”), or no address at all.
"""

import re

from msgspec import Struct

from referral_hub.institutions.names import fold, one_line

_CODE = re.compile(r"(?<![\d-])(\d\d)(?:\s?[-–]\s?(?=\d{3}(?!\d))|\s(?=\d{3}\s[A-ZĆŁŚŹŻ]))(\d{3})")
_STREET = re.compile(
    r"(?:\b(?:ul|al|pl|os)\b\.?\s*|\b(?:ulica|ulicy|aleja|aleje|plac|osiedle|rynek|bulwar)\s+)(?=\S)", re.IGNORECASE
)
_NUMBER = re.compile(r"\b\d{1,4}\s?[a-zA-Z]?(?:[/-]\d{1,4}\s?[a-zA-Z]?)?(?![\d.])\b")
_NUMBER_AT_END = re.compile(r"\b\d{1,4}(?:\s?[a-zA-Z])?(?:\s?[/-]\s?\d{1,4}[a-zA-Z]?)?$")
_RUN_BY = re.compile(r"podmiot\w* prowadzac|organ\w* prowadzac|siedziba (?:stowarzyszenia|fundacji|organizacji)")
_BRACKETS = re.compile(r"\([^()]*\)?")
_BULLET = re.compile(r"(?:\n|^)\s*[-–•]\s*|(?:(?<=\s)|^)[1-9][.)]\s*(?=\D|\d{2}\s?-)")
_ROOM = re.compile(r"[,\s]+(?:pok\.?|pokoj|pokój|lok\.?|[IVX]+ pi[eę]tro|wej[sś]cie|budynek|siedziba)\b.*$", re.I)
_ENTRANCE = re.compile(r"[,\s]+(?:pok\.?|pok[oó]j|lok\.?|[IVX]+ pi[eę]tro|wej[sś]cie)(?:[\s,].*)?$", re.I)
_INSTITUTION = re.compile(
    r"\s(?=(?:Punkt|O[sś]rodek|Gminn|Miejsk|Powiatow|Dzia[lł]|Poradni|Fili|Urz[aą]d|Zesp[oó])\w*)"
)


class Address(Struct, frozen=True):
    """One address: `street` with its number („ul. Lipowa 3”, „36”), `village` a place named before the code."""

    street: str = ""
    post_code: str = ""
    place: str = ""
    village: str = ""

    @property
    def on_street(self) -> bool:
        """Whether it names a street."""
        return bool(_STREET.search(self.street))

    @property
    def numbered(self) -> bool:
        """Whether a house can be found by it."""
        return bool(_NUMBER.search(self.street))


class Addresses(Struct, frozen=True):
    """What a cell holds; `doubt` is "", none, of_another or several (several that cannot be told apart)."""

    found: tuple[Address, ...] = ()
    doubt: str = ""


def read_addresses(cell: str, name: str = "") -> Addresses:
    """The certain addresses of a cell, without repeats. `name` of the institution tells a village from a street."""
    text = one_line(_BULLET.sub(" ; ", cell.strip())).replace('"', "").lstrip(" ;")
    if _RUN_BY.search(fold(text)):
        text = re.split(r"\(?\s*(?:podmiot|organ|siedziba)", text, flags=re.IGNORECASE)[0]
        if not _CODE.search(text):
            return Addresses(doubt="of_another")
    text = _BRACKETS.sub(" ", text)
    codes = list(_CODE.finditer(text))
    if not codes:
        return Addresses(doubt="none")
    read = [_address(text, codes, place, name) for place in range(len(codes))]
    kept = _numbered_first([one for one in read if one.place])
    if not kept:
        return Addresses(doubt="none")
    doubt = "several" if len(codes) == 1 and _holds_several(text, codes[0]) else ""
    return Addresses(tuple(kept), doubt)


def _numbered_first(read: list[Address]) -> list[Address]:
    """Without repeats; towns without a number go when another address of the cell has one."""
    unique: dict[tuple[str, str], Address] = {}
    for one in read:
        unique.setdefault((_plain(one.street), one.post_code), one)
    kept = list(unique.values())
    return [one for one in kept if one.numbered] or kept[:1]


def _plain(street: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", fold(_STREET.sub("", street))))


def _holds_several(text: str, code: re.Match[str]) -> bool:
    """One post code, yet two streets or two house numbers: they cannot be told apart."""
    streets = len(re.findall(r"\b(?:ul|al|pl|os)\b\.?\s", text, re.IGNORECASE))
    before, after = text[: code.start()], _ROOM.sub("", text[code.end() :])
    both = bool(_NUMBER_AT_END.search(before.strip(" ,;")) and _NUMBER_AT_END.search(after.strip(" ,;.")))
    return streets > 1 or both


def _address(text: str, codes: list[re.Match[str]], place: int, name: str) -> Address:
    """The address around one post code: the street stands before it, or after the town."""
    code = codes[place]
    start = codes[place - 1].end() if place else 0
    end = codes[place + 1].start() if place + 1 < len(codes) else len(text)
    before, after = text[start : code.start()], _ROOM.sub("", text[code.end() : end])
    if place:
        before = _own_part(before)
    if place + 1 < len(codes):
        after = _town_of(after, before)
    before, after = before.strip(" ,;.-–"), after.strip(" ,;.-–")
    post_code = f"{code.group(1)}-{code.group(2)}"
    before = _ENTRANCE.sub("", before)
    if found := _STREET.search(after):
        town, street = after[: found.start()].strip(" ,;"), _one_street(after[found.start() :])
        return Address(street, post_code, town or before)
    if _NUMBER_AT_END.search(before):
        return _street_first(before, after, post_code, name)
    if number := _NUMBER_AT_END.search(after):
        return Address(number.group(), post_code, after[: number.start()].strip(" ,;"))
    return Address("", post_code, re.split(r"[,;]", after)[0].strip())


def _own_part(before: str) -> str:
    """Between two post codes: what belongs to the second address starts at its bullet, joiner or street."""
    part = re.split(r";|\boraz\b", before)[-1]
    if found := _STREET.search(part):
        return part[found.start() :]
    return part if part != before else ""


def _one_street(text: str) -> str:
    """The first street of a text with its number, without what follows."""
    head = text.split(";")[0]
    streets = list(_STREET.finditer(head))
    if len(streets) > 1 and streets[1].start() > streets[0].end():
        head = head[: streets[1].start()]
    number = _NUMBER.search(head, streets[0].end() + 2) if streets else None
    return _shortened(head[: number.end()] if number else head)


def _town_of(after: str, before: str) -> str:
    """Between two post codes: what belongs to the first address is its town, with a number if none came before."""
    head = _INSTITUTION.split(re.split(r";|\boraz\b", after)[0])[0]
    if found := _STREET.search(head):
        town = head[: found.start()]
        return head if not _NUMBER_AT_END.search(before.strip(" ,;")) and not town.strip() else town
    if not _NUMBER_AT_END.search(before.strip(" ,;")) and (number := _NUMBER.search(head)):
        return head[: number.end()]
    return head


def _street_first(before: str, after: str, post_code: str, name: str) -> Address:
    """„Grojec ul. Beskidzka 100 | Oświęcim”, „Mstów 92 | Jodłownik”, „GOPS w Dobrej, ul. Lipowa 3 | Dobra”."""
    town = re.split(r"[,;]", after)[0]
    town = _NUMBER_AT_END.sub("", town).strip(" ,;.")
    if streets := _streets(before):
        village = before[: streets[0].start()].strip(" ,;-–")
        named = _is_a_name(village) and fold(village) != fold(town)
        return Address(_shortened(before[streets[-1].start() :]), post_code, town, village if named else "")
    parts = [part.strip() for part in before.split(",") if part.strip()]
    street = parts[-1] if re.search(r"[^\W\d]", parts[-1]) or len(parts) == 1 else ", ".join(parts[-2:])
    number = _NUMBER_AT_END.search(street)
    words = street[: number.start()].strip(" ,") if number else ""
    if number and (fold(words).endswith(fold(town)) or _named_in(town, words)):
        return Address(number.group(), post_code, town)
    named = _is_a_name(words) and _named_in(words, name)
    return Address(street, post_code, town, words if named else "")


def _streets(text: str) -> list[re.Match[str]]:
    """Where streets begin; „ul. Rynek” begins once."""
    found = list(_STREET.finditer(text))
    return [one for place, one in enumerate(found) if not place or one.start() > found[place - 1].end()]


def _is_a_name(text: str) -> bool:
    """Whether the text can be a village: one to three capitalised words, no digits, not an institution."""
    words = text.split()
    return 0 < len(words) <= 3 and all(word[:1].isupper() or fold(word) in {"nad", "pod", "k."} for word in words)


def _named_in(village: str, name: str) -> bool:
    """Whether the name of the institution says „w <village>”, in whatever case ending."""
    wanted = [word[: max(3, len(word) - 3)] for word in fold(village).split()]
    words = re.findall(r"[a-z0-9]+", fold(name))
    for place, word in enumerate(words):
        rest = words[place + 1 : place + 1 + len(wanted)]
        same = len(rest) == len(wanted) and all(map(str.startswith, rest, wanted))
        if word in {"w", "we"} and same:
            return True
    return False


def _shortened(street: str) -> str:
    """Without a note on the room or the building."""
    return re.sub(r",\s*(?=\d{1,4}[a-zA-Z]?$)", " ", _ROOM.sub("", one_line(street)).strip(" ,;."))
