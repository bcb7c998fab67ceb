"""What still waits for somebody who leaves: rooms above name it, `app.py` hangs their makers up here."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from msgspec import Struct

from referral_hub.accounts.permissions import Permission


class Leaving(Struct, frozen=True):
    """An account whose end is being thought of."""

    account: UUID
    institution: UUID
    roles: tuple[str, ...]


class OpenWork(Struct, frozen=True):
    """So many things of one kind, and where they are for whoever may go there; its words are `open_work.<code>`."""

    code: str
    count: int
    url: str
    permission: Permission


Maker = Callable[[Leaving], Awaitable[OpenWork | None]]

_makers: list[Maker] = []


def hang(makers: Sequence[Maker]) -> None:
    """Ask these rooms too; hanging twice changes nothing."""
    _makers.extend(maker for maker in makers if maker not in _makers)


async def open_work(leaving: Leaving) -> list[OpenWork]:
    """Everything open, in the order of the rooms."""
    return [work for maker in _makers if (work := await maker(leaving)) is not None and work.count]
