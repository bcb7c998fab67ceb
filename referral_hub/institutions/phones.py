"""Telephone numbers out of one cell of a register: several, extensions, faxes, round-the-clock lines. Pure.

A cell reads like „tel. 14 657 83 83, 571 336 500 fax. 14 657 84 84” or „1.14 684 40 10 2.14 684 40 10”. A
number is taken where nine digits stand together; what looks like a number and is none comes back as a leftover,
never guessed. Spelling of a result: nine digits („146578383”) or a short number („116123”).
"""

import re

import phonenumbers
from msgspec import Struct
from msgspec.structs import replace

from referral_hub.institutions.names import fold, one_line

NINE = 9
_TIME = r"(?<!\d)(?:[01]?\d|2[0-4])[.:,][0-5]\d(?!\d|\s\d{3})"
_CLOCK = re.compile(rf"{_TIME}|(?<!\d)24\s*/?\s*h\b|(?<=godz. )\d{{1,2}}\s*-\s*\d{{1,2}}(?!\d)")
_BULLET = re.compile(r"(?:(?<=\s)|^)[1-9][.)]\s*(?=\(?\d{2})(?=[^a-z]{9})")
_COUNTRY = re.compile(r"(?<![\d+])(?:\+|00)48(?=[\s-]?\d)")
_RUN = re.compile(r"\+?\(?\d[\d\s\-–/().+]*")
_EXTENSION = re.compile(r"^[\s,]*(?:wewn|wew|w)\.?\s*(\d{1,4}(?:\s*,\s*\d{1,4}(?!\d| \d))*)")
_FAX = re.compile(r"\bfa(?:x|ks)\b")
_SHARED = re.compile(r"tel\w*\.?(?:\s*[/,]\s*)?fax|fax\s*/\s*tel")
_ALL_DAY = re.compile(r"calodobow|cala dob|24\s*/?\s*h\b|24/7")
_NONE = re.compile(r"\bbrak\b|\bnie\b")
_LEFT_BEHIND = re.compile(r"^\s*(?:[-–]\s*calodobow\w*|\([^)]*$)")
_SHORT = re.compile(r"112|98[4-6]|99[1-9]|116\d{3}|118\d{3}|19\d{3}|80[01]\d{6}")


class Phone(Struct, frozen=True):
    """A number with its extension, what it is (phone, mobile, fax, helpline) and the words beside it."""

    number: str
    kind: str = "phone"
    extension: str = ""
    label: str = ""
    all_day: bool = False
    likely: bool = True


class Phones(Struct, frozen=True):
    """Every number of a cell in order, once each, and pieces that look like numbers but are incomplete."""

    found: tuple[Phone, ...] = ()
    leftovers: tuple[str, ...] = ()


class _Piece(Struct):
    """A number while it is being read: its text, where it stands, and the words after it."""

    digits: str
    start: int
    end: int


def pretty(number: str) -> str:
    """As people write it: „601 123 456” for mobiles, „14 657 83 83” otherwise."""
    if len(number) != NINE:
        return number
    if is_mobile(number):
        return f"{number[:3]} {number[3:6]} {number[6:]}"
    return f"{number[:2]} {number[2:5]} {number[5:7]} {number[7:]}"


def is_mobile(number: str) -> bool:
    """Whether nine digits belong to a mobile network, by the national numbering plan."""
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(number, "PL"))
    except phonenumbers.NumberParseException:
        return False
    return bool(kind == phonenumbers.PhoneNumberType.MOBILE)


def is_likely(number: str) -> bool:
    """Whether the numbering plan allots such a number."""
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(number, "PL")))
    except phonenumbers.NumberParseException:
        return False


def read_phones(cell: str) -> Phones:
    """The numbers of a cell; see the module for what is certain."""
    text = one_line(cell)
    folded = fold(text)
    plain = _blanked(folded)
    words = text if len(text) == len(folded) else folded
    pieces, leftovers = _pieces(plain)
    found: dict[tuple[str, str, bool], Phone] = {}
    for place, piece in enumerate(pieces):
        last = place + 1 == len(pieces)
        start, end = pieces[place - 1].end if place else 0, len(plain) if last else pieces[place + 1].start
        phone = _phone(piece.digits, plain[start : piece.start], plain[piece.end : end], first=not place, last=last)
        phone = replace(phone, label=phone.label or _remark(words[piece.end : end]))
        found.setdefault((phone.number, phone.extension, phone.kind == "fax"), phone)
    return Phones(_without_doubles(list(found.values())), tuple(leftovers))


def _remark(after: str) -> str:
    """Words in brackets right after a number, such as „(psycholog)”; hours and „24h” are said elsewhere."""
    found = re.match(r"\s*\(([^()\d]{3,40})\)", after)
    return "" if found is None or _ALL_DAY.search(fold(found.group(1))) else found.group(1).strip()


def _without_doubles(phones: list[Phone]) -> tuple[Phone, ...]:
    """A number that is both telephone and fax is kept once, as a telephone."""
    spoken = {phone.number for phone in phones if phone.kind != "fax"}
    return tuple(phone for phone in phones if phone.kind != "fax" or phone.number not in spoken)


def _blanked(text: str) -> str:
    """The text with times of day, bullets and the country code blanked out, so that positions stay."""
    text = _COUNTRY.sub(lambda found: "|".ljust(len(found.group())), text)
    text = _BULLET.sub(lambda found: "|".ljust(len(found.group())), text)
    return _CLOCK.sub(
        lambda found: found.group() if _ALL_DAY.search(found.group()) else "|".ljust(len(found.group())), text
    )


def _pieces(text: str) -> tuple[list[_Piece], list[str]]:
    pieces: list[_Piece] = []
    leftovers: list[str] = []
    covered = 0
    for run in _RUN.finditer(text):
        start = max(run.start(), covered)
        if start >= run.end():
            continue
        found, rest = _split(text[start : run.end()], start)
        pieces += found
        leftovers += [part for part in rest if not _is_extension(text, start)]
        if extension := _EXTENSION.match(text[run.end() :]):
            covered = run.end() + extension.end(1)
    return pieces, leftovers


def _is_extension(text: str, start: int) -> bool:
    return bool(re.search(r"(?:wewn|wew|\bw)\.?\s*$|,\s*$", text[max(0, start - 8) : start]))


def _split(run: str, offset: int) -> tuple[list[_Piece], list[str]]:
    """Numbers of one run of digits: groups are joined until nine digits; an old leading zero or +48 goes."""
    found: list[_Piece] = []
    leftovers: list[str] = []
    held: list[re.Match[str]] = []

    def drop() -> None:
        digits = "".join(group.group() for group in held)
        if _SHORT.fullmatch(digits):
            found.append(_Piece(digits, offset + held[0].start(), offset + held[-1].end()))
        elif len(digits) >= 5:
            leftovers.append(run[held[0].start() : held[-1].end()])
        held.clear()

    for group in re.finditer(r"\d+", run):
        digits = _national("".join(one.group() for one in [*held, group]))
        if len(digits) > NINE and held:
            drop()
            digits = _national(group.group())
        held.append(group)
        if len(digits) == NINE:
            found.append(_Piece(digits, offset + held[0].start(), offset + held[-1].end()))
            held.clear()
    if held:
        drop()
    return found, leftovers


def _national(digits: str) -> str:
    """Without the zero that was dialled before an area code until 2005."""
    return digits[1:] if digits.startswith("0") and not digits.startswith("00") else digits


def _phone(digits: str, before: str, after: str, *, first: bool, last: bool) -> Phone:
    extension = _EXTENSION.match(after)
    own = before if first else _LEFT_BEHIND.sub("", re.split(r"[;|)]", before)[-1])
    beside = _beside(after, last=last)
    shared = bool(_SHARED.search(own) or _SHARED.search(beside))
    fax = not shared and bool(_FAX.search(own) or re.match(r"\(\s*fa(x|ks)", beside))
    words = "" if fax else f"{_nearest_sentence(own)} {beside}"
    all_day = bool(_ALL_DAY.search(words)) and not _NONE.search(words)
    kind = "fax" if fax else "helpline" if _is_helpline(digits, f"{own} {beside}") else "phone"
    if kind == "phone" and is_mobile(digits):
        kind = "mobile"
    return Phone(
        digits,
        kind,
        re.sub(r"\s+", "", extension.group(1)) if extension else "",
        "tel./fax" if shared else "",
        all_day,
        bool(_SHORT.fullmatch(digits)) or is_likely(digits),
    )


def _beside(after: str, *, last: bool) -> str:
    """Words after a number that are about it: brackets, „– całodobowy”, and whatever short ends the cell."""
    pattern = r"\s*(\([^)]*\)?|[-–]\s*calodobow\w*" + (r"|tel\w*\s*/\s*fax|[^0-9(]{0,40}$)" if last else ")")
    found = re.match(pattern, after)
    return found.group(1) if found else ""


def _nearest_sentence(before: str) -> str:
    """The words just before a number; „brak numeru całodobowego” belongs to none."""
    sentence = re.split(r"(?<!tel)(?<!nr)(?<!kom)[.;]\s", before)[-1]
    return "" if _NONE.search(sentence) else sentence


def _is_helpline(digits: str, words: str) -> bool:
    return bool(_SHORT.fullmatch(digits) or re.search(r"zaufania|infolini|interwencyjn|telefon\w* wsparcia", words))
