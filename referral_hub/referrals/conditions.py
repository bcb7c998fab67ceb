"""Why a move may not happen now: each condition is a sentence, its name the error code. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct

from referral_hub.clock import WARSAW
from referral_hub.directory.freshness import Freshness, takes_referrals
from referral_hub.directory.places import Status
from referral_hub.participants.basis import Basis, Kind, covers, criminal_data_is_lawful
from referral_hub.referrals.states import Channel

AMEND_DAYS = 14
FARTHEST_REVIEW = timedelta(days=366)
# A slip of the pen (2062 for 2026) would leave somebody in a calendar that nobody opens again.
EARLIEST_APPOINTMENT, LATEST_APPOINTMENT = timedelta(days=-366), timedelta(days=2 * 366)
_SENDABLE = frozenset(label for label in Freshness if takes_referrals(label))


class Facts(Struct, frozen=True, kw_only=True):
    """Everything a rule may ask about one task now; `fields` are the values that came with the move."""

    now: datetime
    channel: Channel = Channel.SELF
    fields: Mapping[str, object] = {}
    basis: Basis | None = None
    receiver: UUID | None = None
    criminal_groups: bool = False  # the person belongs to a group under art. 10 GDPR
    sender_bound: bool = True  # the sender's agreement or other basis to process data is recorded
    receiver_bound: bool = True  # so is the receiver's, where one of its accounts acts
    no_data: bool = False  # the person goes alone, nothing is transmitted
    held_back: bool = False  # the sending can still be taken back: nothing has left the house
    asked_elsewhere: bool = False  # another task of the request is open, and it is not one that asks side by side
    sharing_ended: bool = False
    code_given: bool = True  # whoever answers by a link that asks for a code has given it
    offer_open: bool = True
    freshness: str = "unknown"
    capacity: str = "unknown"
    available: int | None = None  # None: the offer has no reading
    own_hold: bool = False
    kept_for_others: int = 0  # places kept for others in line, which a receiver may give out of order
    passed_by: int = 0  # people before this one in line who would be passed by
    place_freed: bool = False  # the place was given back while the task was put on hold
    appointment: date | None = None
    escalate_on: date | None = None
    expire_on: date | None = None
    ended_at: datetime | None = None
    second_person: Literal["needed", "agreed", "nobody"] = "nobody"

    @property
    def today(self) -> date:
        """The day in Warsaw."""
        return self.now.astimezone(WARSAW).date()


Condition = Callable[[Facts], bool]
_CODES = {"place_is_free": "no_place", "place_is_free_or_kept": "no_place"}


def code_of(condition: Condition) -> str:
    """The error code of a condition: its name, except where LIFECYCLE.md fixes another."""
    name: str = condition.__name__
    return _CODES.get(name, name)


# --- now: without these a move is not even offered ---------------------------------------------------------


def receiver_was_told(facts: Facts) -> bool:
    """A person who goes alone is unknown to the receiver, who can neither answer nor be late."""
    return not facts.no_data


def sending_has_left(facts: Facts) -> bool:
    """While a sending can still be taken back nobody outside knows of it: there is nothing yet to have answered."""
    return not facts.held_back


def code_is_given(facts: Facts) -> bool:
    """Where a link opens the person by a code only, nobody is taken before it: whoever takes must know whom."""
    return facts.code_given


def sharing_goes_on(facts: Facts) -> bool:
    """After the participant ended sharing nothing flows either way."""
    return not facts.sharing_ended


def sharing_rests_on_consent(facts: Facts) -> bool:
    """Withdrawing consent ends only what rests on consent."""
    return facts.basis is not None and facts.basis.kind is Kind.CONSENT


def sender_is_bound(facts: Facts) -> bool:
    """An agreement or another basis is recorded before an institution can send."""
    return facts.sender_bound


def receiver_is_bound(facts: Facts) -> bool:
    """An account answers for people only where a basis to have their data is recorded; links and phones need none."""
    return facts.receiver_bound


def offer_is_open(facts: Facts) -> bool:
    """Nobody is sent to an offer that was closed or taken back."""
    return facts.offer_open


def nobody_else_is_asked(facts: Facts) -> bool:
    """One receiver after the other, unless the sender says that several are asked side by side."""
    return not facts.asked_elsewhere


def place_is_free(facts: Facts) -> bool:
    """Own hold, or a place available; an offer without a reading needs neither."""
    return facts.own_hold or facts.available is None or facts.available > 0


def place_is_free_or_kept(facts: Facts) -> bool:
    """From the waiting list also a place kept for somebody else there may be given, with a reason."""
    return place_is_free(facts) or facts.kept_for_others > 0


def place_can_be_taken_again(facts: Facts) -> bool:
    """Resuming needs a place only where it was given back."""
    return not facts.place_freed or facts.available is None or facts.available > 0


def appointment_has_come(facts: Facts) -> bool:
    """Attendance is reported on the day or after."""
    return facts.appointment is None or facts.appointment <= facts.today


def amendment_is_in_time(facts: Facts) -> bool:
    """The receiver corrects its own report within 14 days."""
    return facts.ended_at is not None and facts.now <= facts.ended_at + timedelta(days=AMEND_DAYS)


def receivers_time_is_over(facts: Facts) -> bool:
    """The coordinator corrects once the receiver no longer can."""
    return facts.no_data or facts.sharing_ended or not amendment_is_in_time(facts)


def grace_has_passed(facts: Facts) -> bool:
    """Answer time and grace are over."""
    return facts.expire_on is not None and facts.today > facts.expire_on


def clock_has_run_out(facts: Facts) -> bool:
    """The clock or the review date passed."""
    return facts.escalate_on is not None and facts.today > facts.escalate_on


# --- with the move's fields --------------------------------------------------------------------------------


def basis_is_valid(facts: Facts) -> bool:
    """The legal basis holds today for this receiver and these fields."""
    return facts.basis is not None and covers(facts.basis, receiver=facts.receiver, today=facts.today)


def criminal_data_rests_on_statute(facts: Facts) -> bool:
    """Data of art. 10 GDPR are never shared on consent alone."""
    return facts.basis is None or criminal_data_is_lawful(facts.basis, criminal=facts.criminal_groups)


def offer_is_sendable(facts: Facts) -> bool:
    """The numbers are neither stale nor zero, or the sender says in words why it sends all the same."""
    stopped = facts.freshness not in _SENDABLE or facts.capacity == Status.NO_CAPACITY
    return facts.no_data or not stopped or bool(facts.fields.get("text"))


def word_is_the_persons(facts: Facts) -> bool:
    """The sender closes only on the person's word, and says so."""
    return facts.channel is Channel.PERSON


def queue_is_described(facts: Facts) -> bool:
    """A person who waits is told a position or an expected date."""
    return facts.fields.get("position") is not None or facts.fields.get("date") is not None


def other_reason_is_described(facts: Facts) -> bool:
    """The reason "other" says which."""
    return facts.fields.get("reason") != "other" or bool(facts.fields.get("text"))


def only_other_reason_is_described(facts: Facts) -> bool:
    """A coded reason needs no words: the less is written about a person, the better."""
    return facts.fields.get("reason") == "other" or not facts.fields.get("text")


def line_is_kept(facts: Facts) -> bool:
    """Nobody in line is passed by without a coded reason."""
    return facts.own_hold or facts.passed_by == 0 or bool(facts.fields.get("out_of_order"))


def review_date_is_ahead(facts: Facts) -> bool:
    """Somebody looks again on a day to come."""
    review = facts.fields.get("review_on")
    return isinstance(review, date) and review > facts.today


def review_date_is_near(facts: Facts) -> bool:
    """Somebody looks again within a year: nobody is dropped by a day too far away."""
    review = facts.fields.get("review_on")
    return not isinstance(review, date) or review <= facts.today + FARTHEST_REVIEW


def appointment_is_near(facts: Facts) -> bool:
    """A day agreed lies in this or the next two years; one that was agreed by phone may be past."""
    said = facts.fields.get("date")
    day = date.fromisoformat(said[:10]) if isinstance(said, str) else said
    return not isinstance(day, date) or EARLIEST_APPOINTMENT <= day - facts.today <= LATEST_APPOINTMENT


def result_is_not_ahead(facts: Facts) -> bool:
    """A result is reported on its day or after."""
    day = facts.fields.get("date")
    return not isinstance(day, date) or day <= facts.today


def something_is_amended(facts: Facts) -> bool:
    """An amendment names at least one new value."""
    return any(facts.fields.get(name) is not None for name in ("outcome", "reason", "date", "hours"))
