"""A refusal of the pure table as the error that people and programs meet."""

from referral_hub.errors import HubError, NotAllowed, Problem, Refused
from referral_hub.referrals.moves import MoveRefused

# The field beside which a form shows why a check failed.
BESIDE = {
    "basis_is_valid": "basis",
    "criminal_data_rests_on_statute": "basis",
    "offer_is_sendable": "text",
    "word_is_the_persons": "channel",
    "queue_is_described": "position",
    "other_reason_is_described": "text",
    "only_other_reason_is_described": "text",
    "line_is_kept": "out_of_order",
    "review_date_is_ahead": "review_on",
    "review_date_is_near": "review_on",
    "appointment_is_near": "date",
    "result_is_not_ahead": "date",
    "something_is_amended": "outcome",
}
_FORBIDDEN = frozenset({"move_belongs_to_others", "move_belongs_to_clock"})


def told(refusal: MoveRefused) -> HubError:
    """The refusal of the pure table as the error people meet."""
    if refusal.code in _FORBIDDEN:
        return NotAllowed(refusal.code)
    if refusal.code == "move_unknown":
        return Refused("invalid", [Problem("verb", "move_unknown")])
    if refusal.code in BESIDE:
        return Refused(refusal.code, [Problem(BESIDE[refusal.code], refusal.code)])
    return Refused(refusal.code)
