"""What a receiver sees of a person at each stage, and what the sender is shown before sending. Pure."""

from collections.abc import Iterable
from typing import Literal

from referral_hub.participants.basis import SHAREABLE

Access = Literal["none", "summary", "disclosed", "own_record"]

# Enough to say "this is for us" and "how soon"; nothing that finds a person in a village.
SUMMARY = ("case_code", "need", "priority")
STUB = ("case_code",)


def view_of_person(access: str, fields: Iterable[str]) -> tuple[str, ...]:
    """The fields a receiver may open now, in the order they are shown.

    `access` is the task's (none, summary, disclosed, own_record), `fields` what the legal basis names. An
    unknown access shows nothing.
    """
    if access == "summary":
        return SUMMARY
    if access == "disclosed":
        named = set(fields)
        return (*SUMMARY, *(name for name in SHAREABLE if name in named))
    if access == "own_record":
        return STUB
    return ()
