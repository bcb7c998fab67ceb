"""What the coordinator looks after to keep the directory true: one page, every list with how much waits in it.

Rooms above the directory hang up their lists, so that the page knows none of them; `app.py` says which and in what
order.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.web.navigation import belongs

HERE: Final = "/care"
Count = Callable[[Actor], Awaitable[int]]


class Care(Struct, frozen=True):
    """One list. `label` and `hint` are msgids; `count` says how much waits there, None where nothing ever waits."""

    url: str
    label: str
    hint: str
    permission: str = "directory:moderate"
    count: Count | None = None


_hung: Final[list[Care]] = []


def hang(cares: Sequence[Care]) -> None:
    """Put these lists on the page, in this order, and under its entry of the menu; hanging twice changes nothing."""
    belongs.update((care.url, HERE) for care in cares)
    _hung.extend(care for care in cares if care not in _hung)


async def cares_of(actor: Actor) -> list[tuple[Care, int | None]]:
    """The lists this actor may open, each with how much waits: those where something waits first."""
    found = [
        (care, await care.count(actor) if care.count is not None else None)
        for care in _hung
        if care.permission in actor.permissions
    ]
    return sorted(found, key=lambda pair: not pair[1])


async def waiting_in_all(actor: Actor) -> int:
    """How much waits in all lists together, for the number in the menu."""
    return sum([await care.count(actor) for care in _hung if care.count is not None])
