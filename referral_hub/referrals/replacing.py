"""Who is told that a draft was made in the place of a task: rooms above keep what hung on the old one.

`app.py` hangs up who follows.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from referral_hub.database.transaction import Scope

Follower = Callable[[UUID, UUID, Scope], Awaitable[None]]
"""(the task replaced, the draft in its place, who made it) → done, in the transaction of the draft."""

_followers: list[Follower] = []


def follow_drafts(followers: Sequence[Follower]) -> None:
    """Tell these of drafts that replace a task, in this order; following twice changes nothing."""
    _followers.extend(one for one in followers if one not in _followers)


async def tell_followers(old: UUID, new: UUID, by: Scope) -> None:
    """A draft was made in the place of `old`: a sending taken back, or another way after one that did not help."""
    for follower in _followers:
        await follower(old, new, by)
