"""A number nobody has confirmed: a decline for „no places” proposes 0, and only the partner's own word makes it true.

A proposal holds nothing of the referral it comes from, is never applied by itself, and is answered by whatever reading
the partner gives next; a newer reading by anybody else makes it outdated.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import Scope, connection, retrying, transaction
from referral_hub.directory.ownership import source_of
from referral_hub.errors import NotFound

SHOWN_FOR: Final = timedelta(days=30)
"""A decline of long ago says nothing about today."""
BY_PARTNER: Final = "declared"


class Proposed(Struct, frozen=True):
    """A number that waits for the partner's word."""

    id: UUID
    offer: UUID
    free: int
    made_at: datetime


_OPEN = """select p.id, p.offer, p.free, p.made_at from reading_proposal p
left join offer_places q on q.offer = p.offer left join capacity_reading r on r.id = q.reading
where p.answer = '' and p.made_at > $2 and p.offer = any($1::uuid[]) and (r.as_of is null or r.as_of <= p.made_at)
and r.free is distinct from p.free order by p.made_at desc"""


async def propose_reading(sql: asyncpg.Connection, offer: UUID, *, by: Scope, free: int = 0) -> UUID | None:
    """Propose a number within the caller's change; None where it stands already, as a reading or as a proposal."""
    if await _open(sql, [offer]):
        return None
    stands = await sql.fetchval("select free from offer_places where offer = $1", offer)
    if stands == free:
        return None
    made = new_id()
    await sql.execute(
        "insert into reading_proposal (id, offer, free, made_at) values ($1, $2, $3, $4)",
        made,
        offer,
        free,
        clock.now(),
    )
    await record(Event.READING_PROPOSE, by=by, subject=("offer", offer), facts={"free": free})
    return made


async def open_proposals(offers: Sequence[UUID]) -> dict[UUID, Proposed]:
    """What waits for the partner's word, by offer."""
    async with connection() as sql:
        return await _open(sql, offers)


async def _open(sql: asyncpg.Connection, offers: Sequence[UUID]) -> dict[UUID, Proposed]:
    rows = await sql.fetch(_OPEN, list(offers), clock.now() - SHOWN_FOR)
    return {row["offer"]: Proposed(**dict(row)) for row in reversed(rows)}


async def settle_proposals(
    sql: asyncpg.Connection, offer: UUID, reading: UUID, free: int | None, *, as_of: datetime, source: str, by: Scope
) -> None:
    """A reading has come in force: by the partner it answers what was proposed, by others it outdates it.

    A reading of a day before the decline says nothing about it.
    """
    waiting = await sql.fetch(
        "select id, free from reading_proposal where offer = $1 and answer = '' and made_at <= $2 for update",
        offer,
        as_of,
    )
    for row in waiting:
        answer = "outdated" if source != BY_PARTNER else "confirmed" if free == row["free"] else "other"
        await _answer(sql, row["id"], answer, reading)
        if source == BY_PARTNER:
            await record(Event.READING_ANSWER, by=by, subject=("offer", offer), facts={"answer": answer})


async def reopen_proposals(sql: asyncpg.Connection, reading: UUID) -> None:
    """The reading that answered was taken back, and so the answer with it."""
    await sql.execute(
        "update reading_proposal set answer = '', answered_at = null, reading = null where reading = $1", reading
    )


@retrying
async def dismiss_proposal(proposal: UUID, *, actor: Actor) -> UUID:
    """The partner says that the number does not follow from the decline; its offer. Nothing else changes.

    Raises NotFound, also for another institution's; answered already, nothing happens.
    """
    async with transaction(actor.scope) as sql:
        row = await sql.fetchrow(
            """select p.offer, p.answer, o.institution from reading_proposal p join offer o on o.id = p.offer
            where p.id = $1 for update of p""",
            proposal,
        )
        if row is None or source_of(actor, row["institution"]) != BY_PARTNER:
            raise NotFound
        if row["answer"] == "":
            await _answer(sql, proposal, "dismissed", None)
            await record(
                Event.READING_ANSWER, by=actor.scope, subject=("offer", row["offer"]), facts={"answer": "dismissed"}
            )
        return UUID(str(row["offer"]))


async def _answer(sql: asyncpg.Connection, proposal: UUID, answer: str, reading: UUID | None) -> None:
    await sql.execute(
        "update reading_proposal set answer = $2, answered_at = $3, reading = $4 where id = $1",
        proposal,
        answer,
        clock.now(),
        reading,
    )
