"""What the referrals' API reads and answers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from referral_hub.referrals.referral import ClockNow, Side


class BasisGiven(Struct, forbid_unknown_fields=True):
    """On what ground data go to the receiver: `ground` is a code or own words; `no_data` needs none.

    `given_how`: signed, spoken or electronic, for consent only, which nobody may assume.
    """

    kind: str
    ground: str = ""
    until: str | None = None
    fields: list[str] | None = None
    given_how: str | None = None


class PapersGiven(Struct, forbid_unknown_fields=True):
    """Who applies, gives an opinion (`opinion`: positive, negative) and issues, with days and numbers; all optional.

    What an institution that may has issued on a day is called „skierowanie”, everything else „zgłoszenie”.
    """

    applicant: UUID | None = None
    applied_on: date | None = None
    applicant_document: str = ""
    opinion_giver: UUID | None = None
    opinion: str = ""
    opinion_on: date | None = None
    opinion_document: str = ""
    issuer: UUID | None = None
    issued_on: date | None = None
    issue_document: str = ""


class PapersChanged(PapersGiven, forbid_unknown_fields=True):
    """All papers of a request as they are to stand; `version` is the referral's."""

    version: int = 0


class OthersDecided(Struct, forbid_unknown_fields=True):
    """`decision`: close or keep; `reason`: a code for closing, need_met_elsewhere unless told."""

    decision: str
    reason: str | None = None


class NewReferral(Struct, forbid_unknown_fields=True):
    """A referral to prepare. `together`: others may be asked side by side for the same request.

    `request_id` asks another receiver for a request that exists; need and priority are then the request's own.
    `basis.kind` may be `internal` where both are units of one legal person.
    """

    person: UUID
    offer: UUID
    need: str
    priority: str
    basis: BasisGiven
    note: str | None = None
    request_id: UUID | None = None
    together: bool | None = None
    papers: PapersGiven | None = None


class MoveGiven(Struct):
    """One of the `moves` that the referral names; the fields it needs stand beside these, as `needs` names them.

    `hold_back`: a sending waits for as long as one from a page, and can be taken back.
    """

    verb: str
    version: int
    channel: str = "self"
    hold_back: bool = False


class GroupMember(Struct, forbid_unknown_fields=True):
    """One person of a group referral; without a basis the referral stays a draft."""

    person: UUID
    basis: BasisGiven | None = None


class NewGroup(Struct, forbid_unknown_fields=True):
    """Several people to one offer. `why`: words for sending although there are no places, or the number is old."""

    offer: UUID
    need: str
    people: list[GroupMember]
    priority: str = "ordinary"
    note: str = ""
    why: str = ""


class MemberTold(Struct):
    """One person of a group referral: `why_not` is the code of what stops the sending, '' where it was sent."""

    id: UUID
    number: str
    case_code: str
    state: str
    why_not: str


class GroupTold(Struct):
    """A group referral as it stands now."""

    id: UUID
    offer: UUID
    need: str
    people: list[MemberTold]


class FeedbackGiven(Struct, forbid_unknown_fields=True):
    """`got_help`: yes, partly, no, waiting, did_not_go; `treated_well`: yes, partly, no, no_answer."""

    got_help: str
    treated_well: str
    words: str | None = None


class FeedbackKept(Struct):
    """The answer that counts now."""

    got_help: str
    treated_well: str


class NeedTold(Struct, omit_defaults=True):
    """A field a move takes; `codes` are the values of a coded field."""

    name: str
    type: str
    required: bool = False
    codes: list[str] | None = None


class MoveTold(Struct):
    """A move open to this actor now, and the channels it can be recorded by."""

    verb: str
    label: str
    channels: list[str]
    needs: list[NeedTold]


class OfferTold(Struct):
    """The offer asked."""

    id: UUID
    title: str
    url: str
    institution: Side


class LineTold(Struct):
    """One line of the timeline."""

    at: datetime
    verb: str
    state: str
    party: str
    channel: str
    facts: dict[str, Any]
    words: dict[str, str]
    saw: list[str]


class OutcomeTold(Struct):
    """How it ended and whose word that is."""

    outcome: str
    date: date | None
    hours: float | None
    source: str
    reason: str


class OtherTold(Struct):
    """Another task of the same request."""

    id: UUID
    number: str
    state: str
    offer: UUID
    institution: str


class ReferralTold(Struct):
    """A referral as far as this actor may see it. `called`: „skierowanie” where it was issued, else „zgłoszenie”.

    `others`, for the sender: those asked for the same request; `others_ask`: this one has accepted, and a decision
    about them is waited for.
    """

    id: UUID
    request_id: UUID
    number: str
    state: str
    version: int
    party: str
    need: str
    priority: str
    offer: OfferTold
    sender: Side
    person: dict[str, Any]
    basis: dict[str, Any] | None
    no_data: bool
    access: str
    sharing_ended: bool
    clock: ClockNow
    appointment: dict[str, str]
    outcome: OutcomeTold | None
    reason: str
    seen_at: datetime | None
    loop_closed: bool
    replaces: UUID | None
    replaced_by: list[UUID]
    feedback: FeedbackKept | None
    timeline: list[LineTold]
    moves: list[MoveTold]
    issued: bool
    called: str
    papers: dict[str, Any] | None
    internal: bool
    together: bool
    others: list[OtherTold]
    others_ask: bool
    held_back: bool


class LineOfWork(Struct):
    """A referral in a list: a case code, no name."""

    id: UUID
    number: str
    box: str
    side: str
    state: str
    version: int
    case_code: str
    need: str
    priority: str
    offer: dict[str, Any]
    sender: dict[str, Any]
    receiver: dict[str, Any]
    clock: dict[str, Any]
    waiting_days: int


class WorkPage(Struct):
    """One page of a box, with the counts of all boxes."""

    box: str
    scope: str
    counts: dict[str, int]
    total: int
    page: int
    pages: int
    items: list[LineOfWork]
