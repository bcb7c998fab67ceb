"""What the coordinator looks after here: agreements, and institutions that claim their entries."""

from typing import Final

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.care import Care
from referral_hub.institutions.agreements import standings


async def agreements_wanting(actor: Actor) -> int:
    """Institutions with an account and no basis in force, or one that ends soon."""
    today = clock.today()
    return sum(row.state(today) != "in_force" for row in await standings())


AGREEMENTS: Final = Care(
    "/agreements",
    "Agreements",
    "On what basis each institution with an account may pass personal data.",
    permission="agreement:edit",
    count=agreements_wanting,
)
CLAIMS: Final = Care(
    "/accounts/claims", "Claims of institutions", "Who took over an entry by a mailed code.", permission="account:read"
)
