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


class NewReferral(Struct, forbid_unknown_fields=True):
    """A referral to prepare."""

    person: UUID
    offer: UUID
    need: str
    priority: str
    basis: BasisGiven
    note: str | None = None


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


class ReferralTold(Struct):
    """A referral as far as this actor may see it."""

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
