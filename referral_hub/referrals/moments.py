"""The history of a task as one side may read it: what happened, and what the receiver saw from then on."""

from collections.abc import Sequence
from typing import Any

import msgspec

from referral_hub.participants.seen import view_of_person
from referral_hub.referrals.case import Case
from referral_hub.referrals.history import words_of
from referral_hub.referrals.papers_kept import PAPERS
from referral_hub.referrals.person_seen import BASIS_RENEWED
from referral_hub.referrals.referral import Moment
from referral_hub.referrals.states import Party


def moments_of(lines: Sequence[Any], case: Case, side: Party | None, *, words: bool = True) -> list[Moment]:
    """What happened, each with what the receiver saw from then on: lines that say nothing of it changed nothing.

    Without `words` nothing that people wrote is opened.
    """
    moments: list[Moment] = []
    for line, fields in zip(lines, _fields_then(lines, case), strict=True):
        moments.append(_moment(line, case, side, moments[-1].saw if moments else [], fields, words))
    return moments


def _fields_then(lines: Sequence[Any], case: Case) -> list[list[str]]:
    """The fields that the basis of each line named: before a renewal the older ones."""
    fields, then = list(case["basis_fields"] or ()), list[list[str]]()
    for line in reversed(lines):
        then.append(fields)
        if line["verb"] == BASIS_RENEWED:
            fields = _facts(line)["fields_before"]
    return then[::-1]


def _facts(line: Any) -> dict[str, Any]:
    facts = line["facts"]
    return msgspec.json.decode(facts, type=dict[str, Any]) if isinstance(facts, str) else facts


def _moment(line: Any, case: Case, side: Party | None, saw_before: list[str], fields: list[str], words: bool) -> Moment:
    facts = _facts(line)
    own = side is not None and line["party"] == side
    open_to_receiver = side is Party.RCV and case["access"] in ("summary", "disclosed")
    readable = own or side is Party.SND or (open_to_receiver and line["verb"] != PAPERS)
    return Moment(
        at=line["at"],
        verb=line["verb"],
        before=line["before"],
        after=line["after"],
        party=line["party"],
        channel=line["channel"],
        institution=line["institution"],
        account=line["account"] if side is Party.SND else None,
        facts=facts,
        words=words_of(line["words_sealed"]) if words and readable else {},
        saw=_saw(facts, fields) if facts.get("held_back") or "access" in facts else saw_before,
    )


def _saw(facts: dict[str, Any], fields: list[str]) -> list[str]:
    access = "none" if facts.get("held_back") else str(facts["access"])
    return list(view_of_person(access, fields))
