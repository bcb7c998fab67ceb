"""Requests (why) and tasks (whom we ask), their history, holds, outcomes and feedback."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    Real,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from referral_hub.directory.tables import Offer
from referral_hub.institutions.tables import Institution
from referral_hub.participants.tables import Basis, Participant

STATES = [
    "draft",
    "sent",
    "info_needed",
    "waitlisted",
    "accepted",
    "scheduled",
    "in_progress",
    "on_hold",
    "cancel_requested",
    "declined",
    "withdrawn",
    "expired",
    "not_delivered",
    "delivered",
    "void",
]
_STATES = ", ".join(f"'{state}'" for state in STATES)


class Request(Table, tablename="referral_request"):
    """Why help is sought: owned by the sender. `case_code` stands here too, so that a coordinator needs no person.

    Three institutions may have a paper in it, each with its day and number: who applies, who gives an opinion
    (`opinion`: positive, negative or none yet) and who issues; issued, it is a „skierowanie”. `together`: the sender
    asks several receivers side by side; `others_kept_at`: one has accepted, and the sender keeps the others on purpose.
    `batch`: the group referral it was made in.
    """

    id = UUID(primary_key=True, default=None)
    sender = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    participant = ForeignKey(Participant, null=False, default=None, on_delete=OnDelete.restrict)
    case_code = Varchar(length=20, default=None, null=False)
    need = Varchar(length=60, default=None, null=False)
    priority = Varchar(length=10, default="ordinary")
    applicant = ForeignKey(Institution, null=True, default=None, on_delete=OnDelete.restrict)
    opinion_giver = ForeignKey(Institution, null=True, default=None, on_delete=OnDelete.restrict)
    issuer = ForeignKey(Institution, null=True, default=None, on_delete=OnDelete.restrict)
    document = Text(default="")
    applied_on = Date(default=None, null=True)
    applicant_document = Text(default="")
    opinion = Varchar(length=10, default="")
    opinion_on = Date(default=None, null=True)
    opinion_document = Text(default="")
    issued_on = Date(default=None, null=True)
    issue_document = Text(default="")
    together = Boolean(default=False)
    others_kept_at = Timestamptz(default=None, null=True)
    batch = UUID(default=None, null=True, index=True)
    state = Varchar(length=10, default="open")
    keeper = UUID(default=None, null=True)
    made_at = Timestamptz(default=None, null=False)

    known_priority = Check("priority in ('ordinary', 'priority', 'urgent')")
    known_state = Check("state in ('open', 'closed', 'withdrawn')")
    known_opinion = Check("opinion in ('', 'positive', 'negative')")


class Task(Table, tablename="referral_task"):
    """One receiver asked, for one offer. `number` is what people say on the phone (a year and a count).

    `access`: what the receiver may see of the person now (none, summary, disclosed, own_record).
    `version` is compared and raised by every move. `clock`: whose turn it is (RCV, SND or empty);
    `days_left`: business days the receiver had left when it asked a question. `held_back`: sent, and still to be
    undone for half a minute: the receiver sees nothing of it yet. `internal`: both institutions are one legal person.
    `waiting_since`: when it came onto the waiting list, which its fair order goes by.
    """

    id = UUID(primary_key=True, default=None)
    number = Varchar(length=20, default=None, null=False, unique=True)
    request = ForeignKey(Request, null=False, default=None, on_delete=OnDelete.restrict)
    participant = ForeignKey(Participant, null=False, default=None, on_delete=OnDelete.restrict)
    sender = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    receiver = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    offer = ForeignKey(Offer, null=False, default=None, on_delete=OnDelete.restrict)
    replaces: "ForeignKey[Task]" = ForeignKey("self", null=True, default=None, on_delete=OnDelete.restrict)
    basis = ForeignKey(Basis, null=True, default=None, on_delete=OnDelete.restrict)
    no_data = Boolean(default=False)
    state = Varchar(length=20, default="draft")
    before_cancel = Varchar(length=20, default="")
    version = Integer(default=1)
    access = Varchar(length=12, default="none")
    sharing_ended = Boolean(default=False)
    note_sealed = Bytea(default=None, null=True)
    override_reason = Text(default="")
    keeper = UUID(default=None, null=True)
    made_at = Timestamptz(default=None, null=False)
    sent_at = Timestamptz(default=None, null=True)
    seen_at = Timestamptz(default=None, null=True)
    first_answer_at = Timestamptz(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    outcome_seen_at = Timestamptz(default=None, null=True)
    clock = Varchar(length=3, default="")
    due_on = Date(default=None, null=True)
    escalate_on = Date(default=None, null=True)
    expire_on = Date(default=None, null=True)
    review_on = Date(default=None, null=True)
    days_left = Integer(default=None, null=True)
    escalated_at = Timestamptz(default=None, null=True)
    reminded_at = Timestamptz(default=None, null=True)
    appointment_at = Text(default="")
    appointment_place = Text(default="")
    position = Integer(default=None, null=True)
    reason = Varchar(length=40, default="")
    outcome = Varchar(length=40, default="")
    outcome_on = Date(default=None, null=True)
    outcome_hours = Real(default=None, null=True)
    outcome_source = Varchar(length=12, default="")
    void_asked_by = UUID(default=None, null=True)
    held_back = Boolean(default=False)
    internal = Boolean(default=False)
    waiting_since = Timestamptz(default=None, null=True)

    known_state = Check(f"state in ({_STATES})")
    known_access = Check("access in ('none', 'summary', 'disclosed', 'own_record')")


class TaskEvent(Table, tablename="task_event"):
    """One move made: what changed, who made it, through which channel. Free words are sealed."""

    id = UUID(primary_key=True, default=None)
    task = ForeignKey(Task, null=False, default=None, on_delete=OnDelete.restrict)
    at = Timestamptz(default=None, null=False)
    verb = Varchar(length=20, default=None, null=False)
    before = Varchar(length=20, default="")
    after = Varchar(length=20, default=None, null=False)
    party = Varchar(length=3, default=None, null=False)
    channel = Varchar(length=10, default="self")
    account = UUID(default=None, null=True)
    institution = UUID(default=None, null=True)
    version = BigInt(default=None, null=False)
    facts = JSONB(default="{}")
    words_sealed = Bytea(default=None, null=True)


class Hold(Table, tablename="hold"):
    """A place kept for one task: open until the answer clock ends, then taken or freed; never two per task."""

    id = UUID(primary_key=True, default=None)
    task = ForeignKey(Task, null=False, unique=True, default=None, on_delete=OnDelete.restrict)
    offer = ForeignKey(Offer, null=False, default=None, on_delete=OnDelete.restrict)
    reading = UUID(default=None, null=True)
    state = Varchar(length=6, default="held")
    placed_at = Timestamptz(default=None, null=False)
    ends_on = Date(default=None, null=True)
    taken_at = Timestamptz(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)

    known_state = Check("state in ('held', 'taken', 'freed')")


class Feedback(Table, tablename="participant_feedback"):
    """The person's own answer; one per task, the last one counts.

    `by_sender`: written down by the sender on the person's word; an answer the person gave alone it never replaces.
    """

    id = UUID(primary_key=True, default=None)
    task = ForeignKey(Task, null=False, unique=True, default=None, on_delete=OnDelete.restrict)
    at = Timestamptz(default=None, null=False)
    got_help = Varchar(length=12, default=None, null=False)
    treated_well = Varchar(length=12, default=None, null=False)
    words_sealed = Bytea(default=None, null=True)
    share_with_sender = Boolean(default=False)
    by_sender = Boolean(default=False)

    known_help = Check("got_help in ('yes', 'partly', 'no', 'waiting', 'did_not_go')")
    known_treatment = Check("treated_well in ('yes', 'partly', 'no', 'no_answer')")


class UnmetNeed(Table, tablename="unmet_need"):
    """A need nobody met, without a person: need, gmina, why."""

    id = UUID(primary_key=True, default=None)
    at = Timestamptz(default=None, null=False)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    need = Varchar(length=60, default=None, null=False)
    gmina = Varchar(length=6, default="")
    why = Varchar(length=20, default=None, null=False)
    task = UUID(default=None, null=True)

    known_why = Check("why in ('no_offer', 'no_places', 'expired', 'declined')")


class TaskNumber(Table, tablename="task_number"):
    """The last number given in a year."""

    year = Integer(primary_key=True, default=None)
    last = Integer(default=0)


class PlaceOffered(Table, tablename="place_offered"):
    """A freed place offered to the next in line: until when, and what became of it ('' while it is open).

    `place` names the place itself (the id of the first row of it): whoever let it pass is not asked about it twice.
    """

    id = UUID(primary_key=True, default=None)
    task = ForeignKey(Task, null=False, default=None, on_delete=OnDelete.restrict)
    offer = ForeignKey(Offer, null=False, default=None, on_delete=OnDelete.restrict)
    place = UUID(default=None, null=False)
    offered_at = Timestamptz(default=None, null=False)
    ends_on = Date(default=None, null=False)
    answer = Varchar(length=10, default="")
    answered_at = Timestamptz(default=None, null=True)

    known_answer = Check("answer in ('', 'taken', 'passed', 'lapsed', 'gone')")


class ClockSetting(Table, tablename="clock_setting"):
    """The network's own clocks, in business days: for a kind of institution ('' for all) and a priority."""

    id = UUID(primary_key=True, default=None)
    kind = Varchar(length=60, default="")
    priority = Varchar(length=10, default=None, null=False)
    answer_days = Integer(default=None, null=False)
    escalate_days = Integer(default=None, null=False)
    expire_days = Integer(default=None, null=False)
    kept_days = Integer(default=3, null=False)
    cancel_escalate_days = Integer(default=3, null=False)
    cancel_expire_days = Integer(default=5, null=False)
    updated_at = Timestamptz(default=None, null=False)
    updated_by = UUID(default=None, null=True)

    one_setting = Unique(["kind", "priority"])
    known_priority = Check("priority in ('ordinary', 'priority', 'urgent')")
    in_order = Check("0 < answer_days and answer_days <= escalate_days and escalate_days <= expire_days")
    cancel_in_order = Check("0 < kept_days and 0 < cancel_escalate_days and cancel_escalate_days <= cancel_expire_days")
