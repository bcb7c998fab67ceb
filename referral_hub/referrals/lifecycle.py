"""The life of a referral as data: every move of LIFECYCLE.md is a row, and everybody reads this TABLE. Pure.

A row is found by (verb, state, party); two verbs of one name by different parties are two rows. `conditions`
must hold for the move to be offered at all, `checks` also look at the fields that come with it.
"""

from msgspec import Struct

from referral_hub.referrals import conditions as c
from referral_hub.referrals.conditions import Condition
from referral_hub.referrals.states import UNDER_WAY, Access, Clock, Party, Places, State, To, Verb

S, V, P, A, K = State, Verb, Places, Access, Clock
SND, RCV, PAR, COO, SYS = Party.SND, Party.RCV, Party.PAR, Party.COO, Party.SYS


class Need(Struct, frozen=True):
    """A field of a move. `type`: text, date, moment (a day, or an hour of it), whole, hours, code, id, basis.

    `codes` names the vocabulary of a `code` field: reason, outcome or attendance.
    """

    name: str
    type: str
    required: bool = False
    codes: str = ""


class Row(Struct, frozen=True, kw_only=True):
    """One move: `number` is its line in LIFECYCLE.md, `event` its audit line."""

    number: str
    verb: Verb
    by: Party
    start: frozenset[State]
    to: State | To
    event: str
    needs: tuple[Need, ...] = ()
    conditions: tuple[Condition, ...] = ()
    checks: tuple[Condition, ...] = ()
    places: Places = Places.NONE
    access: Access = Access.SAME
    clock: Clock = Clock.KEEP


def _row(
    number: str,
    start: frozenset[State] | set[State] | State,
    to: State | To,
    by: Party,
    verb: Verb,
    needs: tuple[Need, ...] = (),
    places: Places = Places.NONE,
    access: Access = Access.SAME,
    clock: Clock = Clock.KEEP,
    only: tuple[Condition, ...] = (),
    checks: tuple[Condition, ...] = (),
) -> Row:
    if by is RCV:
        only = (c.receiver_was_told, c.sending_has_left, c.sharing_goes_on, c.receiver_is_bound, *only)
    return Row(
        number=number,
        verb=verb,
        by=by,
        start=frozenset({start} if isinstance(start, State) else start),
        to=to,
        event=f"referral:{'draft' if verb is Verb.CREATE else verb}",
        needs=needs,
        conditions=only,
        checks=checks,
        places=places,
        access=access,
        clock=clock,
    )


REASON = Need("reason", "code", True, "reason")
TEXT = Need("text", "text")
WHY = Need("text", "text", True)
DATE = Need("date", "date", True)
MAYBE_DATE = Need("date", "date")
BEFORE_OTHERS = Need("out_of_order", "code", False, "out_of_order")
MAYBE_BASIS = Need("basis", "basis")
REVIEW = Need("review_on", "date", True)
RESULT = (Need("outcome", "code", True, "outcome"), DATE, Need("hours", "hours"))
REFUSAL = (REASON, TEXT, Need("criterion", "text"), Need("other_offer", "id"))
END = (REASON, TEXT)

SAID = (c.other_reason_is_described, c.only_other_reason_is_described)
BY_WORD = (c.word_is_the_persons,)
LEFT = (c.sending_has_left,)
UNANSWERED = {S.SENT, S.INFO_NEEDED}
WAITING = {S.SENT, S.INFO_NEEDED, S.WAITLISTED}
LATE = {S.ACCEPTED, S.SCHEDULED, S.IN_PROGRESS}
PLACED = frozenset(UNDER_WAY)
HEARD = PLACED | {S.SENT}
NOT_HELPED = {S.DECLINED, S.WITHDRAWN, S.EXPIRED, S.NOT_DELIVERED}
ASLEEP = {S.SENT, S.INFO_NEEDED, S.ON_HOLD, S.CANCEL_REQUESTED}
SEND_ONLY = (c.sender_is_bound, c.offer_is_open)
SEND_CHECKS = (c.basis_is_valid, c.criminal_data_rests_on_statute, c.offer_is_sendable)

TABLE: tuple[Row, ...] = (
    _row("1", frozenset(), S.DRAFT, SND, V.CREATE, access=A.NONE),
    _row("2", S.DRAFT, S.SENT, SND, V.SEND, (TEXT, MAYBE_BASIS), P.HOLD, A.SENT, K.START,
         SEND_ONLY, SEND_CHECKS),
    _row("3", S.DRAFT, S.VOID, SND, V.VOID, access=A.LOST, clock=K.STOP),
    _row("4", S.SENT, S.INFO_NEEDED, RCV, V.ASK, (Need("question", "text", True),), P.KEEP,
         clock=K.ASK),
    _row("5", S.INFO_NEEDED, S.SENT, SND, V.ANSWER, (Need("answer", "text", True),), P.KEEP,
         clock=K.RESUME, only=(c.sharing_goes_on,)),
    _row("6", UNANSWERED, S.WAITLISTED, RCV, V.WAITLIST,
         (Need("position", "whole"), MAYBE_DATE, REVIEW), P.FREE, A.SUMMARY, K.REVIEW,
         checks=(c.queue_is_described, c.review_date_is_ahead, c.review_date_is_near)),
    _row("7", S.WAITLISTED, S.ACCEPTED, RCV, V.ACCEPT, (MAYBE_DATE, BEFORE_OTHERS), P.TAKE, A.DISCLOSED, K.STOP,
         (c.code_is_given, c.place_is_free_or_kept), (c.line_is_kept, c.appointment_is_near)),
    _row("8", UNANSWERED, S.ACCEPTED, RCV, V.ACCEPT, (MAYBE_DATE, BEFORE_OTHERS), P.TAKE, A.DISCLOSED, K.STOP,
         (c.code_is_given, c.place_is_free), (c.line_is_kept, c.appointment_is_near)),
    _row("9", WAITING, S.DECLINED, RCV, V.DECLINE, REFUSAL, P.FREE, A.STUB, K.STOP, checks=SAID),
    _row("10", S.ACCEPTED, S.SCHEDULED, RCV, V.SCHEDULE,
         (Need("date", "moment", True), Need("place", "text")), checks=(c.appointment_is_near,)),
    _row("11", {S.SCHEDULED, S.IN_PROGRESS}, To.SAME, RCV, V.SCHEDULE,
         (Need("date", "moment", True), Need("place", "text")), checks=(c.appointment_is_near,)),
    _row("11", {S.SCHEDULED, S.IN_PROGRESS}, To.SAME, RCV, V.ATTEND,
         (Need("attendance", "code", True, "attendance"),), only=(c.appointment_has_come,)),
    _row("12", {S.ACCEPTED, S.SCHEDULED}, S.IN_PROGRESS, RCV, V.START, (DATE,),
         checks=(c.result_is_not_ahead,)),
    _row("13", LATE, S.ON_HOLD, RCV, V.HOLD, (REASON, TEXT, REVIEW), P.POLICY, clock=K.REVIEW,
         checks=(*SAID, c.review_date_is_ahead, c.review_date_is_near)),
    _row("14", S.ON_HOLD, S.IN_PROGRESS, RCV, V.RESUME, (), P.RETAKE, clock=K.STOP,
         only=(c.place_can_be_taken_again,)),
    _row("15", PLACED, S.DECLINED, RCV, V.DECLINE, REFUSAL, P.FREE, A.STUB, K.STOP, checks=SAID),
    _row("16", PLACED, S.DELIVERED, RCV, V.DELIVER, RESULT, P.FREE, A.OWN_RECORD, K.STOP,
         checks=(c.result_is_not_ahead,)),
    _row("17", PLACED, S.NOT_DELIVERED, RCV, V.FAIL, END, P.FREE, A.OWN_RECORD, K.STOP,
         checks=SAID),
    _row("17a", HEARD, S.DELIVERED, SND, V.DELIVER, RESULT, P.FREE, A.OWN_RECORD, K.STOP, LEFT,
         checks=(*BY_WORD, c.result_is_not_ahead)),
    _row("17a", HEARD, S.NOT_DELIVERED, SND, V.FAIL, END, P.FREE, A.OWN_RECORD, K.STOP, LEFT,
         checks=(*BY_WORD, *SAID)),
    _row("18", WAITING, S.WITHDRAWN, SND, V.WITHDRAW, END, P.FREE, A.LOST, K.STOP, checks=SAID),
    _row("18", WAITING, S.WITHDRAWN, PAR, V.WITHDRAW, (), P.FREE, A.LOST, K.STOP),
    _row("19", PLACED, S.CANCEL_REQUESTED, SND, V.REQUEST_CANCEL, END, P.KEEP,
         clock=K.CANCEL, only=(c.receiver_was_told, c.sharing_goes_on), checks=SAID),
    _row("20", S.CANCEL_REQUESTED, S.WITHDRAWN, RCV, V.AGREE_CANCEL, (), P.FREE, A.LOST, K.STOP),
    _row("20", S.CANCEL_REQUESTED, S.WITHDRAWN, SYS, V.AGREE_CANCEL, (), P.FREE, A.LOST, K.STOP,
         (c.grace_has_passed,)),
    _row("21", S.CANCEL_REQUESTED, S.DELIVERED, RCV, V.DELIVER, RESULT, P.FREE, A.OWN_RECORD,
         K.STOP, checks=(c.result_is_not_ahead,)),
    _row("22", WAITING, S.WITHDRAWN, PAR, V.WITHDRAW_CONSENT, (), P.FREE, A.LOST, K.STOP,
         (c.sharing_rests_on_consent,)),
    _row("22a", PLACED | {S.CANCEL_REQUESTED}, To.SAME, PAR, V.WITHDRAW_CONSENT, (),
         P.KEEP, A.ENDED, K.FOLLOW, (c.sharing_rests_on_consent, c.sharing_goes_on)),
    _row("23", UNANSWERED, S.EXPIRED, SYS, V.EXPIRE, (), P.FREE, A.LOST, K.STOP,
         (c.receiver_was_told, c.grace_has_passed)),
    _row("24", S.WAITLISTED, To.SAME, SYS, V.ESCALATE, clock=K.AGAIN,
         only=(c.clock_has_run_out,)),
    _row("25", ASLEEP, To.SAME, SYS, V.ESCALATE, clock=K.AGAIN, only=(c.clock_has_run_out,)),
    *(
        _row("26", NOT_HELPED, To.NEW_DRAFT, party, V.REROUTE,
             (Need("offer", "id", True), MAYBE_BASIS), only=(c.nobody_else_is_asked,))
        for party in (SND, COO)
    ),
    _row("27", S.CANCEL_REQUESTED, To.BEFORE, SND, V.KEEP, (), P.KEEP, clock=K.RESTORE),
    # Row 28 names draft too; there row 3 says the same, and one cell has one row.
    _row("28", S.SENT, S.VOID, SND, V.VOID, (), P.FREE, A.LOST, K.STOP),
    _row("29", PLACED | {S.INFO_NEEDED, S.WAITLISTED, S.CANCEL_REQUESTED}, To.VOID_BY_TWO, COO, V.VOID, END,
         P.FREE, A.LOST, K.STOP, checks=SAID),
    *(
        _row("30", S.DELIVERED, To.SAME, party, V.AMEND,
             (WHY, Need("outcome", "code", False, "outcome"), MAYBE_DATE, Need("hours", "hours")),
             only=(when,), checks=(c.something_is_amended, c.result_is_not_ahead))
        for party, when in ((RCV, c.amendment_is_in_time), (COO, c.receivers_time_is_over))
    ),
    *(
        _row("30", S.NOT_DELIVERED, To.SAME, party, V.AMEND,
             (WHY, Need("reason", "code", False, "reason")),
             only=(when,), checks=(c.something_is_amended,))
        for party, when in ((RCV, c.amendment_is_in_time), (COO, c.receivers_time_is_over))
    ),
)  # fmt: skip
