"""A referral as one actor may see it: the shapes that pages, links and the API show."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from referral_hub.referrals.moves import OpenMove
from referral_hub.referrals.papers_kept import PapersSeen


class Side(Struct, frozen=True):
    """An institution of a referral."""

    id: UUID
    name: str
    kind: str


class AskedOffer(Struct, frozen=True):
    """The offer a person is sent to."""

    id: UUID
    title: str
    form: str
    institution: Side


class Ground(Struct, frozen=True):
    """On what the sharing rests, for those who may see it."""

    kind: str
    ground: str
    articles: str
    fields: list[str]
    purpose: str
    until: date | None
    withdrawn: bool
    given_how: str = ""


class ClockNow(Struct, frozen=True):
    """Whose turn it is (SND, RCV or nobody's) and until when; `late` once the day has passed."""

    on: str
    due_on: date | None
    escalate_on: date | None
    expire_on: date | None
    review_on: date | None
    late: bool


class Ending(Struct, frozen=True):
    """How it ended; `source` is whose word that is: receiver or person."""

    outcome: str
    on: date | None
    hours: float | None
    source: str


class Moment(Struct, frozen=True, kw_only=True):
    """One line of the timeline. `saw` are the fields the receiver could see from then on.

    `words` are question, answer, text, criterion, as far as this actor may read them.
    """

    at: datetime
    verb: str
    before: str
    after: str
    party: str
    channel: str
    institution: UUID | None
    account: UUID | None
    facts: dict[str, Any]
    words: dict[str, str]
    saw: list[str]


class Opinion(Struct, frozen=True):
    """The person's own answer; `words` only for those it was meant for."""

    at: datetime
    got_help: str
    treated_well: str
    words: str


class Referral(Struct, frozen=True, kw_only=True):
    """Everything about one task that this actor may see now.

    `party`: for whom the actor speaks (SND, RCV, PAR, COO; "" looks only). `person` holds what may be seen: at least
    the case code, for a receiver what its stage allows, nothing once access is lost. `moves` are open to this actor.
    `issued`: it is called „skierowanie”, since an institution that may has issued it; `papers` say who applied, gave an
    opinion and issued, as far as this actor may know. `internal`: both are units of one legal person. `together`:
    others may be asked side by side.
    `unbound`: an account of a receiver without a basis to have people's data; it sees the number and whom to ask.
    `held_back`: sent, and still to be taken back; the receiver knows nothing of it yet.
    `shared`: the receiver is shown something of the person today; `full_at_once`: all that was agreed, before it
    answers. `role`: the role of the account in which this was read, '' for everybody else.
    """

    id: UUID
    request_id: UUID
    number: str
    party: str
    state: str
    before_cancel: str
    version: int
    need: str
    priority: str
    sender: Side
    offer: AskedOffer
    person_id: UUID | None
    person: dict[str, Any]
    basis: Ground | None
    no_data: bool
    access: str
    sharing_ended: bool
    clock: ClockNow
    appointment_at: str
    appointment_place: str
    position: int | None
    reason: str
    ending: Ending | None
    made_at: datetime
    sent_at: datetime | None
    seen_at: datetime | None
    ended_at: datetime | None
    outcome_seen_at: datetime | None
    loop_closed: bool
    suggests_full_reading: bool
    replaces: UUID | None
    replaced_by: list[UUID]
    keeper: UUID | None
    opinion: Opinion | None
    timeline: list[Moment]
    moves: list[OpenMove]
    unbound: bool = False
    issued: bool = False
    papers: PapersSeen | None = None
    internal: bool = False
    together: bool = False
    held_back: bool = False
    override_reason: str = ""
    shared: bool = False
    full_at_once: bool = False
    role: str = ""

    @property
    def sides(self) -> dict[str, UUID]:
        """Sender and receiver, as the rule asks for them that says who speaks for which (`case.standing`)."""
        return {"sender": self.sender.id, "receiver": self.offer.institution.id}
