"""Work of the lists that others wish for."""

from typing import Any
from uuid import UUID

from referral_hub.attendance.telling import tell_enrolled
from referral_hub.jobs.actions import Work


async def tell(payload: dict[str, Any]) -> None:
    """A meeting moved or was called off: `meetings` and `what` (changed, cancelled)."""
    await tell_enrolled([UUID(one) for one in payload["meetings"]], str(payload["what"]))


registry: dict[str, Work] = {"tell_enrolled": tell}
