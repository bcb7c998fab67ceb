"""The list of who saw or received what about a person (art. 15 GDPR), on paper."""

from msgspec import Struct

from referral_hub.documents.sheets import MOST_LINES, Grid, Letter, Sheet, Term
from referral_hub.web.wording import translate


class Line(Struct, frozen=True):
    """One line in words: when, who, what happened, which data, on what basis."""

    at: str
    who: str
    what: str
    data: str
    basis: str


class DisclosureList(Struct, frozen=True, kw_only=True):
    """Facts in words of `language`, the newest line first; `person` is a case code.

    Without person and keeper it says nothing of where help is given: for a page that may lie open.
    """

    language: str
    person: str
    keeper: str
    keeper_phone: str = ""
    as_at: str
    lines: tuple[Line, ...]


def disclosure_list(*facts: DisclosureList) -> Letter:
    """One part for each language; of more lines than a letter holds the newest, and a word that there are others."""
    return Letter(tuple(_sheet(one) for one in facts))


def _sheet(facts: DisclosureList) -> Sheet:
    language, shown = facts.language, facts.lines[:MOST_LINES]
    closing = [
        translate(
            language,
            "If you think that something here is not right, ask the institution that keeps your data. "
            "You may also complain to the President of the Personal Data Protection Office (UODO).",
        )
    ]
    if len(shown) < len(facts.lines):
        closing.insert(0, translate(language, "These are the newest lines; ask for the earlier ones."))
    if not shown:
        closing.insert(0, translate(language, "Nobody has seen or received anything about you."))
    columns = (
        translate(language, "When"),
        translate(language, "Who"),
        translate(language, "What happened"),
        translate(language, "Which data"),
        translate(language, "Basis"),
    )
    rows = tuple((line.at, line.who, line.what, line.data, line.basis) for line in shown)
    keeper = ", ".join(part for part in (facts.keeper, facts.keeper_phone) if part)
    named = (
        (translate(language, "Person"), facts.person),
        (translate(language, "As at"), facts.as_at),
        (translate(language, "Who keeps the data"), keeper),
    )
    return Sheet(
        language=language,
        title=translate(language, "Who saw or received what about me"),
        sender=facts.keeper,
        terms=tuple(Term(name, value) for name, value in named if value),
        grid=Grid(translate(language, "Disclosures"), columns, rows) if rows else None,
        closing=tuple(closing),
    )
