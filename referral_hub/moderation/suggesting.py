"""What a suggestion may be about, where the field stands, and which words need a second look. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from msgspec import Struct

from referral_hub.institutions.free_text import cautions, holds_pesel

SubjectKind = Literal["offer", "institution"]

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "offer": ("phone", "email", "hours_text", "address", "description", "conditions", "closed", "other"),
    "institution": ("phone", "email", "hours_text", "address", "description", "closed", "other"),
}
"""What a visitor of a page chooses from, in this order."""
OF_A_SITE: Final = ("hours_text", "address")
WITHOUT_VALUE: Final = ("closed", "other")
"""Nothing is suggested in place of another value: a word says it."""
MOST_VALUE: Final = 2000
MOST_NOTE: Final = 600
_ADDRESS = re.compile(r"^(?P<street>.*?)[,\s]*(?P<post_code>\d{2}-\d{3})\s+(?P<place>[^\d,;]{2,80})$")


class Told(Struct, frozen=True):
    """A suggestion as typed: `value` is empty for the fields of WITHOUT_VALUE."""

    field: str
    value: str = ""
    note: str = ""


def word_problems(told: Told) -> list[tuple[str, str]]:
    """(form field, code) of what is refused: a PESEL has no business here."""
    given = (("suggested", told.value), ("note", told.note))
    return [(name, "text_holds_pesel") for name, text in given if holds_pesel(text)]


def word_cautions(told: Told) -> list[str]:
    """Codes of what the writer is asked to look at again before it is kept."""
    texts = [told.note] if told.field in ("address", "hours_text") else [told.value, told.note]
    return list(dict.fromkeys(code for text in texts for code in cautions(text)))


def read_address(text: str) -> dict[str, str] | None:
    """„ul. Krótka 2, 33-100 Tarnów” as street, post code and place; None where it cannot be told apart."""
    found = _ADDRESS.match(" ".join(text.split()))
    if found is None:
        return None
    return {name: value.strip(" ,") for name, value in found.groupdict().items()}


def one_address(values: Mapping[str, Any]) -> str:
    """The same in one line."""
    town = f"{values['post_code']} {values['place']}".strip()
    return ", ".join(part for part in (values["street"], town) if part)


def changes_of(field: str, value: str) -> dict[str, Any] | None:
    """What accepting writes into the entry; None where the coordinator has to do it by hand (or cannot be read)."""
    if field == "other":
        return None
    if field == "closed":
        return {"status": "archived"}
    if field == "address":
        return read_address(value)
    return {field: value}
