"""The next terms on an offer's public page: until when to apply, when it begins, how many places are left."""

from typing import Final
from uuid import UUID

from msgspec import structs

from referral_hub.accounts.actor import Actor
from referral_hub.directory.confidential import Secret, without
from referral_hub.directory.confidential_queries import kept_from
from referral_hub.directory.panels import OwnLink, Panel
from referral_hub.directory.read_model_refresh import directory
from referral_hub.timetable.terms import LONGEST, SHAPES
from referral_hub.timetable.terms_queries import Term, next_terms
from referral_hub.vocabularies import book

NEXT: Final = 4
# Repeated in templates/terms/mine.html, where the extraction finds it.
OWN_LINK = OwnLink("terms", "Terms and enrolment", SHAPES)


async def terms_panel(offer: UUID, actor: Actor, language: str) -> Panel | None:
    """The terms ahead, those one may apply for first."""
    card = (await directory()).cards.get(str(offer))
    if card is None or book.shape(card.form) not in SHAPES:
        return None
    secrets = await kept_from(actor, offer)
    terms = [_without(term, secrets) for term in await next_terms(offer)]
    if not terms:
        return None
    dated = any(term.facts.starts_on for term in terms) and not card.sensitive
    return Panel("terms/panel.html", {"terms": terms[:NEXT], "more": len(terms) > NEXT, "offer": offer, "dated": dated})


def _without(term: Term, secrets: list[Secret]) -> Term:
    """The term without words that tell where a place is that this reader may not know."""
    texts = {name: without(getattr(term.facts, name), secrets) for name in LONGEST} if secrets else {}
    return structs.replace(term, facts=structs.replace(term.facts, **texts))
