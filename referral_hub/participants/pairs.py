"""Which act lets which kinds of institutions tell each other about a person: rows of sender × receiver. Pure data.

Where no row fits, only consent does. A clinic, an association, an employer or a parish stands in no row: attending a
clinic is itself protected, and the others act on no duty of law. The codes are those of the vocabulary `kind`; the
grounds with their articles stand in `basis.GROUNDS`. A row presets, and the caseworker decides.
"""

from typing import Final

from msgspec import Struct


class Pair(Struct, frozen=True):
    """From any of these senders (none named: any at all) to any of these receivers, on this ground."""

    senders: frozenset[str]
    receivers: frozenset[str]
    ground: str


_ASSISTANCE: Final = frozenset({"ops", "ops_dzial", "pcpr", "oik", "dps", "sds", "schronisko"})
_EMPLOYMENT: Final = frozenset({"pup", "wup", "ohp", "instytucja_rynku_pracy"})
_VIOLENCE: Final = frozenset({"zespol_interdyscyplinarny", "policja", "sad_prokuratura"})
_REINTEGRATION: Final = frozenset({"kis", "cis"})
_OPS: Final = frozenset({"ops", "ops_dzial"})
_CUS: Final = frozenset({"cus"})

PAIRS: Final = (
    Pair(frozenset(), _VIOLENCE, "przemoc_domowa"),
    Pair(_ASSISTANCE, _ASSISTANCE, "pomoc_spoleczna"),
    Pair(_CUS, _ASSISTANCE | _CUS, "uslugi_spoleczne"),
    Pair(_ASSISTANCE, _CUS, "uslugi_spoleczne"),
    Pair(_REINTEGRATION, _REINTEGRATION | _OPS | {"pup"}, "zatrudnienie_socjalne"),
    Pair(_OPS | {"pup"}, _REINTEGRATION, "zatrudnienie_socjalne"),
    Pair(_EMPLOYMENT, _EMPLOYMENT | _OPS, "rynek_pracy"),
    Pair(_OPS, _EMPLOYMENT, "rynek_pracy"),
)
"""The first row that fits holds."""
