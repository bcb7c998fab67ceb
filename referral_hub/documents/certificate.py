"""The certificate of participation that a person takes home from the club."""

from msgspec import Struct

from referral_hub.documents.sheets import Letter, Sheet, Term
from referral_hub.web.wording import translate


class Certificate(Struct, frozen=True, kw_only=True):
    """Facts in words of `language`; days as people write them, what is empty is left out.

    `groups` and `effects` are labels of the vocabularies; `hours` is a whole sum in words ("124 h"). Neither the main
    group nor a reason of the end belongs here, nor an effect that tells of treatment or debts: whoever is shown the
    paper learns that help was taken, and no more.
    """

    language: str
    person: str
    club: str
    place: str = ""
    number: str
    issued_on: str
    started_on: str
    ended_on: str
    contract: str = ""
    groups: tuple[str, ...] = ()
    hours: str = ""
    effects: tuple[str, ...] = ()


def certificate(*facts: Certificate) -> Letter:
    """One sheet for each language."""
    return Letter(tuple(_sheet(one) for one in facts))


def _sheet(facts: Certificate) -> Sheet:
    language = facts.language
    issued = f"{facts.place}, {facts.issued_on}" if facts.place else facts.issued_on
    named = (
        (translate(language, "Period"), f"{facts.started_on} – {facts.ended_on}"),
        (translate(language, "Social contract"), facts.contract),
        (translate(language, "Activities"), ", ".join(facts.groups)),
        (translate(language, "Hours altogether"), facts.hours),
        (translate(language, "Achieved"), ", ".join(facts.effects)),
        (translate(language, "Number"), facts.number),
        (translate(language, "Issued"), issued),
    )
    return Sheet(
        language=language,
        title=translate(language, "Certificate of participation"),
        sender=facts.club,
        lead=(
            translate(
                language,
                "%(person)s receives this certificate of taking part in the activities of %(club)s.",
                person=facts.person,
                club=facts.club,
            ),
        ),
        terms=tuple(Term(name, value) for name, value in named if value),
        signatures=(translate(language, "Stamp"), translate(language, "Signature for the club")),
    )
