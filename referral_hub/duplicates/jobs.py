"""After a merge: what a change under way still wrote for the merged entry."""

from typing import Any
from uuid import UUID

from referral_hub.duplicates.actions import move_stragglers
from referral_hub.jobs.actions import Work


async def _stragglers(payload: dict[str, Any]) -> None:
    await move_stragglers(UUID(payload["merge"]))


registry: dict[str, Work] = {"merge_stragglers": _stragglers}
