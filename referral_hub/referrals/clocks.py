"""Clocks in Polish business days: who owes an answer, when somebody is told, when a task expires. Pure.

Days are dates in Europe/Warsaw; a clock that is due on a day has run out on the day after.
"""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from referral_hub.directory.business_days import add_business_days, business_days_between
from referral_hub.referrals.states import Clock, Party, State
from referral_hub.vocabularies.book import SLOW

ESCALATE_AGAIN = 5
FOLLOW_AGAIN = 20
ESCALATED = frozenset({State.SENT, State.INFO_NEEDED, State.WAITLISTED, State.ON_HOLD})
"""States in which silence is told to the coordinator; a request to cancel has a clock of its own."""


class Times(Struct, frozen=True):
    """Business days from the start to: the answer due, escalation, expiry; for which a freed place is kept for the
    next in line; from a request to cancel to its escalation, and to its end by the clock.
    """

    answer: int
    escalate: int
    expire: int
    kept: int = 3
    cancel_escalate: int = 3
    cancel_expire: int = 5


class Rules(Struct, frozen=True):
    """The network's clocks: by priority, and a slower set for the kinds named in `slow_kinds`."""

    usual: Mapping[str, Times]
    slow: Mapping[str, Times]
    slow_kinds: frozenset[str]

    def times(self, priority: str, kind: str) -> Times:
        """The times for a referral of `priority` to an institution of `kind`."""
        return (self.slow if kind in self.slow_kinds else self.usual)[priority]


DEFAULT = Rules(
    usual={"urgent": Times(1, 2, 5, 1), "priority": Times(3, 5, 10, 2), "ordinary": Times(5, 10, 20)},
    # A letter or an intake queue takes longer than a call; what is urgent stays urgent everywhere.
    slow={"urgent": Times(1, 2, 5, 1), "priority": Times(6, 10, 20, 2), "ordinary": Times(10, 20, 40)},
    slow_kinds=frozenset({"pup", "wup", "lecznictwo_odwykowe", "poradnia_zdrowie"}),
)


def times_for(settings: Mapping[str, Times], priority: str, kind: str, *, slow: bool) -> Times:
    """The times of a referral: the network's own for the kind, else its own for kinds as slow, else the defaults.

    `settings` are the network's own of this priority by kind; "slow" stands for slow kinds, "" for all others.
    """
    own = settings.get(kind) or settings.get(SLOW if slow else "")
    return own or (DEFAULT.slow if slow else DEFAULT.usual)[priority]


class Running(Struct, frozen=True):
    """A task's clock: on whom; the days it is due, escalated, over; `days_left` of a receiver who waits."""

    on: Party | None = None
    due_on: date | None = None
    escalate_on: date | None = None
    expire_on: date | None = None
    review_on: date | None = None
    days_left: int | None = None

    def late(self, today: date) -> bool:
        """True when somebody's turn is over time."""
        return self.due_on is not None and today > self.due_on


STOPPED = Running()


def _answering(on: Party, times: Times, today: date, days: int, days_left: int | None = None) -> Running:
    return Running(
        on=on,
        due_on=add_business_days(today, days),
        escalate_on=add_business_days(today, days + times.escalate - times.answer),
        expire_on=add_business_days(today, days + times.expire - times.answer),
        days_left=days_left,
    )


def _reviewing(review_on: date) -> Running:
    return Running(on=Party.RCV, due_on=review_on, escalate_on=review_on, review_on=review_on)


def _following(today: date, times: Times, after: State | None) -> Running:
    """The sender is to ask the person; where the help has not begun its silence is told on, or nobody ever would."""
    told_on = add_business_days(today, times.escalate) if after in ESCALATED else None
    return Running(on=Party.SND, due_on=add_business_days(today, times.answer), escalate_on=told_on)


def asked_again(today: date) -> Running:
    """The clock of a sender whose person still uses the help although nothing is shared: asked again later."""
    day = add_business_days(today, FOLLOW_AGAIN)
    return Running(on=Party.SND, due_on=day, review_on=day)


def clock_after(
    effect: Clock,
    clock: Running,
    *,
    today: date,
    times: Times,
    review_on: date | None = None,
    no_data: bool = False,
    after: State | None = None,
) -> Running:
    """The clock after a move. A person who went alone is asked about by the sender, and never expires."""
    if effect is Clock.KEEP:
        return clock
    if effect is Clock.START and no_data:
        return Running(
            on=Party.SND,
            due_on=add_business_days(today, times.answer),
            escalate_on=add_business_days(today, times.escalate),
        )
    if effect is Clock.START:
        return _answering(Party.RCV, times, today, times.answer)
    if effect is Clock.ASK:
        left = business_days_between(today, clock.due_on) if clock.due_on else times.answer
        return _answering(Party.SND, times, today, times.answer, days_left=max(1, left))
    if effect is Clock.RESUME:
        return _answering(Party.RCV, times, today, clock.days_left or times.answer)
    if effect is Clock.REVIEW and review_on is not None:
        return _reviewing(review_on)
    if effect is Clock.CANCEL:
        return Running(
            on=Party.RCV,
            due_on=add_business_days(today, times.cancel_escalate),
            escalate_on=add_business_days(today, times.cancel_escalate),
            expire_on=add_business_days(today, times.cancel_expire),
            review_on=clock.review_on,
        )
    if effect is Clock.FOLLOW:
        # Whoever is asked to cancel has its own clock, which ends by itself.
        return clock if after is State.CANCEL_REQUESTED else _following(today, times, after)
    if effect is Clock.RESTORE and after is State.ON_HOLD and clock.review_on is not None:
        return _reviewing(clock.review_on)
    if effect is Clock.AGAIN:
        return Running(
            on=clock.on,
            due_on=clock.due_on,
            escalate_on=add_business_days(today, ESCALATE_AGAIN),
            expire_on=clock.expire_on,
            review_on=clock.review_on,
            days_left=clock.days_left,
        )
    return STOPPED
