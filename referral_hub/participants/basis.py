"""On which ground data about a person may be shared with one institution, and what that covers. Pure.

Articles are those of the GDPR (2016/679). A ground is a code of `GROUNDS` or the user's own words; the code
brings its articles, own words take those of the kind.
"""

from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from referral_hub.errors import Problem
from referral_hub.participants.pairs import PAIRS

SHAREABLE = ("label", "contact", "sex", "gmina", "groups", "needs", "note")
USUAL_FIELDS = ("label", "contact", "needs", "note")
CONSENT_DAYS = 365
HOW_GIVEN = ("signed", "spoken", "electronic")
GROUND_LENGTH = 300


class Kind(StrEnum):
    STATUTE = "statute"
    CONSENT = "consent"
    VITAL_INTEREST = "vital_interest"
    NO_DATA = "no_data"
    INTERNAL = "internal"


class Ground(Struct, frozen=True):
    """A usual ground: its articles and the act it comes from (empty: none needed)."""

    code: str
    kind: Kind
    article6: str
    article9: str = ""
    article10: str = ""
    act: str = ""


GROUNDS: dict[str, Ground] = {
    ground.code: ground
    for ground in (
        Ground("zgoda", Kind.CONSENT, "6(1)(a)", "9(2)(a)"),
        Ground("zywotny_interes", Kind.VITAL_INTEREST, "6(1)(d)", "9(2)(c)"),
        Ground("pomoc_spoleczna", Kind.STATUTE, "6(1)(e)", "9(2)(b)", "10", "pomoc_spoleczna"),
        Ground("zatrudnienie_socjalne", Kind.STATUTE, "6(1)(e)", "9(2)(b)", "10", "zatrudnienie_socjalne"),
        Ground("rynek_pracy", Kind.STATUTE, "6(1)(e)", "9(2)(b)", "", "rynek_pracy"),
        Ground("przemoc_domowa", Kind.STATUTE, "6(1)(e)", "9(2)(g)", "10", "przemoc_domowa"),
        Ground("uslugi_spoleczne", Kind.STATUTE, "6(1)(e)", "9(2)(b)", "", "cus"),
        Ground("bez_danych", Kind.NO_DATA, ""),
        Ground("ta_sama_osoba_prawna", Kind.INTERNAL, ""),
    )
}


def usual_ground(sender_kind: str, receiver_kind: str) -> Ground:
    """The ground preset for a pair of institution kinds (`PAIRS`); consent wherever no act clearly covers the pair."""
    for pair in PAIRS:
        if receiver_kind in pair.receivers and (not pair.senders or sender_kind in pair.senders):
            return GROUNDS[pair.ground]
    return GROUNDS["zgoda"]


class Basis(Struct, frozen=True, kw_only=True):
    """One recorded ground: for a recipient, some fields, a purpose, until a day (inclusive; None: open).

    `given_how` (signed, spoken and noted, electronic) says how consent was given; other kinds have none.
    """

    kind: Kind
    ground: str
    recipient: UUID | None
    fields: frozenset[str] = frozenset()
    purpose: str = ""
    until: date | None = None
    withdrawn: bool = False
    given_how: str = ""


def internal_ground() -> Ground:
    """Between units of one legal person: one controller, so nothing is disclosed to another; readings are logged."""
    return GROUNDS["ta_sama_osoba_prawna"]


def articles(basis: Basis) -> tuple[str, str, str]:
    """Articles 6, 9(2) and 10 that a basis rests on; empty where there is none."""
    known = GROUNDS.get(basis.ground)
    if known is None or known.kind is not basis.kind:
        known = next(ground for ground in GROUNDS.values() if ground.kind is basis.kind)
        # Own words for a statute claim neither art. 9 nor art. 10: only a named act may open those.
        if basis.kind is Kind.STATUTE:
            return known.article6, "", ""
    return known.article6, known.article9, known.article10


def covers(basis: Basis, *, receiver: UUID | None, today: date) -> bool:
    """True if the basis holds on this day for this receiver; going alone without data always holds."""
    if basis.kind is Kind.NO_DATA:
        return not basis.fields
    if basis.withdrawn or basis.recipient != receiver or receiver is None:
        return False
    return (basis.until is None or today <= basis.until) and basis.fields <= set(SHAREABLE)


def criminal_data_is_lawful(basis: Basis, *, criminal: bool) -> bool:
    """Data about convictions are shared only where the ground names article 10 (never on consent alone)."""
    if not criminal or "groups" not in basis.fields:
        return True
    return bool(articles(basis)[2])


def read_basis(
    *,
    kind: str,
    ground: str | None,
    fields: list[str] | None,
    until: date | None,
    recipient: UUID,
    purpose: str,
    today: date,
    internal: bool = False,
    given_how: str = "",
) -> tuple[Basis | None, list[Problem]]:
    """A basis from what was typed, or all that is wrong with it.

    Consent without an end ends after a year: nobody keeps a paper that promises for ever. `internal`: both are one
    legal person; only then is that a ground, it brings its own words, and it has no last day.
    """
    problems: list[Problem] = []
    words = (ground or "").strip()
    if kind not in tuple(Kind):
        return None, [Problem("basis.kind", "not_a_choice", {"choices": list(Kind)})]
    chosen = Kind(kind)
    if chosen is Kind.INTERNAL:
        if not internal:
            return None, [Problem("basis.kind", "receiver_is_another_body")]
        # Nothing goes to another controller, so nothing runs out that somebody would have to agree to anew.
        words, until = internal_ground().code, None
    if chosen is Kind.NO_DATA:
        if fields:
            problems.append(Problem("basis.fields", "no_data_shares_nothing"))
        basis = Basis(kind=chosen, ground="bez_danych", recipient=recipient, purpose=purpose)
        return (None, problems) if problems else (basis, [])
    if not words:
        problems.append(Problem("basis.ground", "required"))
    elif len(words) > GROUND_LENGTH:
        problems.append(Problem("basis.ground", "too_long", {"most": GROUND_LENGTH, "length": len(words)}))
    elif words in GROUNDS and GROUNDS[words].kind is not chosen:
        problems.append(Problem("basis.ground", "ground_is_of_another_kind"))
    unknown = [name for name in fields or () if name not in SHAREABLE]
    if unknown:
        problems.append(Problem("basis.fields", "not_a_choice", {"choices": list(SHAREABLE)}))
    if until is not None and until < today:
        problems.append(Problem("basis.until", "date_has_passed"))
    problems += _how_problems(chosen, given_how)
    if problems:
        return None, problems
    if until is None and chosen is Kind.CONSENT:
        until = today + timedelta(days=CONSENT_DAYS)
    shared = frozenset(fields if fields is not None else USUAL_FIELDS)
    kept = Basis(
        kind=chosen,
        ground=words,
        recipient=recipient,
        fields=shared,
        purpose=purpose,
        until=until,
        given_how=given_how if chosen is Kind.CONSENT else "",
    )
    return kept, []


def _how_problems(kind: Kind, given_how: str) -> list[Problem]:
    """Consent is what somebody gave: a page asks how. Programs may leave it out (the outward contract does not ask),
    and then nothing is said instead of something assumed."""
    if kind is not Kind.CONSENT or not given_how or given_how in HOW_GIVEN:
        return []
    return [Problem("basis.given_how", "not_a_choice", {"choices": list(HOW_GIVEN)})]
