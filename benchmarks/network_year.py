"""A network of partners under the real rules, in memory: the ladder asks, partners answer or do not, labels age.

Only the partners are made up (`diligence.py`). When somebody is asked, reminded or phoned is decided by
`upkeep.ladder.next_act`, what is fresh by `directory.freshness`, what a business day is by `directory.business_days`.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random

from msgspec import Struct

from benchmarks.diligence import CALLED_AT, CALLS_A_DAY, Diligence, answered_at
from referral_hub.clock import WARSAW
from referral_hub.directory.business_days import is_business_day
from referral_hub.directory.freshness import LIMITS, Freshness, due, freshness
from referral_hub.upkeep.ladder import (
    Act,
    Ask,
    Asked,
    Call,
    CallOff,
    Counted,
    Standing,
    Wait,
    Way,
    call_again_on,
    next_act,
)
from referral_hub.upkeep.office_hours import next_office_moment

NOON = time(12)


class Partner(Struct):
    """An institution as it goes through the year. `offers`: (day of the number, rhythm)."""

    key: str
    offers: list[tuple[date, str]]
    ways: tuple[Way, ...]
    every_day: bool
    rng: Random
    asked: list[Asked] = []
    answered: datetime | None = None
    answer_comes: bool = False
    call_due: date | None = None
    tries: int = 0
    looks: int = 0


class Lived(Struct):
    """What happened: `acts` (moment, partner, act), `answers` (moment, partner, by mail or call, whether it worked)."""

    acts: list[tuple[datetime, str, Act]]
    answers: list[tuple[datetime, str, str, bool]]
    fresh: dict[str, list[float]]


def live(partners: Sequence[Partner], diligence: Diligence, begin: date, days: int) -> Lived:
    """Let the partners live through so many days; every share of fresh offers is taken at noon."""
    return _Year(partners, diligence, begin, days).run()


class _Year:
    """The queue of what happens next; one moment's events in the order in which they were foreseen."""

    def __init__(self, partners: Sequence[Partner], diligence: Diligence, begin: date, days: int) -> None:
        self.partners, self.diligence = partners, diligence
        self.lived = Lived([], [], defaultdict(list))
        self._order = count()
        self._queue: list[tuple[datetime, int, str, Partner | None, int]] = []
        self._end = datetime.combine(begin + timedelta(days=days), time(), WARSAW)
        for partner in partners:
            self._later(datetime.combine(begin, time(8), WARSAW), "look", partner)
            for offer, (_, rhythm) in enumerate(partner.offers):
                self._plan_own_wish(partner, offer, datetime.combine(begin, time(8), WARSAW), rhythm)
        for day in (begin + timedelta(days=step) for step in range(days)):
            self._later(datetime.combine(day, NOON, WARSAW), "measure")
            if is_business_day(day):
                self._later(datetime.combine(day, time(CALLED_AT, 30), WARSAW), "calls")

    def run(self) -> Lived:
        while self._queue:
            now, _, kind, partner, number = heapq.heappop(self._queue)
            if now >= self._end:
                break
            if kind == "measure":
                self._measure(now.date())
            elif kind == "calls":
                self._call(now)
            elif partner is not None:
                if kind == "answer":
                    partner.answer_comes = False
                    self._tell(partner, now, "mail")
                elif kind == "own_wish":
                    self._own_wish(partner, number, now)
                elif number == partner.looks:
                    self._look(partner, now)
        return self.lived

    def _later(self, moment: datetime, kind: str, partner: Partner | None = None, number: int = 0) -> None:
        heapq.heappush(self._queue, (moment, next(self._order), kind, partner, number))

    def _look(self, partner: Partner, now: datetime) -> None:
        """Ask the ladder, do what it says, and look again when it wants."""
        partner.looks += 1
        act = next_act(standing_of(partner), now)
        if isinstance(act, Wait):
            if act.until is not None:
                self._later(act.until, "look", partner, partner.looks)
            return
        self.lived.acts.append((now, partner.key, act))
        if isinstance(act, Ask):
            partner.asked.append(Asked(act.rung, now))
            chances = self.diligence.by_mail
            answers = partner.rng.random() < chances[min(act.rung, len(chances) - 1)]
            if answers and not partner.answer_comes:
                partner.answer_comes = True
                self._later(answered_at(now, partner.rng, partner.every_day), "answer", partner)
        elif isinstance(act, Call):
            partner.call_due, partner.tries = now.date(), 0
        elif isinstance(act, CallOff):
            partner.call_due = None
        self._look(partner, now)

    def _look_soon(self, partner: Partner, now: datetime) -> None:
        """With the next round of the hourly job."""
        partner.looks += 1
        hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        self._later(hour, "look", partner, partner.looks)

    def _tell(self, partner: Partner, now: datetime, how: str) -> None:
        """Every number that is due is told."""
        today = now.date()
        partner.offers = [(today if due(as_of, rhythm, today) else as_of, rhythm) for as_of, rhythm in partner.offers]
        partner.answered = now
        self.lived.answers.append((now, partner.key, how, True))
        self._look_soon(partner, now)

    def _plan_own_wish(self, partner: Partner, offer: int, now: datetime, rhythm: str) -> None:
        """Once in a rhythm, at some moment of it, the partner may think of this offer by itself."""
        step = partner.rng.uniform(0.5, 1.5) * LIMITS[rhythm].fresh
        moment = next_office_moment(now + timedelta(days=step), partner.every_day).replace(
            minute=45, second=0, microsecond=0
        )
        self._later(moment, "own_wish", partner, offer)

    def _own_wish(self, partner: Partner, offer: int, now: datetime) -> None:
        _, rhythm = partner.offers[offer]
        self._plan_own_wish(partner, offer, now, rhythm)
        if partner.rng.random() < self.diligence.unasked:
            partner.offers[offer] = (now.date(), rhythm)
            partner.answered = now
            self.lived.answers.append((now, partner.key, f"own:{offer}", True))
            self._look_soon(partner, now)

    def _call(self, now: datetime) -> None:
        """The coordinator's hour: the longest silent first, as the list shows them."""
        waiting = [one for one in self.partners if one.call_due is not None and one.call_due <= now.date()]
        waiting.sort(key=lambda one: (min(as_of for as_of, _ in one.offers), one.key))
        for partner in waiting[:CALLS_A_DAY]:
            if partner.rng.random() < self.diligence.by_call:
                partner.call_due = None
                self._tell(partner, now, "call")
            else:
                partner.tries += 1
                partner.call_due = call_again_on(partner.tries, now.date())
                self.lived.answers.append((now, partner.key, "call", False))

    def _measure(self, day: date) -> None:
        total, fresh = Counter[str](), Counter[str]()
        for partner in self.partners:
            for as_of, rhythm in partner.offers:
                total[rhythm] += 1
                fresh[rhythm] += freshness(as_of, rhythm, day) is Freshness.FRESH
        for rhythm, number in total.items():
            self.lived.fresh[rhythm].append(fresh[rhythm] / number)
        self.lived.fresh["all"].append(fresh.total() / total.total())


def standing_of(partner: Partner) -> Standing:
    """The partner as the ladder sees it."""
    return Standing(
        offers=tuple(Counted(as_of, rhythm) for as_of, rhythm in partner.offers),
        ways=partner.ways,
        asked=tuple(partner.asked[-8:]),
        answered_at=partner.answered,
        every_day=partner.every_day,
        call_open=partner.call_due is not None,
    )
