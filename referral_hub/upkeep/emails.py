"""What our mails to partners say: facts for the templates, about places and nothing else."""

from collections.abc import Sequence
from typing import Any

from referral_hub.accounts.links import LASTS
from referral_hub.directory.schemas import OwnOffer
from referral_hub.settings import settings
from referral_hub.web.formats import short_day
from referral_hub.web.wording import speaking

CAPACITY_DUE = "capacity_due"


def capacity_due(institution: str, offers: Sequence[OwnOffer], secret: str, language: str) -> dict[str, Any]:
    """One mail for all offers of an institution: title, last number, its day; the link to answer by one tap."""
    with speaking(language):
        listed = [
            {
                "title": offer.title,
                "still": offer.still,
                "maximum": offer.capacity.maximum,
                "as_of": short_day(offer.capacity.as_of) if offer.capacity.as_of else "",
                "due": offer.due,
            }
            for offer in offers
        ]
    return {
        "institution": institution,
        "offers": listed,
        "link": f"{settings().public_url}/c/{secret}",
        "days": LASTS["c"].days,
    }
