"""The text of a case for another system or an interview: plain lines, without a name unless it was asked for. Pure."""

from datetime import date, datetime

from referral_hub.referrals.referral import Referral
from referral_hub.referrals.saying import appointment
from referral_hub.referrals.story import story
from referral_hub.vocabularies import book
from referral_hub.web.formats import moment, short_day
from referral_hub.web.wording import sentence_of, speaking, translate


def note_text(referral: Referral, language: str, *, label: str = "") -> str:
    """What happened so far and what is now, a line each; `label` goes first where the reader asked for it."""
    with speaking(language):
        lines = [*_heading(referral, language, label), "", *_course(referral, language)]
    return "\n".join(lines)


def _heading(referral: Referral, language: str, label: str) -> list[str]:
    code = str(referral.person.get("case_code", ""))
    who = f"{label} ({code})" if label else code
    pairs = [
        (translate(language, "Referral %(number)s", number=referral.number), who),
        (translate(language, "To"), f"{referral.offer.institution.name}, {referral.offer.title}"),
        (sentence_of(language, "field", "need"), book.label("need", referral.need, language)),
        (translate(language, "State"), sentence_of(language, "state", referral.state)),
    ]
    if referral.appointment_at:
        place = f", {referral.appointment_place}" if referral.appointment_place else ""
        pairs.append((translate(language, "Day"), appointment(referral.appointment_at) + place))
    if referral.ending:
        told = referral.ending.outcome
        words = book.label("outcome", told, language) if told else book.label("reason", referral.reason, language)
        source = sentence_of(language, "source", referral.ending.source)
        on = f", {short_day(referral.ending.on)}" if referral.ending.on else ""
        pairs.append((translate(language, "How it ended"), f"{words}{on} ({source})"))
    return [f"{name}: {value}" for name, value in pairs]


def _course(referral: Referral, language: str) -> list[str]:
    """The timeline without the words people wrote: those may name somebody."""
    lines = []
    for entry in story(referral, language):
        if entry.state == "later":
            continue
        when = "" if entry.when is None else f"{_day(entry.when)} "
        who = f"{entry.who}: " if entry.who else ""
        lines.append(f"{when}{who}{entry.text}")
    return lines


def _day(when: date) -> str:
    return moment(when) if isinstance(when, datetime) else short_day(when)
