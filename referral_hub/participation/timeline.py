"""A participation told from its first day to its last, in the words of whoever reads. Pure but for words."""

from datetime import date
from typing import Any

from referral_hub import clock
from referral_hub.participation.queries import Participation
from referral_hub.vocabularies import book
from referral_hub.web.formats import number
from referral_hub.web.wording import sentence_of, speaking, translate, translate_count


def timeline(part: Participation, language: str) -> list[dict[str, Any]]:
    """Entries for the macro `timeline`: what was, in the order of its days, and what is still to come."""
    with speaking(language):
        entries = [*_beginning(part, language), *_groups(part, language), *_effects(part, language)]
        entries.sort(key=lambda entry: entry["when"])
        return [*entries, *_end(part, language)]


def _entry(when: date | None, text: str, note: str = "", state: str = "done") -> dict[str, Any]:
    return {"when": when, "who": "", "text": text, "note": note, "state": state}


def _beginning(part: Participation, language: str) -> list[dict[str, Any]]:
    found = []
    came = part.came_by
    if came is not None and came.sent_at is not None:
        text = translate(language, "Referred here by %(name)s", name=came.sender)
        found.append(_entry(came.sent_at.astimezone(clock.WARSAW).date(), text, came.number))
    if part.contract_on is not None:
        found.append(_entry(part.contract_on, translate(language, "Social contract signed"), part.contract_number))
    found.append(_entry(part.started_on, translate(language, "Began to take part")))
    return found


def _groups(part: Participation, language: str) -> list[dict[str, Any]]:
    found = []
    for group in part.groups:
        counted = translate_count(language, "%(num)s meeting attended", "%(num)s meetings attended", group.meetings)
        text = translate(language, "First time in the group: %(title)s", title=group.title)
        found.append(_entry(group.first, text, f"{counted}, {number(group.hours)} h"))
    return found


def _effects(part: Participation, language: str) -> list[dict[str, Any]]:
    return [
        _entry(
            one.reached_on,
            translate(language, "Effect: %(effect)s", effect=book.label("outcome", one.effect, language)),
            sentence_of(language, "effect_source", one.source),
        )
        for one in part.effects
        if one.voided_at is None
    ]


def _end(part: Participation, language: str) -> list[dict[str, Any]]:
    if part.ended_on is None:
        return [_entry(None, translate(language, "End of taking part, perhaps with a certificate"), state="later")]
    found = [
        _entry(
            part.ended_on, translate(language, "Taking part ended"), sentence_of(language, "part_end", part.end_reason)
        )
    ]
    if part.certificate_on is not None:
        text = translate(language, "Certificate of participation")
        found.append(_entry(part.certificate_on, text, part.certificate_number))
    return found
