"""Write the audit line in the transaction of the change, and seal the trail afterwards."""

import hashlib
from collections.abc import Mapping
from uuid import UUID

from referral_hub import clock
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import SYSTEM, Scope, connection, in_transaction, transaction
from referral_hub.database.writes import Write

_ADD = """insert into audit_event (id, at, event, kind, account, institution, role, subject_kind, subject, facts)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"""


def audit_line(
    event: Event,
    *,
    by: Scope,
    subject: tuple[str, UUID | None] = ("", None),
    facts: Mapping[str, object] | None = None,
) -> Write:
    """The line as a write, for a change that gathers all it leaves behind."""
    who = (by.kind, by.account, by.institution, by.role)
    return Write(_ADD, (new_id(), clock.written_at(), event.value, *who, *subject, to_json(dict(facts or {}))))


async def record(
    event: Event,
    *,
    by: Scope,
    subject: tuple[str, UUID | None] = ("", None),
    facts: Mapping[str, object] | None = None,
) -> None:
    """Add one line: who (`by`), what, on which subject (kind, id). `facts` never hold personal data.

    Raises RuntimeError outside a transaction: an audit line that could outlive its change would be a lie.
    """
    if not in_transaction():
        raise RuntimeError(f"{event} recorded outside a transaction")
    line = audit_line(event, by=by, subject=subject, facts=facts)
    async with connection() as sql:
        await sql.execute(line.text, *line.values)


_LINES = """select id, at, event, kind, account, institution, role, subject_kind, subject, facts::text as facts,
 position, chain from audit_event"""
_UNSEALED = f"{_LINES} where position is null order by at, id limit $1"
_SEALED = f"{_LINES} where position is not null order by position"


async def seal_trail(batch: int = 5000) -> int:
    """Chain the lines not yet sealed, oldest first; the number sealed.

    Done by a job, one runner at a time: chaining inside business transactions would make all writes wait in a row.
    """
    async with transaction(SYSTEM) as sql:
        if not await sql.fetchval("select pg_try_advisory_xact_lock(7205118844)"):
            return 0
        last = await sql.fetchrow(
            "select position, chain from audit_event where position is not null order by position desc limit 1"
        )
        position, chain = (last["position"], last["chain"]) if last else (0, b"")
        rows = await sql.fetch(_UNSEALED, batch)
        for row in rows:
            position += 1
            chain = link(chain, row)
            await sql.execute(
                "update audit_event set position = $2, chain = $3 where id = $1", row["id"], position, chain
            )
        return len(rows)


def link(before: bytes, row: Mapping[str, object]) -> bytes:
    """The chain value of `row` after `before`: SHA-256 over both, each part set off by its length."""
    total = hashlib.sha256(before)
    for name in (
        "id",
        "at",
        "event",
        "kind",
        "account",
        "institution",
        "role",
        "subject_kind",
        "subject",
        "facts",
    ):
        part = str(row[name] if row[name] is not None else "").encode()
        total.update(len(part).to_bytes(4, "big") + part)
    return total.digest()


async def first_break() -> int | None:
    """The position of the first sealed line that does not fit its chain, or None when the trail is whole."""
    chain = b""
    async with transaction(SYSTEM) as sql:
        expected = 1
        async for row in sql.cursor(_SEALED):
            chain = link(chain, row)
            if row["position"] != expected or row["chain"] != chain:
                return int(row["position"])
            expected += 1
    return None
