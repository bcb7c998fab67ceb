"""The words of a referral's life: states, verbs, parties, channels and effects (LIFECYCLE.md). Pure."""

from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    INFO_NEEDED = "info_needed"
    WAITLISTED = "waitlisted"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    CANCEL_REQUESTED = "cancel_requested"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    NOT_DELIVERED = "not_delivered"
    DELIVERED = "delivered"
    VOID = "void"


FINAL = frozenset({State.DECLINED, State.WITHDRAWN, State.EXPIRED, State.NOT_DELIVERED, State.DELIVERED, State.VOID})
FINAL_STATES = sorted(state.value for state in FINAL)
"""The same as SQL takes them."""
OPEN = frozenset(State) - FINAL - {State.DRAFT}
WAITING = frozenset({State.SENT, State.INFO_NEEDED, State.WAITLISTED})
UNDER_WAY = frozenset({State.ACCEPTED, State.SCHEDULED, State.IN_PROGRESS, State.ON_HOLD})


class Party(StrEnum):
    """Whose move it is: sender, receiver, participant, coordinator, the clock."""

    SND = "SND"
    RCV = "RCV"
    PAR = "PAR"
    COO = "COO"
    SYS = "SYS"


class Channel(StrEnum):
    """How the word arrived: `phone` and `paper` are the receiver's, `person` the participant's.

    `timetable`: the receiver offered the appointment in its timetable, the sender took it. `house`: who asks and who is
    asked are one, and its own caseworker takes the person on. Nobody says either in a form.
    """

    SELF = "self"
    PHONE = "phone"
    PAPER = "paper"
    PERSON = "person"
    TIMETABLE = "timetable"
    HOUSE = "house"


SAYABLE = tuple(channel for channel in Channel if channel not in (Channel.TIMETABLE, Channel.HOUSE))


class Verb(StrEnum):
    CREATE = "create"
    SEND = "send"
    ASK = "ask"
    ANSWER = "answer"
    WAITLIST = "waitlist"
    ACCEPT = "accept"
    DECLINE = "decline"
    SCHEDULE = "schedule"
    ATTEND = "attend"
    START = "start"
    HOLD = "hold"
    RESUME = "resume"
    DELIVER = "deliver"
    FAIL = "fail"
    WITHDRAW = "withdraw"
    REQUEST_CANCEL = "request_cancel"
    AGREE_CANCEL = "agree_cancel"
    KEEP = "keep"
    WITHDRAW_CONSENT = "withdraw_consent"
    VOID = "void"
    AMEND = "amend"
    REROUTE = "reroute"
    EXPIRE = "expire"
    ESCALATE = "escalate"


OF_THE_CLOCK = frozenset({Verb.EXPIRE, Verb.ESCALATE})


class To(StrEnum):
    """Destinations that depend on the task."""

    SAME = "same"
    BEFORE = "before"  # the state before cancel_requested
    VOID_BY_TWO = "void_by_two"  # void once a second person agrees, until then the same state
    NEW_DRAFT = "new_draft"  # this task stays, a new one replaces it


class Places(StrEnum):
    """What a move does to the offer's places."""

    NONE = "none"
    HOLD = "hold"  # a hold is placed where the offer has a reading
    KEEP = "keep"
    FREE = "free"  # an open hold or a taken place goes back
    TAKE = "take"  # the own hold becomes taken, else an available place is taken
    POLICY = "policy"  # kept or freed, by the offer's policy
    RETAKE = "retake"  # taken again if it was freed


class Access(StrEnum):
    """What a move does to the receiver's view of the person."""

    NONE = "none"
    SAME = "same"
    SENT = "sent"  # case code and summary; full only if the offer's policy says so
    SUMMARY = "summary"
    DISCLOSED = "disclosed"  # the fields that the basis names
    STUB = "stub"  # lost at once; case code and own answers stay
    LOST = "lost"
    ENDED = "ended"  # sharing ended, nothing flows either way
    OWN_RECORD = "own_record"  # only what the receiver wrote itself


class Clock(StrEnum):
    """What a move does to the clocks."""

    KEEP = "keep"
    START = "start"  # the receiver owes an answer
    ASK = "ask"  # the receiver's clock stops, the sender's starts
    RESUME = "resume"  # the receiver's clock goes on where it stopped
    REVIEW = "review"  # somebody looks again on the review date
    CANCEL = "cancel"  # the receiver agrees to the cancellation, or time does
    RESTORE = "restore"  # after `keep`: the review date of a task on hold, else nothing
    AGAIN = "again"  # escalated: the next escalation is put off
    FOLLOW = "follow"  # sharing ended: the sender asks the person „czy nadal korzystasz?”
    STOP = "stop"


_FHIR = {
    State.DRAFT: "draft",
    State.SENT: "requested",
    State.INFO_NEEDED: "requested",
    State.WAITLISTED: "requested",
    State.ACCEPTED: "accepted",
    State.SCHEDULED: "accepted",
    State.IN_PROGRESS: "in-progress",
    State.ON_HOLD: "on-hold",
    State.DECLINED: "rejected",
    State.WITHDRAWN: "cancelled",
    State.EXPIRED: "cancelled",
    State.DELIVERED: "completed",
    State.NOT_DELIVERED: "failed",
    State.VOID: "entered-in-error",
}


def fhir_status(state: State, before: State | None = None, *, accepted: bool = False) -> str:
    """FHIR R4 `Task.status` of a state.

    `before` is the state before `cancel_requested`; `accepted` says whether acceptance came before a decline.
    """
    if state is State.CANCEL_REQUESTED:
        if before is None or before is State.CANCEL_REQUESTED:
            raise ValueError("cancel_requested keeps the earlier status: name the state before")
        return _FHIR[before]
    if state is State.DECLINED and accepted:
        return "failed"
    return _FHIR[state]
