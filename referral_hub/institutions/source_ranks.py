"""Which source is believed first where several speak of one field: rows of `source_rank`, seeded once, then edited.

A source is a person's role (partner, coordinator, caseworker) or the kind of a register. The order of a field, else
the usual one (field ''), from first to last; what is not named comes after all that is.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import asyncpg
from msgspec import Struct

from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM, Scope, connection, retrying, transaction
from referral_hub.errors import Problem, Refused

PEOPLE: Final = ("partner", "coordinator", "caseworker")
RJPS, SUPPORT, CAPACITY = "rjps", "support-institutions", "capacity"

USUAL: Final = (*PEOPLE, RJPS, SUPPORT, CAPACITY)
"""The partner on itself first; the official register of 2026 before the voivode's list of 2024, both before a table
of numbers."""

SEED: Final[Mapping[str, tuple[str, ...]]] = {
    "": USUAL,
    "accessibility": (*PEOPLE, SUPPORT, RJPS, CAPACITY),
    "eligibility": (*PEOPLE, CAPACITY, SUPPORT, RJPS),
    "area": (*PEOPLE, SUPPORT, RJPS, CAPACITY),
}


class Ranks(Struct, frozen=True):
    """The orders by field; '' is the usual one."""

    orders: Mapping[str, tuple[str, ...]]

    def order(self, field: str) -> tuple[str, ...]:
        """The sources in the order in which they are believed for a field."""
        return self.orders.get(field) or self.orders.get("") or USUAL

    def rank(self, field: str, source: str) -> int:
        """The place of a source in that order; an unknown one comes last."""
        order = self.order(field)
        return order.index(source) if source in order else len(order)


SEEDED: Final = Ranks(SEED)


async def load_ranks(sql: asyncpg.Connection | None = None) -> Ranks:
    """The orders as they stand in the database; the seeded ones where nobody has written any."""
    question = "select field, source from source_rank order by field, position, source"
    if sql is not None:
        rows = await sql.fetch(question)
    else:
        async with connection() as opened:
            rows = await opened.fetch(question)
    orders: dict[str, tuple[str, ...]] = {}
    for row in rows:
        orders[row["field"]] = (*orders.get(row["field"], ()), row["source"])
    return Ranks(orders) if orders else SEEDED


async def seed_ranks() -> None:
    """Write the orders of this version where there are none; what the coordinator set is left alone."""
    async with transaction(SYSTEM) as sql:
        # Two processes may start at once: the second one waits and then finds the rows.
        await sql.execute("lock table source_rank in share row exclusive mode")
        if await sql.fetchval("select true from source_rank limit 1"):
            return
        for field, order in SEED.items():
            await _write(sql, field, order)


@retrying
async def set_order(field: str, order: Sequence[str], *, by: Scope) -> bool:
    """Believe these sources in this order about a field ('' is the usual order); whether anything changed.

    Raises Refused("invalid") when a source is missing, named twice or unknown.
    """
    async with transaction(by) as sql:
        known = await known_sources(sql)
        if sorted(order) != sorted(known) or len(field) > 40:
            raise Refused("invalid", [Problem("order", "not_a_choice")])
        await sql.execute("lock table source_rank in share row exclusive mode")
        before = (await load_ranks(sql)).orders.get(field)
        if before == tuple(order):
            return False
        await sql.execute("delete from source_rank where field = $1", field)
        await _write(sql, field, order)
        facts = {"field": field, "order": list(order)}
        await record(Event.SOURCE_RANK, by=by, subject=("source_rank", None), facts=facts)
        return True


async def known_sources(sql: asyncpg.Connection) -> tuple[str, ...]:
    """Every source an order must name: people, the registers we read, and what was ranked before."""
    rows = await sql.fetch("select distinct source from source_rank")
    return tuple(dict.fromkeys((*USUAL, *sorted(row["source"] for row in rows))))


async def _write(sql: asyncpg.Connection, field: str, order: Sequence[str]) -> None:
    await sql.executemany(
        "insert into source_rank (id, field, source, position) values ($1, $2, $3, $4)",
        [(new_id(), field, source, position) for position, source in enumerate(order)],
    )
