"""What an offer of exchange shows on its public page: what is offered and what is wanted."""

from collections.abc import Callable
from uuid import UUID

from msgspec import structs

from referral_hub.accounts.actor import Actor
from referral_hub.barter.queries import SHAPE, lines_of
from referral_hub.directory.confidential import without
from referral_hub.directory.confidential_queries import kept_from
from referral_hub.directory.panels import OwnLink, Panel
from referral_hub.directory.read_model_refresh import directory
from referral_hub.vocabularies import book

# Repeated in templates/barter/mine.html, where the extraction finds it.
OWN_LINK = OwnLink("exchange", "What we offer and what we want", frozenset({SHAPE}), asks=True)


def subject_label(language: str) -> Callable[[str], str]:
    """Code → words of a subject, for templates."""
    return lambda code: book.label("barter_subject", code, language)


async def exchange_panel(offer: UUID, actor: Actor, language: str) -> Panel | None:
    """Both sides, as far as anything is open."""
    card = (await directory()).cards.get(str(offer))
    if card is None or book.shape(card.form) != SHAPE:
        return None
    secrets = await kept_from(actor, offer)
    lines = [
        structs.replace(line, text=without(line.text, secrets), amount=without(line.amount, secrets))
        for line in await lines_of(offer)
    ]
    if not lines:
        return None
    sides = {side: [line for line in lines if line.side == side] for side in ("offered", "wanted")}
    return Panel("barter/panel.html", {**sides, "subject": subject_label(language)})
