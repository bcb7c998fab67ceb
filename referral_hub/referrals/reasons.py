"""Which codes a move may carry today, and what a reason sets in motion: read from the vocabularies."""

from referral_hub.referrals.fields import FIXED, Codes
from referral_hub.referrals.lifecycle import Need, Row
from referral_hub.referrals.states import Party
from referral_hub.vocabularies.book import word, words

_ON_THE_PERSONS_WORD = {Party.SND.value, Party.PAR.value, Party.RCV.value}


def _fits(row: Row, parties: tuple[str, ...], moves: tuple[str, ...], code: str) -> bool:
    if moves and row.verb not in moves:
        return False
    if row.number == "17a":
        # The person may tell anything that the receiver could have: „nie było miejsc”, „nie dotarłam”.
        return bool(_ON_THE_PERSONS_WORD & set(parties)) and code != "entered_in_error"
    return row.by in parties


def codes_for(row: Row) -> Codes:
    """Reason and outcome codes open to the row's party today."""
    reasons = (one.code for one in words("reason") if _fits(row, one.listed("parties"), one.listed("moves"), one.code))
    return {
        "reason": frozenset(reasons),
        "outcome": frozenset(one.code for one in words("outcome")),
        **{name: frozenset(codes) for name, codes in FIXED.items()},
    }


def choices(need: Need, row: Row) -> list[str] | None:
    """The codes of a coded field in the vocabulary's own order; None for other fields."""
    if need.type != "code":
        return None
    if need.codes in FIXED:
        return list(FIXED[need.codes])
    allowed = codes_for(row)[need.codes]
    return [one.code for one in words(need.codes) if one.code in allowed]


def effect_of(reason: str) -> str:
    """What a reason sets in motion, by the vocabulary's word for it; "" for nothing."""
    found = word("reason", reason) if reason else None
    return found.extra.get("effect", "") if found else ""
