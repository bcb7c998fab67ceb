"""Work of this room that comes round by itself."""

from datetime import timedelta
from typing import Any

from referral_hub.caseload.notes import forget_removed
from referral_hub.caseload.reminding import let_reminder_go
from referral_hub.jobs.actions import Work


async def forget_notes(payload: dict[str, Any]) -> None:
    """The words of removed notes are gone after a day."""
    await forget_removed()


registry: dict[str, Work] = {"forget_notes": forget_notes, "reminder_leaves": let_reminder_go}
schedule = {"forget_notes": timedelta(hours=1)}
