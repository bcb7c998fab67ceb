"""E-mail addresses in a cell of a register, and whether one names a person. Pure.

The directory holds business contacts only: an address such as jan.kowalski@… is personal data of an employee.
"""

import re
from functools import cache
from importlib.resources import files

from email_validator import EmailNotValidError, validate_email
from msgspec import Struct

from referral_hub.institutions.names import fold

_PARTS = re.compile(r"[\s;,]+")
_SURNAME = re.compile(r"(?:sk|ck|dzk)[ia]$|(?:wicz|czyk|owna|iak|czak|czuk)$")


@cache
def given_names() -> frozenset[str]:
    """Common given names without diacritics."""
    text = files("referral_hub.institutions").joinpath("data/given_names.txt").read_text(encoding="utf-8")
    return frozenset(name for line in text.splitlines() if not line.startswith("#") for name in line.split())


class Mailbox(Struct, frozen=True):
    """An address in lower-case domain spelling; `problem`: "", invalid, names_person."""

    value: str
    problem: str = ""


def names_person(address: str) -> bool:
    """Whether the part before @ looks like a given name with a surname, or an initial with a surname."""
    local = fold(address.split("@", 1)[0])
    parts = [part for part in re.split(r"[._\-]+", local) if part and not part.isdigit()]
    if len(parts) == 1:
        return any(local.startswith(name) and _SURNAME.search(local[len(name) :]) for name in given_names())
    if any(part in given_names() and len(parts) > 1 for part in parts[:2]):
        other = [part for part in parts if part not in given_names()]
        return bool(other) and len(other[0]) > 2
    return len(parts) == 2 and len(parts[0]) == 1 and bool(_SURNAME.search(parts[1]))


def read_mailboxes(cell: str) -> list[Mailbox]:
    """Every address of a cell in order, once each; what is no address comes back with `problem` invalid."""
    found: dict[str, Mailbox] = {}
    for part in _PARTS.split(cell.strip()):
        text = part.strip("<>()[]\"'.")
        if not text or fold(text) in {"brak", "nie", "-", "e-mail:", "email:"}:
            continue
        box = _read(text)
        found.setdefault(box.value.lower(), box)
    return list(found.values())


def _read(text: str) -> Mailbox:
    try:
        checked = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return Mailbox(text, "invalid")
    value = f"{checked.local_part}@{checked.ascii_domain}"
    if len(value.rsplit(".", 1)[-1]) < 2:
        return Mailbox(text, "invalid")
    return Mailbox(value, "names_person" if names_person(value) else "")
