"""What goes on with people of a list: rooms above name it, `app.py` hangs their makers up here."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal
from uuid import UUID

from msgspec import Struct

from referral_hub.accounts.actor import Actor


class Standing(Struct, frozen=True):
    """One thing that goes on with a person, so many times; its words are `person_standing.<code>`."""

    code: str
    count: int
    tone: Literal["", "good", "careful", "told"] = ""


Maker = Callable[[Actor, Sequence[UUID]], Awaitable[Mapping[UUID, Sequence[Standing]]]]
"""(who looks, whom the list shows) → what goes on, as far as the actor may see it; nothing of a person is opened."""

_makers: list[Maker] = []


def hang(makers: Sequence[Maker]) -> None:
    """Ask these rooms too; hanging twice changes nothing."""
    _makers.extend(maker for maker in makers if maker not in _makers)


async def standing_of(actor: Actor, people: Sequence[UUID]) -> dict[UUID, list[Standing]]:
    """What goes on with each, in the order of the rooms; one question a room, however many people."""
    found: dict[UUID, list[Standing]] = {person: [] for person in people}
    if not people:
        return found
    for maker in _makers:
        for person, said in (await maker(actor, people)).items():
            found[person].extend(said)
    return found
