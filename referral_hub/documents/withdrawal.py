"""The confirmation that sharing has ended: since when, with whom, what ended and what stays."""

from typing import Literal

from msgspec import Struct

from referral_hub.documents.sheets import Letter, Sheet, Term
from referral_hub.web.wording import translate


class Withdrawal(Struct, frozen=True, kw_only=True):
    """Facts in words of `language`. `data` names the fields that are no longer shown.

    `why`: withdrawn by the person, or run_out on its last day. `stays`: the help itself goes on, since ending the
    sharing is not leaving it. `by_law` names the acts on which others may still have data.
    """

    language: str
    person: str
    keeper: str
    keeper_phone: str = ""
    number: str
    receiver: str
    why: Literal["withdrawn", "run_out"]
    since: str
    data: str
    stays: bool
    by_law: tuple[str, ...] = ()
    issued_on: str


def withdrawal(*facts: Withdrawal) -> Letter:
    """One sheet for each language."""
    return Letter(tuple(_sheet(one) for one in facts))


def _sheet(facts: Withdrawal) -> Sheet:
    language = facts.language
    lead = (
        translate(language, "The consent to pass on data was withdrawn. It ended at once.")
        if facts.why == "withdrawn"
        else translate(language, "The consent to pass on data has run out.")
    )
    closing = [
        translate(
            language,
            "The institution no longer sees this data in the hub. What it wrote down itself while it helped stays with "
            "it: ask there about it.",
        ),
        translate(
            language,
            "What was passed on before is not undone by this; the list of disclosures says what it was.",
        ),
    ]
    if facts.stays:
        closing.append(translate(language, "The help itself goes on, if you want it: only the sharing of data ended."))
    closing += [
        translate(language, "This rests on a law and not on your consent, so it goes on: %(what)s.", what=what)
        for what in facts.by_law
    ]
    keeper = ", ".join(part for part in (facts.keeper, facts.keeper_phone) if part)
    named = (
        (translate(language, "Person"), facts.person),
        (translate(language, "Institution"), facts.receiver),
        (translate(language, "Since"), facts.since),
        (translate(language, "No longer shown"), facts.data),
        (translate(language, "Number"), facts.number),
        (translate(language, "Who keeps the data"), keeper),
        (translate(language, "Issued"), facts.issued_on),
    )
    return Sheet(
        language=language,
        title=translate(language, "Confirmation: the sharing of data has ended"),
        sender=facts.keeper,
        lead=(lead,),
        terms=tuple(Term(name, value) for name, value in named if value),
        closing=tuple(closing),
        signatures=(translate(language, "Stamp and signature"),),
    )
