"""What the receiver will see at each stage, told before it does: from the TABLE and the rules of its own page. Pure."""

from collections.abc import Collection
from typing import Final

from msgspec import Struct

from referral_hub.participants.seen import view_of_person
from referral_hub.referrals.moves import INDEX
from referral_hub.referrals.outcomes import access_after
from referral_hub.referrals.states import Party, State, Verb

_STAGES: Final = (
    ("sent", INDEX[Verb.SEND, State.DRAFT, Party.SND]),
    ("accepted", INDEX[Verb.ACCEPT, State.SENT, Party.RCV]),
    ("ended", INDEX[Verb.DELIVER, State.IN_PROGRESS, Party.RCV]),
)
_NOW: Final = {"summary": "sent", "disclosed": "accepted", "own_record": "ended"}


class Stage(Struct, frozen=True):
    """`code`: sent, accepted or ended; `fields` in the order the receiver's page shows them; `now`: so it is today."""

    code: str
    fields: tuple[str, ...]
    now: bool = False


def stages(fields: Collection[str], *, full_at_once: bool, access: str = "") -> list[Stage]:
    """The stages for these shared fields; `full_at_once` is the offer's policy, `access` what the receiver has now.

    A stage at which nothing changes is left out: an offer that sees everything at once has no second one.
    """
    found: list[Stage] = []
    case = {"no_data": False, "sharing_ended": False, "access": "none", "disclosure": "full" if full_at_once else ""}
    for code, row in _STAGES:
        seen = view_of_person(access_after(row, case), fields)
        if found and found[-1].fields == seen:
            continue
        found.append(Stage(code, seen, _NOW.get(access) == code))
    if access == "disclosed" and not any(stage.now for stage in found):
        found[0] = Stage(found[0].code, found[0].fields, True)
    return found
