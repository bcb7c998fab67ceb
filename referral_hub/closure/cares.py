"""What the coordinator looks after here: reports and people's words that do not agree."""

from typing import Final

from referral_hub.accounts.care import Care
from referral_hub.accounts.permissions import Permission
from referral_hub.closure.queries import how_many_to_settle

DISCREPANCIES: Final = Care(
    "/discrepancies",
    "What people say otherwise",
    "The institution reports help and the person says none came, or the other way round; people who still wait.",
    permission=Permission.DISCREPANCY_SETTLE,
    count=how_many_to_settle,
)
