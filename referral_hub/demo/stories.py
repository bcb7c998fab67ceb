"""What may happen to one invented referral: small scripts of dated steps, no database and no clock."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

import msgspec

from referral_hub.clock import WARSAW
from referral_hub.directory.business_days import add_business_days
from referral_hub.referrals.clocks import DEFAULT, Times

Days = tuple[int, int]
SAME_DAY: Days = (0, 0)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One move of the lifecycle. `by`: SND, RCV, PAR or SYS; `channel` as the contract names it."""

    at: datetime
    by: str
    verb: str
    fields: dict[str, Any] = {}
    channel: str = "self"


class Thread:
    """Steps in order; each one later than the one before, on a weekday in office hours."""

    def __init__(
        self, start: datetime, rng: Random, by_phone: float = 0.25, times: Times = DEFAULT.usual["ordinary"]
    ) -> None:
        self.now = start
        self.times = times
        self.rng = rng
        self.by_phone = by_phone
        self.steps: list[Step] = []

    def later(self, low: int, high: int) -> datetime:
        """Move to a weekday `low` to `high` calendar days on; 0 days means later the same day."""
        days = self.rng.randint(low, high)
        if days == 0:
            self.now += timedelta(minutes=self.rng.randint(4, 40))
            return self.now
        day = self.now.astimezone(WARSAW).date() + timedelta(days=days)
        while day.weekday() > 4:
            day += timedelta(days=1)
        at = time(self.rng.randint(8, 15), self.rng.choice((0, 5, 10, 20, 25, 35, 40, 55)))
        self.now = max(datetime.combine(day, at, WARSAW), self.now + timedelta(minutes=3))
        return self.now

    def do(self, by: str, verb: str, days: Days = SAME_DAY, channel: str = "", **fields: Any) -> "Thread":
        """Add a step `days` on; a pair of numbers among `fields` is a date that many days after the step.

        A receiver's step is sometimes one the sender wrote down from a telephone call.
        """
        at = self.later(*days)
        if not channel:
            channel = "phone" if by == "RCV" and self.rng.random() < self.by_phone else "self"
        dated = {name: self.day(*value) if isinstance(value, tuple) else value for name, value in fields.items()}
        self.steps.append(Step(at=at, by=by, verb=verb, fields=dated, channel=channel))
        return self

    def day(self, low: int, high: int) -> str:
        """A date, ISO, that many days after the last step, on a weekday."""
        day = self.now.astimezone(WARSAW).date() + timedelta(days=self.rng.randint(low, high))
        while day.weekday() > 4:
            day += timedelta(days=1)
        return day.isoformat()


OUTCOMES = {
    "praca": ("zatrudnienie", "staz", "aktywne_szukanie", "spoldzielnia"),
    "staz_praktyka": ("staz", "kwalifikacje"),
    "kwalifikacje": ("kwalifikacje", "nauka"),
    "mieszkanie": ("mieszkanie", "samodzielnosc"),
    "nocleg": ("mieszkanie", "bez_efektu"),
    "zadluzenie": ("dlugi",),
    "prawo": ("dlugi", "samodzielnosc"),
    "uzaleznienie": ("leczenie", "grupa"),
    "zdrowie_psychiczne": ("leczenie", "samodzielnosc"),
    "kryzys": ("leczenie", "wiezi"),
    "przemoc": ("leczenie", "mieszkanie"),
    "izolacja": ("wiezi", "grupa", "wolontariat"),
    "grupa": ("grupa", "wiezi"),
    "rola_spoleczna": ("wiezi", "wolontariat"),
    "wolontariat": ("wolontariat",),
    "jezyk_polski": ("kwalifikacje", "samodzielnosc"),
    "niepelnosprawnosc": ("samodzielnosc", "zatrudnienie_wspierane", "cis"),
}


def outcome_of(need: str, rng: Random) -> str:
    """A plausible outcome code for a need; one in nine has no visible effect."""
    if rng.random() < 0.11:
        return rng.choice(("bez_efektu", "brak_informacji"))
    return rng.choice(OUTCOMES.get(need, ("samodzielnosc",)))


def _end_well(line: Thread, need: str, days: tuple[int, int] = (14, 60)) -> None:
    line.do("RCV", "deliver", days, outcome=outcome_of(need, line.rng), date=SAME_DAY)


def _begin(line: Thread) -> None:
    line.do("RCV", "accept", (0, 4), date=(3, 9))


def _first_visit(line: Thread, attendance: str = "came") -> None:
    line.do("RCV", "schedule", (0, 2), date=(3, 7), channel="self")
    line.do("RCV", "attend", (8, 11), attendance=attendance, channel="self")


def helped(line: Thread, need: str) -> None:
    """Accepted, met, started, delivered."""
    _begin(line)
    _first_visit(line)
    line.do("RCV", "start", (0, 1), date=SAME_DAY, channel="self")
    _end_well(line, need)


def helped_short(line: Thread, need: str) -> None:
    """A single visit: accepted and delivered."""
    _begin(line)
    _end_well(line, need, (4, 20))


def known_from_person(line: Thread, need: str) -> None:
    """The receiver fell silent; the person told the sender how it went."""
    _begin(line)
    line.do(
        "SND",
        "deliver",
        (10, 35),
        channel="person",
        outcome=outcome_of(need, line.rng),
        date=SAME_DAY,
    )


def went_alone(line: Thread, need: str) -> None:
    """Nothing was transmitted; the person came back with news, or did not go."""
    if line.rng.random() < 0.75:
        line.do(
            "SND",
            "deliver",
            (5, 16),
            channel="person",
            outcome=outcome_of(need, line.rng),
            date=SAME_DAY,
        )
    else:
        line.do("SND", "fail", (7, 16), channel="person", reason="declined_by_person")


def asked_first(line: Thread, need: str) -> None:
    """The receiver asks, the sender answers, then it goes well."""
    line.do("RCV", "ask", (0, 3), channel="self", question=line.rng.choice(QUESTIONS))
    line.do("SND", "answer", (0, 2), answer=line.rng.choice(ANSWERS))
    helped_short(line, need)


def waited(line: Thread, need: str) -> None:
    """A waiting list first, a place later."""
    line.do("RCV", "waitlist", (0, 4), position=line.rng.randint(1, 6), review_on=(28, 40))
    line.do("RCV", "accept", (18, 27), date=(3, 8), channel="self")
    _end_well(line, need, (15, 40))


def did_not_come(line: Thread, need: str) -> None:
    """Did not come to the first visit; sometimes it is arranged again."""
    _begin(line)
    _first_visit(line, line.rng.choice(("absent", "absent_told")))
    if line.rng.random() < 0.4:
        _first_visit(line)
        _end_well(line, need)
    else:
        line.do("RCV", "fail", (3, 9), reason=line.rng.choice(("no_show", "could_not_contact")))


def paused(line: Thread, need: str) -> None:
    """Put on hold for a reason of life, resumed, delivered."""
    _begin(line)
    line.do("RCV", "start", (3, 7), date=SAME_DAY, channel="self")
    line.do("RCV", "hold", (9, 20), reason="no_longer_possible", review_on=(20, 30), channel="self")
    line.do("RCV", "resume", (10, 20), channel="self")
    _end_well(line, need)


def declined_late(line: Thread, need: str) -> None:
    """Accepted and then impossible after all."""
    _begin(line)
    line.do("RCV", "decline", (4, 12), reason=line.rng.choice(("needs_exceed_service", "could_not_contact")))


def withdrawn(line: Thread, need: str) -> None:
    """The sender takes it back before an answer."""
    reason = line.rng.choice(("need_met_elsewhere", "declined_by_person", "no_longer_possible"))
    line.do("SND", "withdraw", (1, 3), reason=reason)


def withdrawn_by_person(line: Thread, need: str) -> None:
    """The person changed their mind and said so on their own page."""
    line.do("PAR", "withdraw", (1, 2))


def consent_withdrawn_early(line: Thread, need: str) -> None:
    """Consent to share ends before an answer: effective at once."""
    line.do("PAR", "withdraw_consent", (0, 2))


def consent_withdrawn_late(line: Thread, need: str) -> None:
    """Sharing ends while the help goes on; the sender closes on the person's word."""
    _begin(line)
    line.do("RCV", "start", (3, 7), date=SAME_DAY, channel="self")
    line.do("PAR", "withdraw_consent", (5, 12))
    line.do("SND", "deliver", (14, 30), channel="person", outcome=outcome_of(need, line.rng), date=SAME_DAY)


def cancelled(line: Thread, need: str) -> None:
    """The sender asks to cancel after acceptance, the receiver agrees."""
    _begin(line)
    line.do("SND", "request_cancel", (2, 6), reason="need_met_elsewhere")
    line.do("RCV", "agree_cancel", (0, 2), channel="self")


def kept(line: Thread, need: str) -> None:
    """The sender asks to cancel and thinks better of it."""
    _begin(line)
    line.do("SND", "request_cancel", (2, 6), reason="no_longer_possible")
    line.do("SND", "keep", (0, 2))
    _end_well(line, need)


def amended(line: Thread, need: str) -> None:
    """Delivered, then the receiver corrects the outcome within two weeks."""
    helped_short(line, need)
    line.do("RCV", "amend", (2, 6), channel="self", outcome="samodzielnosc", text="Poprawka po rozmowie z osobą.")


def silent(line: Thread, need: str) -> None:
    """Nobody answers; the clock ends it on the first day after the last one."""
    sent = line.now.astimezone(WARSAW).date()
    over = add_business_days(sent, line.times.expire) + timedelta(days=1)
    at = datetime.combine(over, time(6, 5), WARSAW)
    line.steps.append(Step(at=at, by="SYS", verb="expire"))


def entered_in_error(line: Thread, need: str) -> None:
    """Sent to the wrong address of the list, taken back the same day."""
    line.do("SND", "void")


def declined_for(reason: str) -> Callable[[Thread, str], None]:
    """A script that ends in a refusal to take the person, for this coded reason."""

    def declined(line: Thread, need: str) -> None:
        extra = {}
        if reason == "other":
            extra = {"text": "Remont sali do końca miesiąca."}
        if reason == "not_eligible":
            extra = {"criterion": "wiek lub miejsce zamieszkania"}
        line.do("RCV", "decline", (0, 4), reason=reason, **extra)

    return declined


QUESTIONS = (
    "Czy osoba może przyjść rano, między 8 a 10?",
    "Czy potrzebny jest tłumacz?",
    "Czy osoba dojedzie sama, czy zamówić transport?",
    "Czy skierowanie z ośrodka już jest?",
)
ANSWERS = (
    "Tak, rano będzie dobrze.",
    "Nie trzeba tłumacza, wystarczy mówić powoli.",
    "Dojedzie autobusem, proszę o termin po 9:00.",
    "Skierowanie będzie w tym tygodniu.",
)
