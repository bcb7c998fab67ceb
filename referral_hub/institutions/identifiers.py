"""Numbers an institution is known by, checked and brought to one spelling. Pure.

Check digits of NIP and REGON by python-stdnum; KRS has none, only a length; other registers fix neither.
"""

import re
from collections.abc import Callable

from msgspec import Struct
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength, ValidationError
from stdnum.pl import nip, regon


class Checked(Struct, frozen=True):
    """A number as written by its register, or the name of what is wrong with it (a code, else "")."""

    value: str
    problem: str = ""


def _digits(text: str) -> str:
    return re.sub(r"[\s\-./]", "", text)


def _with(validate: Callable[[str], str]) -> Callable[[str], str]:
    def check(text: str) -> str:
        return str(validate(_digits(text).removeprefix("PL")))

    return check


def _fixed(length: int) -> Callable[[str], str]:
    """A register number of `length` digits, often written without its leading zeros."""

    def check(text: str) -> str:
        number = _digits(text)
        if not (number.isascii() and number.isdigit()):
            raise InvalidFormat
        if len(number) > length or not int(number):
            raise InvalidLength
        return number.zfill(length)

    return check


def _plain(text: str) -> str:
    """A number of a register that fixes neither its length nor its letters (RJPS, RPWDL, KRAZ)."""
    number = text.strip()
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z/.\-]{0,39}", number):
        raise InvalidFormat
    return number


def _terc(text: str) -> str:
    """TERC of a voivodeship, powiat or gmina; the seventh digit is the kind, it changes and is left out."""
    number = _digits(text)
    if not (number.isascii() and number.isdigit()):
        raise InvalidFormat
    if len(number) not in (2, 4, 6, 7):
        raise InvalidLength
    return number[:6]


_CHECKS: dict[str, Callable[[str], str]] = {
    "nip": _with(nip.validate),
    "regon": _with(regon.validate),
    "krs": _fixed(10),
    "rspo": _plain,
    "terc": _terc,
    "rjps": _plain,
    "rpwdl": _plain,
    "kraz": _plain,
    "epuap": _plain,
    "edoreczenia": _plain,
}

SCHEMES = tuple(_CHECKS)
UNIQUE_SCHEMES = ("nip", "regon", "krs", "rspo", "rjps", "rpwdl", "kraz")
"""Schemes whose number belongs to one institution only: two records that share it are the same one."""


def check_identifier(scheme: str, text: str) -> Checked:
    """The number in its register's spelling, or `problem`: unknown_scheme, length, format, check_digit."""
    check = _CHECKS.get(scheme)
    if check is None:
        return Checked(text.strip(), "unknown_scheme")
    try:
        return Checked(check(text.strip().upper() if scheme == "nip" else text.strip()))
    except InvalidLength:
        return Checked(text.strip(), "length")
    except InvalidChecksum:
        return Checked(text.strip(), "check_digit")
    except ValidationError:
        return Checked(text.strip(), "format")
