"""What is known of a message after it was handed over or refused, and who is told: jobs of rooms above, by name.

`message_undelivered` {channel, address, subject_id, for_good} follows every refusal; `address_works` {channel,
address} follows the first message that arrives where the one before was refused.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.jobs.actions import enqueue

_ADD = """insert into mail_sent (id, institution, address, template, subject_id, sent_at, error)
values ($1, $2, $3, $4, $5, $6, $7)"""
_LAST = "select error from mail_sent where lower(address) = lower($1) order by id desc limit 1"


async def note_sent(payload: Mapping[str, Any], channel: str) -> None:
    """It was taken."""
    async with transaction(SYSTEM) as sql:
        if await sql.fetchval(_LAST, payload["to"]):
            await enqueue("address_works", {"channel": channel, "address": payload["to"]})
        await _add(sql, payload, "")


async def note_refused(payload: Mapping[str, Any], channel: str, code: int | str, *, for_good: bool) -> None:
    """It was refused with `code`; `for_good`: trying this address again will not help."""
    facts = {"channel": channel, "address": payload["to"], "subject_id": payload.get("subject_id")}
    async with transaction(SYSTEM) as sql:
        await _add(sql, payload, str(code))
        await enqueue("message_undelivered", {**facts, "for_good": for_good})


async def _add(sql: asyncpg.Connection, payload: Mapping[str, Any], error: str) -> None:
    await sql.execute(
        _ADD,
        new_id(),
        payload.get("institution") and UUID(payload["institution"]),
        payload["to"],
        payload["template"],
        payload.get("subject_id") and UUID(payload["subject_id"]),
        None if error else clock.now(),
        error,
    )
