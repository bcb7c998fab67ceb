"""When the loop is closed, and when the person's word asks for somebody. Pure; pages, lists and figures ask here.

A *discrepancy* is what both ends tell differently: „delivered” against „no help”, „still waiting” or „I did not go”,
and „not delivered” against „I got help”. A *call* is the person's word that nobody may leave lying: „still waiting” or
„I did not go” where the receiver has reported no result. Neither says who is right.
"""

from typing import Final

from referral_hub.referrals.states import FINAL, State

REPORTED: Final = frozenset({State.DELIVERED, State.NOT_DELIVERED, State.VOID})
DISCREPANCIES: Final = ("delivered_no_help", "delivered_waiting", "delivered_did_not_go", "failed_got_help")
CALLS: Final = ("waiting", "did_not_go")
KINDS: Final = (*DISCREPANCIES, *CALLS)
TOLD_TO_SENDER: Final = ("delivered_waiting", "delivered_did_not_go", *CALLS)
"""Kinds the sender hears of in any case: the page says so beside these two answers, before they are given."""
VERDICTS: Final = {
    "discrepancy": ("person_holds", "receiver_holds", "both_hold", "goes_on", "cannot_tell"),
    "call": ("receiver_asked", "new_day", "elsewhere", "no_more_wish", "cannot_tell"),
}
AGREED: Final = "agreed_since"
"""The verdict of time: one side changed its own word, and nothing is left to settle."""

_TOLD: Final = {
    (State.DELIVERED, "no"): "delivered_no_help",
    (State.DELIVERED, "waiting"): "delivered_waiting",
    (State.DELIVERED, "did_not_go"): "delivered_did_not_go",
    (State.NOT_DELIVERED, "yes"): "failed_got_help",
    # The receiver says the same.
    (State.NOT_DELIVERED, "did_not_go"): "",
    # Nobody waits for whoever took the referral back; nobody expects anybody where it was declined or never answered.
    (State.WITHDRAWN, "waiting"): "",
    (State.WITHDRAWN, "did_not_go"): "",
    (State.DECLINED, "did_not_go"): "",
    (State.EXPIRED, "did_not_go"): "",
}


def loop_closed(state: State, *, began: bool, seen: bool) -> bool:
    """Final, the outcome reported where the help had begun, and the sender has seen it.

    `began`: the referral was in progress at some time; `seen`: the sender has read how it ended, or wrote it down.
    """
    reported = not began or state in REPORTED
    return state in FINAL and reported and (seen or state is State.VOID)


def differs(state: State, got_help: str, *, earlier: bool = False) -> str:
    """What is to be settled when a referral stands so and the person says so; '' where nothing is.

    `got_help`: yes, partly, no, waiting, did_not_go, or '' where the person has said nothing. `earlier`: said before
    the day on which the help is reported to have been given, so that both may well be true.
    """
    if state in (State.DRAFT, State.VOID) or (earlier and state is State.DELIVERED):
        return ""
    return _TOLD.get((state, got_help), got_help if got_help in CALLS else "")


def verdicts_for(kind: str) -> tuple[str, ...]:
    """How an item of this kind may be settled."""
    return VERDICTS["discrepancy" if kind in DISCREPANCIES else "call"]
