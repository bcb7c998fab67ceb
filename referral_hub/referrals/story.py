"""The timeline of a referral in words: what happened, whose turn it is, and what is still to come."""

from datetime import date, datetime, timedelta
from typing import Final

from msgspec import Struct

from referral_hub import clock
from referral_hub.referrals.ahead import steps_ahead
from referral_hub.referrals.referral import Moment, Referral
from referral_hub.referrals.saying import appointment
from referral_hub.referrals.states import FINAL, State
from referral_hub.vocabularies import book
from referral_hub.web.formats import short_day
from referral_hub.web.wording import sentence_of, speaking

_SAME: Final = timedelta(seconds=2)
_PLAIN: Final = ("date", "place", "position", "review_on", "until", "hours")
_ORDER: Final = ("question", "answer", "criterion", "text")


class Entry(Struct, frozen=True):
    """One line of the timeline as the macro takes it; `state`: done, now or later."""

    when: datetime | date | None
    who: str
    text: str
    note: str
    state: str


def story(referral: Referral, language: str) -> list[Entry]:
    """The timeline: what was done and read, the turn that is now, and the steps to come with their days."""
    entries, saw = [], list[str]()
    for moment in referral.timeline:
        entries.append(_entry(moment, referral, language, tells_view=moment.saw != saw))
        saw = moment.saw
    entries = sorted([*entries, *_readings(referral, language)], key=_when)
    if State(referral.state) in FINAL:
        return entries
    entries.append(Entry(referral.clock.due_on, "", next_step(referral, language), "", "now"))
    steps = steps_ahead(
        State(referral.state), referral.clock, referral.appointment_at, clock.today(), no_data=referral.no_data
    )
    return entries + [Entry(step.day, "", sentence_of(language, "step", step.code), "", "later") for step in steps]


def _when(entry: Entry) -> datetime:
    return entry.when if isinstance(entry.when, datetime) else clock.now()


def _readings(referral: Referral, language: str) -> list[Entry]:
    """Who opened it without answering at once; an answer says by itself that it was read."""
    told = []
    for party, at, who, code in (
        ("RCV", referral.seen_at, referral.offer.institution.name, "seen"),
        ("SND", referral.outcome_seen_at, referral.sender.name, "end_seen"),
    ):
        own = (moment.at for moment in referral.timeline if moment.party == party)
        if at is not None and referral.party in ("SND", "RCV", "COO") and all(abs(at - one) > _SAME for one in own):
            told.append(Entry(at, who, sentence_of(language, "moment", code), "", "done"))
    return told


def next_step(referral: Referral, language: str) -> str:
    """What this actor does next, in a sentence."""
    if referral.held_back and referral.party == "SND" and referral.state == State.SENT:
        return sentence_of(language, "next", "SND.leaving")
    side = "SND" if referral.party == "SND" else "RCV" if referral.party == "RCV" else "COO"
    return next_words(side, referral.state, language, no_data=referral.no_data)


def next_words(side: str, state: str, language: str, *, no_data: bool = False) -> str:
    """The same for a row of the worklist."""
    if no_data and state == State.SENT:
        return sentence_of(language, "next", "alone")
    return sentence_of(language, "next", f"{side}.{state}")


def _entry(moment: Moment, referral: Referral, language: str, *, tells_view: bool) -> Entry:
    who = {
        "SND": referral.sender.name,
        "RCV": referral.offer.institution.name,
        "PAR": sentence_of(language, "party", "PAR"),
    }.get(moment.party, sentence_of(language, "party", moment.party))
    if moment.channel != "self":
        who = f"{who} ({sentence_of(language, 'channel', moment.channel)})"
    parts = [*_facts(moment, language), *(moment.words[name] for name in _ORDER if moment.words.get(name))]
    if tells_view and moment.verb != "create":
        parts.append(_view(moment, language))
    return Entry(moment.at, who, sentence_of(language, "moment", moment.verb), " · ".join(parts), "done")


def _facts(moment: Moment, language: str) -> list[str]:
    told = []
    for name, vocabulary in (("reason", "reason"), ("outcome", "outcome")):
        if moment.facts.get(name):
            told.append(book.label(vocabulary, str(moment.facts[name]), language))
    if moment.facts.get("attendance"):
        told.append(sentence_of(language, "attendance", str(moment.facts["attendance"])))
    if moment.verb in ("send", "leave") and "mailed" in moment.facts and moment.party in ("SND", "SYS"):
        told.append(sentence_of(language, "mailed", "yes" if moment.facts["mailed"] else "no"))
    if moment.facts.get("out_of_order"):
        told.append(sentence_of(language, "out_of_order", str(moment.facts["out_of_order"])))
    named = [name for name in _PLAIN if moment.facts.get(name) not in (None, "")]
    return told + [
        sentence_of(language, "fact", name, {"value": _value(name, moment.facts[name], language)}) for name in named
    ]


def _value(name: str, value: object, language: str) -> str:
    if name not in ("date", "review_on", "until"):
        return str(value)
    with speaking(language):
        # A basis may hold for years: its day is said with the year.
        return short_day(date.fromisoformat(str(value))) if name == "until" else appointment(str(value))


def _view(moment: Moment, language: str) -> str:
    if not moment.saw:
        return sentence_of(language, "saw", "nothing")
    names = ", ".join(sentence_of(language, "field", name) for name in moment.saw)
    return sentence_of(language, "saw", "fields", {"fields": names})
