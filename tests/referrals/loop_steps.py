"""What may happen in the closed-loop machine: the steps, the moves they make, and the refusals that are fair."""

from collections.abc import Mapping

from hypothesis import strategies as st

from referral_hub.referrals.line import OUT_OF_ORDER, RANK
from tests.referrals.scene import ALONE, CONSENT

STATUTE = {"kind": "statute", "ground": "art_100_ups"}
BASES = (CONSENT, CONSENT, STATUTE, ALONE)
OFFER, TASK, ANY = st.integers(0, 2), st.integers(0, 11), st.integers(0, 99)
MOVES: tuple[tuple[str, str, Mapping[str, object]], ...] = (
    ("RCV", "accept", {}),
    ("RCV", "accept", {"out_of_order": OUT_OF_ORDER[0]}),
    ("RCV", "waitlist", {"position": 1}),
    ("RCV", "waitlist", {"position": 2}),
    ("RCV", "ask", {"question": "kiedy?"}),
    ("SND", "answer", {"answer": "zaraz"}),
    ("RCV", "decline", {"reason": "not_eligible"}),
    ("RCV", "decline", {"reason": "no_capacity"}),
    ("RCV", "schedule", {"date": "2027-01-04"}),
    ("RCV", "start", {}),
    ("RCV", "hold", {"reason": "no_longer_possible"}),
    ("RCV", "resume", {}),
    ("RCV", "deliver", {"outcome": "leczenie"}),
    ("RCV", "fail", {"reason": "no_show"}),
    ("RCV", "agree_cancel", {}),
    ("SND", "withdraw", {"reason": "need_met_elsewhere"}),
    ("SND", "request_cancel", {"reason": "need_met_elsewhere"}),
    ("SND", "keep", {}),
    ("SND", "void", {}),
    ("PHONE", "accept", {}),
    ("PHONE", "waitlist", {"position": 3}),
    ("PERSON", "fail", {"reason": "no_show"}),
    ("COO", "void", {"reason": "entered_in_error"}),
    ("PAR", "withdraw", {}),
    ("PAR", "withdraw_consent", {}),
)
STEP = st.one_of(
    st.tuples(st.just("request"), st.integers(0, 1), OFFER, st.sampled_from(sorted(RANK)), st.integers(0, 7)),
    st.tuples(st.just("request"), st.integers(0, 1), OFFER, st.just("ordinary"), st.just(0)),
    st.tuples(st.sampled_from(["wait", "early", "end"]), TASK),
    st.tuples(st.sampled_from(["early", "end", "crowd"]), OFFER),
    st.tuples(st.just("move"), TASK, ANY),
    st.tuples(st.just("move"), TASK, ANY),
    st.tuples(st.just("blunder"), TASK, st.integers(0, len(MOVES) - 1)),
    st.tuples(st.sampled_from(["sister", "reroute"]), TASK, OFFER),
    st.tuples(st.just("report"), OFFER, st.integers(0, 3)),
    st.tuples(st.just("pass"), TASK),
    st.tuples(st.sampled_from(["undo", "merge", "sweep"]), OFFER),
    st.tuples(st.just("leave"), TASK, st.booleans()),
    st.tuples(st.just("time"), st.sampled_from([1, 1, 4, 12, 40])),
)
# What a refusal may be: a move not open now, a place gone, a line passed by; nothing else ever.
FAIR = frozenset(
    {
        *("move_is_not_open", "move_belongs_to_others", "channel_not_open", "not_found", "not_allowed", "stale"),
        *("no_place", "line_is_kept", "place_has_gone", "place_can_be_taken_again", "has_left"),
        *(
            "offer_is_sendable",
            "offer_is_open",
            "basis_is_valid",
            "receiver_was_told",
            "sending_has_left",
            "sharing_goes_on",
        ),
        *("sharing_rests_on_consent", "appointment_has_come", "nobody_else_is_asked", "offer_is_asked_already"),
        "second_person_is_needed",
    }
)
