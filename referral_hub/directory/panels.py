"""What rooms above the directory show on its public pages, without the directory knowing them.

`app.py` hangs up their makers; each is asked for one offer or institution and answers with a template and its facts,
or None where it has nothing to say. Makers only read, and only what `actor` may see.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from referral_hub.accounts.actor import Actor

Where = Literal["now", "told", "more"]


class Panel(Struct, frozen=True):
    """A part of a page: `template` reads `panel.facts`. `where`: beside the places, among the facts, at the side."""

    template: str
    facts: dict[str, Any]
    where: Where = "told"


class OwnLink(Struct, frozen=True):
    """A page of one's own offer in a room above: `/my-offers/<id>/<path>`. `shapes`: of which offers, empty = all.

    `asks`: whoever puts in such an offer is led there.

    `label` is a msgid, repeated in a template of that room where the extraction of sentences finds it.
    """

    path: str
    label: str
    shapes: frozenset[str] = frozenset()
    asks: bool = False


Maker = Callable[[UUID, Actor, str], Awaitable[Panel | None]]
"""(offer or institution, who looks, language) → what to show."""

_offers: list[Maker] = []
_institutions: list[Maker] = []
_own: list[OwnLink] = []


def hang(*, offers: Sequence[Maker] = (), institutions: Sequence[Maker] = (), own: Sequence[OwnLink] = ()) -> None:
    """Show these on the pages of offers and institutions, in this order; hanging twice changes nothing."""
    _offers.extend(maker for maker in offers if maker not in _offers)
    _institutions.extend(maker for maker in institutions if maker not in _institutions)
    _own.extend(link for link in own if link not in _own)


def own_links(shape: str) -> list[OwnLink]:
    """The further pages of one's own offer of this shape."""
    return [link for link in _own if not link.shapes or shape in link.shapes]


async def offer_panels(offer: UUID, actor: Actor, language: str) -> list[Panel]:
    """Every panel of an offer's page."""
    return [panel for maker in _offers if (panel := await maker(offer, actor, language)) is not None]


async def institution_panels(institution: UUID, actor: Actor, language: str) -> list[Panel]:
    """Every panel of an institution's page."""
    return [panel for maker in _institutions if (panel := await maker(institution, actor, language)) is not None]
