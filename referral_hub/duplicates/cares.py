"""What the coordinator looks after here: entries that may be one institution."""

from typing import Final

from referral_hub.accounts.care import Care

PAIRS: Final = Care(
    "/duplicates", "Possible duplicates", "Two entries that may be one institution, each pair explained."
)
