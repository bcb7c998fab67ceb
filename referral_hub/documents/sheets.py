"""What a letter is made of: sheets of plain words, one a language. Pure; the words are shown, never read as markup."""

import unicodedata
from typing import Any, Final

import msgspec
from msgspec import Struct

LONGEST: Final = 2000
MOST_LINES: Final = 1000
MOST_SHEETS: Final = 3

# What the typesetter's own fonts can draw; anything else would make a letter that a reader cannot speak out.
_DRAWN: Final = (
    (0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x2FF), (0x370, 0x377), (0x37A, 0x37F), (0x384, 0x38A), (0x38E, 0x3A1),
    (0x3A3, 0x482), (0x488, 0x4FF), (0x531, 0x556), (0x559, 0x58A), (0x10D0, 0x10FF), (0x1E00, 0x1EFF),
    (0x2010, 0x2027), (0x202F, 0x2040), (0x2070, 0x2071), (0x2074, 0x208E), (0x20A0, 0x20C0), (0x2116, 0x2116),
    (0x2190, 0x22FF), (0x25A0, 0x25FF), (0x2713, 0x2727),
)  # fmt: skip
_MISSING: Final = "□"


class Term(Struct, frozen=True):
    """A named fact; `language` where its words are in another one than the sheet's."""

    name: str
    value: str
    language: str = ""


class Grid(Struct, frozen=True):
    """A table: rows as wide as `columns`."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Door(Struct, frozen=True, kw_only=True):
    """The way to the person's own page: a drawn code (SVG text) and what to type where nothing can be scanned."""

    words: str
    picture: str
    alt: str
    enter_at: str
    code_word: str
    code: str


class Sheet(Struct, frozen=True, kw_only=True):
    """One page or more in one language."""

    language: str
    title: str
    sender: str = ""
    lead: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    grid: Grid | None = None
    closing: tuple[str, ...] = ()
    door: Door | None = None
    signatures: tuple[str, ...] = ()


class Letter(Struct, frozen=True):
    """A whole letter; the first sheet's title and language are the document's."""

    sheets: tuple[Sheet, ...]
    footer: str = ""


class TooLong(ValueError):
    """More than a letter may hold: nobody reads it, and setting it would keep others waiting."""


def drawn(text: str, longest: int = LONGEST) -> str:
    """The words as the fonts can draw them: composed, without control signs, a box for what has no picture."""
    if len(text) > longest:
        raise TooLong(f"{len(text)} signs")
    return "".join(_sign(sign) for sign in unicodedata.normalize("NFC", text))


def _sign(sign: str) -> str:
    if sign == "\n":
        return sign
    if sign.isspace():
        return " "
    # Control signs and marks of direction are no words; a lone mark has nothing to stand on.
    if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Mn", "Me"):
        return ""
    place = ord(sign)
    return sign if any(first <= place <= last for first, last in _DRAWN) else _MISSING


def checked(letter: Letter) -> dict[str, Any]:
    """The letter as plain data with every word drawable. Raises TooLong."""
    if not 1 <= len(letter.sheets) <= MOST_SHEETS:
        raise TooLong(f"{len(letter.sheets)} sheets")
    if any(sheet.grid is not None and len(sheet.grid.rows) > MOST_LINES for sheet in letter.sheets):
        raise TooLong("lines")
    return {
        "footer": drawn(letter.footer),
        "sheets": [_checked_sheet(sheet) for sheet in letter.sheets],
    }


def _checked_sheet(sheet: Sheet) -> dict[str, Any]:
    picture = sheet.door.picture if sheet.door else ""
    plain = _words(msgspec.to_builtins(msgspec.structs.replace(sheet, door=None)))
    door = None
    if sheet.door is not None:
        # The picture is drawn by ourselves from an address of ours; it is longer than any words may be.
        door = {**_words(msgspec.to_builtins(msgspec.structs.replace(sheet.door, picture=""))), "picture": picture}
    return {**plain, "door": door}


def _words(value: Any) -> Any:
    if isinstance(value, str):
        return drawn(value)
    if isinstance(value, list | tuple):
        return [_words(one) for one in value]
    if isinstance(value, dict):
        return {name: _words(one) for name, one in value.items()}
    return value
