"""Who applies, who gives an opinion and who issues a „skierowanie”, each with a day and a number. Pure.

A KIS applies to a CIS, the OPS gives its opinion, the OPS or the labour office issues. Only what such an institution
has issued is called „skierowanie”; everything else is a „zgłoszenie”.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from msgspec import Struct

from referral_hub.errors import Problem
from referral_hub.participants.free_text import holds_pesel
from referral_hub.vocabularies.book import may_issue

OPINIONS: Final = ("positive", "negative")
DOCUMENT_LENGTH: Final = 60
OLDEST_YEARS: Final = 10
WHO: Final = ("applicant", "opinion_giver", "issuer")
_OF_EACH: Final = (
    ("applicant", "applied_on", "applicant_document"),
    ("opinion_giver", "opinion_on", "opinion_document"),
    ("issuer", "issued_on", "issue_document"),
)


class Papers(Struct, frozen=True, kw_only=True):
    """The papers of one request; `opinion` is positive, negative or '' for none yet."""

    applicant: UUID | None = None
    applied_on: date | None = None
    applicant_document: str = ""
    opinion_giver: UUID | None = None
    opinion: str = ""
    opinion_on: date | None = None
    opinion_document: str = ""
    issuer: UUID | None = None
    issued_on: date | None = None
    issue_document: str = ""


NO_PAPERS: Final = Papers()
NAMES: Final[tuple[str, ...]] = Papers.__struct_fields__


def is_issued(issuer_kind: str | None, issued_on: date | None) -> bool:
    """Whether it may be called „skierowanie”: issued on a day, by an institution of a kind that issues."""
    return issued_on is not None and may_issue(issuer_kind)


def problems_of(papers: Papers, kinds: Mapping[UUID, str], today: date) -> list[Problem]:
    """Everything wrong with the papers; `kinds` are those of the institutions that are in the network."""
    problems: list[Problem] = []
    for who, when, number in _OF_EACH:
        named, day, document = getattr(papers, who), getattr(papers, when), getattr(papers, number)
        if named is not None and named not in kinds:
            problems.append(Problem(who, "institution_not_known"))
        if named is None and (day is not None or document):
            problems.append(Problem(who, "paper_names_nobody"))
        problems += _day_problems(when, day, today)
        problems += _number_problems(number, document)
    if papers.opinion not in ("", *OPINIONS):
        problems.append(Problem("opinion", "not_a_choice", {"choices": list(OPINIONS)}))
    elif papers.opinion and papers.opinion_giver is None:
        problems.append(Problem("opinion_giver", "paper_names_nobody"))
    elif not papers.opinion and (papers.opinion_on is not None or papers.opinion_document):
        problems.append(Problem("opinion", "opinion_missing"))
    if papers.issuer is not None and papers.issuer in kinds and not may_issue(kinds[papers.issuer]):
        problems.append(Problem("issuer", "kind_issues_nothing"))
    if papers.issuer is not None and papers.issued_on is None and papers.issue_document:
        problems.append(Problem("issued_on", "required"))
    return _each_once(problems + _order_problems(papers, today))


def _day_problems(field: str, day: date | None, today: date) -> list[Problem]:
    if day is None:
        return []
    if day > today:
        return [Problem(field, "date_is_ahead")]
    earliest = date(max(1990, today.year - OLDEST_YEARS), 1, 1)
    return [Problem(field, "date_too_early", {"earliest": earliest})] if day < earliest else []


def _number_problems(field: str, document: str) -> list[Problem]:
    if len(document) > DOCUMENT_LENGTH:
        return [Problem(field, "too_long", {"most": DOCUMENT_LENGTH, "length": len(document)})]
    return [Problem(field, "text_holds_pesel")] if holds_pesel(document) else []


def _order_problems(papers: Papers, today: date) -> list[Problem]:
    """An application comes before its opinion, and both before what is issued."""
    problems, latest = [], None
    for _, when, _ in _OF_EACH:
        day = getattr(papers, when)
        if day is None or day > today:
            continue
        if latest is not None and day < latest:
            problems.append(Problem(when, "papers_out_of_order"))
        latest = day if latest is None else max(latest, day)
    return problems


def _each_once(problems: list[Problem]) -> list[Problem]:
    """The first problem of each field is enough."""
    first: dict[str, Problem] = {}
    for problem in problems:
        first.setdefault(problem.field, problem)
    return list(first.values())


def changed(before: Papers, after: Papers) -> list[str]:
    """The names of the fields that differ."""
    return [name for name in NAMES if getattr(before, name) != getattr(after, name)]
