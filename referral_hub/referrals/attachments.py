"""What rooms above the referrals show on the page of one, and on the person's own page, without being known here.

`app.py` hangs up their makers; each is asked for one referral and answers with a template and its facts, or None where
it has nothing to say. Makers read what is their own only, and what `actor` may see; they open nothing of the person.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.referrals.referral import Referral


class Attachment(Struct, frozen=True):
    """A part of a referral's page: `template` reads `attached.facts`.

    `place`: "next" asks or says what comes next, over plan B and the story; "case" is a fact beside them; "rest" stands
    folded under the story. The person's own page shows all as they come.
    """

    template: str
    facts: dict[str, Any]
    place: Literal["next", "case", "rest"] = "rest"


Maker = Callable[[Referral, Actor, str], Awaitable[Attachment | None]]
"""(the referral as the page has read it, who looks in the role it was read in, language) → what to show."""

_makers: list[Maker] = []


def attach(makers: Sequence[Maker]) -> None:
    """Show these on referrals, in this order; attaching twice changes nothing."""
    _makers.extend(maker for maker in makers if maker not in _makers)


async def attachments(found: Referral, actor: Actor, language: str) -> list[Attachment]:
    """Everything attached to a referral, as far as this actor may see it."""
    looks = actor.acting_as(found.role) if found.role else actor
    return [made for maker in _makers if (made := await maker(found, looks, language)) is not None]
