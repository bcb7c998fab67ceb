"""What our messages to partners say: facts for the templates, about places and nothing else."""

from collections.abc import Sequence
from typing import Any

from referral_hub.accounts.links import LASTS
from referral_hub.directory.freshness import ahead
from referral_hub.directory.schemas import OwnOffer
from referral_hub.settings import settings
from referral_hub.web.formats import short_day
from referral_hub.web.wording import speaking

CAPACITY_DUE = "capacity_due"


def capacity_due(
    institution: str, offers: Sequence[OwnOffer], secret: str, language: str, *, rung: int = 0
) -> dict[str, Any]:
    """One message for the offers of an institution: title, last number, its day, until when it counts as fresh.

    `rung`: 0 the first, later ones are reminders and say so. The link answers by one tap.
    """
    with speaking(language):
        listed = [_line(offer) for offer in offers]
    return {
        "institution": institution,
        "offers": listed,
        "link": f"{settings().public_url}/c/{secret}",
        "days": LASTS["c"].days,
        "rung": rung,
    }


def _line(offer: OwnOffer) -> dict[str, Any]:
    as_of = offer.capacity.as_of
    return {
        "title": offer.title,
        "still": offer.still,
        "maximum": offer.capacity.maximum,
        "as_of": short_day(as_of) if as_of else "",
        "ask_first": short_day(ahead(as_of, offer.rhythm).ask_first) if as_of else "",
        "due": offer.due,
    }
