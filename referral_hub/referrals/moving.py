"""What a small form says about a move, and its refusal put back beside the form's own fields. Pure."""

from typing import Final

from referral_hub.errors import HubError, Problem, Refused
from referral_hub.web.forms import Form

NAMES: Final = (
    "question",
    "answer",
    "date",
    "place",
    "position",
    "review_on",
    "reason",
    "text",
    "criterion",
    "attendance",
    "outcome",
    "hours",
    "offer",
    "other_offer",
    "out_of_order",
)


def given_fields(form: Form, prefix: str) -> dict[str, object]:
    """The fields of one move: every form on the page puts its own prefix before their names.

    `date=other` means the day typed beside the buttons.
    """
    given: dict[str, object] = {name: form.value(f"{prefix}{name}") for name in NAMES if form.values(f"{prefix}{name}")}
    if given.get("date") == "other":
        given["date"] = form.value(f"{prefix}other_date")
        if not given["date"]:
            form.add(f"{prefix}other_date", "required")
            form.check()
    return given


def prefixed(refusal: HubError, prefix: str) -> Refused:
    """The refusal as the page shows it: problems beside the prefixed fields, anything else above them all."""
    problems = [Problem(_beside(problem.field, prefix), problem.code, problem.facts) for problem in refusal.problems]
    return Refused(refusal.code, problems, **refusal.facts)


def _beside(field: str, prefix: str) -> str:
    if field == "basis":
        return "basis.kind"
    return field if field.startswith((prefix or "basis.", "basis.")) else f"{prefix}{field}"
