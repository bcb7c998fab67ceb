"""What follows when an address refuses our message for good, and when a message arrives there again."""

from typing import Any
from uuid import UUID

from referral_hub import clock
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.upkeep.asking_actions import climb

KINDS = {"email": ("email",), "sms": ("mobile", "phone")}


async def note_undelivered(payload: dict[str, Any]) -> None:
    """The rung does not count and the next address is tried at once; one refused for good is marked as failing.

    Payload: channel, address, for_good, subject_id (the link, or None).
    """
    link = payload.get("subject_id") and UUID(payload["subject_id"])
    for institution in await _mark(payload["channel"], payload["address"], link, payload["for_good"]):
        await climb(institution)


@retrying
async def _mark(channel: str, address: str, link: UUID | None, for_good: bool) -> list[UUID]:
    """Those whose contact it is, or whom the link had asked."""
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch(
            """update contact set failing_since = coalesce(failing_since, $3)
            where kind = any($1) and lower(value) = lower($2) and $4 returning institution""",
            list(KINDS[channel]),
            address,
            clock.now(),
            for_good,
        )
        asked = await sql.fetch(
            "update asking set failed_at = $2 where link = $1 and failed_at is null returning institution",
            link,
            clock.now(),
        )
    return list({row["institution"]: None for row in (*rows, *asked)})


async def note_delivered(payload: dict[str, Any]) -> None:
    """A message arrived where the last one had not: the address is good again. Payload: channel, address."""
    async with transaction(SYSTEM) as sql:
        await sql.execute(
            """update contact set failing_since = null
            where kind = any($1) and lower(value) = lower($2) and failing_since is not null""",
            list(KINDS[payload["channel"]]),
            payload["address"],
        )
