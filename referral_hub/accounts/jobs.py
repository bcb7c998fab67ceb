"""Work about accounts that comes round by itself."""

from datetime import timedelta
from typing import Any

from referral_hub.accounts.agreement_mails import warn_of_endings
from referral_hub.jobs.actions import Work


async def warn_of_agreements(payload: dict[str, Any]) -> None:
    """Once a day is enough: each ending is told once."""
    await warn_of_endings()


registry: dict[str, Work] = {"warn_of_agreements": warn_of_agreements}
schedule = {"warn_of_agreements": timedelta(hours=12)}
