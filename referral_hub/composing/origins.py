"""Where a draft was begun: a room above may have led to the composer, and is told which referral came of it.

`app.py` hangs up who listens. The composer carries the origin along as it came in the address; what it means, and
whether it is the actor's own, the room above decides.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from referral_hub.accounts.actor import Actor

FIELD = "step"
"""Its name in the address and in the composer's form."""

Listener = Callable[[UUID, UUID, Actor], Awaitable[None]]
"""(task, origin, who drafted it) → done, in the transaction of the draft; nothing where the origin is not theirs."""

_listeners: list[Listener] = []


def listen(listeners: Sequence[Listener]) -> None:
    """Tell these of drafts that were begun elsewhere, in this order; listening twice changes nothing."""
    _listeners.extend(one for one in listeners if one not in _listeners)


async def tell_origin(task: UUID, origin: str, actor: Actor) -> None:
    """A draft was made that began at `origin`; what is no id began nowhere."""
    try:
        begun_at = UUID(origin)
    except ValueError:
        return
    for listener in _listeners:
        await listener(task, begun_at, actor)
