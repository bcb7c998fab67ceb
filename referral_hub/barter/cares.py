"""What the coordinator looks after here: services that could be exchanged."""

from typing import Final

from referral_hub.accounts.care import Care

EXCHANGE: Final = Care(
    "/exchange", "Exchange of services", "What is offered and wanted in the network, and what would meet."
)
