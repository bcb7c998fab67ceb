"""Which moves a page shows first: at most four for a receiver, the rest under "more". Pure.

What may be done is the lifecycle's business; here is only the order and what one press may already say.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from referral_hub.referrals.moves import OpenMove
from referral_hub.referrals.reasons import choices
from referral_hub.referrals.states import Channel, Party, State, Verb
from referral_hub.vocabularies import book

MOST_FIRST: Final = 4
V, S = Verb, State

FIRST: Final[dict[tuple[Party, State], tuple[Verb, ...]]] = {
    (Party.RCV, S.SENT): (V.ACCEPT, V.ASK, V.WAITLIST, V.DECLINE),
    (Party.RCV, S.INFO_NEEDED): (V.ACCEPT, V.WAITLIST, V.DECLINE),
    (Party.RCV, S.WAITLISTED): (V.ACCEPT, V.DECLINE),
    (Party.RCV, S.ACCEPTED): (V.SCHEDULE, V.START, V.DELIVER, V.FAIL),
    (Party.RCV, S.SCHEDULED): (V.START, V.ATTEND, V.SCHEDULE, V.DELIVER),
    (Party.RCV, S.IN_PROGRESS): (V.DELIVER, V.ATTEND, V.SCHEDULE, V.FAIL),
    (Party.RCV, S.ON_HOLD): (V.RESUME, V.DELIVER, V.FAIL),
    (Party.RCV, S.CANCEL_REQUESTED): (V.AGREE_CANCEL, V.DELIVER),
    (Party.SND, S.DRAFT): (V.SEND, V.VOID),
    (Party.SND, S.INFO_NEEDED): (V.ANSWER, V.WITHDRAW),
    (Party.SND, S.SENT): (V.WITHDRAW,),
    (Party.SND, S.WAITLISTED): (V.WITHDRAW,),
    (Party.SND, S.CANCEL_REQUESTED): (V.KEEP,),
    (Party.COO, S.DELIVERED): (),
}
DANGEROUS: Final = frozenset({V.DECLINE, V.WITHDRAW, V.VOID, V.FAIL, V.REQUEST_CANCEL, V.WITHDRAW_CONSENT})
ELSEWHERE: Final = frozenset({V.REROUTE, V.SEND})
"""Moves with a place of their own: plan B, and the page that checks a draft."""
UNASKED: Final = frozenset({"basis", "offer"})
"""Fields that no small form asks for; all are optional, or set by plan B."""


class MoveField(Struct, frozen=True):
    """A field of a small form; `codes` are the choices of a coded one, `named` (id, name) those of one that names."""

    name: str
    type: str
    required: bool
    codes: list[str] | None
    named: list[tuple[str, str]] = []


class MoveShown(Struct, frozen=True):
    """A move as a page offers it; `channel` is self, phone, paper or person."""

    verb: str
    channel: str
    fields: list[MoveField]
    dangerous: bool

    @property
    def prefix(self) -> str:
        """What the names of this form's fields begin with, so that many forms live on one page."""
        return f"{self.verb}-{self.channel}-"


class Buttons(Struct, frozen=True):
    """What a page shows: own moves first and under "more", then what may be recorded for others."""

    first: list[MoveShown]
    more: list[MoveShown]
    by_phone: list[MoveShown]
    by_paper: list[MoveShown]
    by_person: list[MoveShown]


def buttons(moves: Sequence[OpenMove], party: str, state: str) -> Buttons:
    """Sort the open moves of one actor."""
    shown = [(move, channel) for move in moves for channel in move.channels if move.row.verb not in ELSEWHERE]
    own = {move.row.verb: move for move, channel in shown if channel is Channel.SELF}
    order = FIRST.get((Party(party), State(state)), ()) if party else ()
    first = [own[verb] for verb in order if verb in own][:MOST_FIRST]
    rest = [move for move in own.values() if move not in first]
    return Buttons(
        first=[_shown(move, Channel.SELF) for move in first],
        more=[_shown(move, Channel.SELF) for move in rest],
        by_phone=[_shown(move, channel) for move, channel in shown if channel is Channel.PHONE],
        by_paper=[_shown(move, channel) for move, channel in shown if channel is Channel.PAPER],
        by_person=[_shown(move, channel) for move, channel in shown if channel is Channel.PERSON],
    )


def _shown(move: OpenMove, channel: Channel) -> MoveShown:
    fields = [
        MoveField(need.name, need.type, need.required, choices(need, move.row))
        for need in move.row.needs
        if need.name not in UNASKED
    ]
    return MoveShown(move.row.verb.value, channel.value, fields, move.row.verb in DANGEROUS)


def has_arrived(form: str, today: date) -> dict[str, str]:
    """What „dotarła – wiem od osoby” says in one press.

    Whoever came to a specialist has taken that help up; of any other help nothing more is known than that
    the person got there, and nothing more is claimed.
    """
    known = book.word("form", form)
    health = known is not None and known.extra.get("type") == "zdrowotna"
    return {"outcome": "leczenie" if health else "brak_informacji", "date": today.isoformat()}
