"""Sending a referral through our action, against the bare statement that counts places through asyncpg.

Ours also writes the task, history, disclosure, audit line, an answer link and its mail, under row-level security. The
bare one is the conditional UPDATE … RETURNING with the insert of the hold, as the owner of the tables (no row-level
security), in a plain transaction; for the record also alone, where one journey to the server does everything.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import uvloop

from benchmarks.figures import Figure

_BARE = """with place as (
 update offer_places set held = held + 1
 where offer = $3 and free is not null and free - held - taken_since > 0 returning reading)
insert into hold (id, task, offer, reading, state, placed_at, ends_on)
select $1, $2, $3, place.reading, 'held', $4, $5 from place returning id"""
ROUNDS, EACH, AT_ONCE, OFFERS = 5, 160, 8, 40


def run() -> list[Figure]:
    """Sends a second of both, and our share of the bare statement's."""
    from referral_hub.commands.opened import database, hub
    from referral_hub.database.pool import HubConnection, connect_options
    from referral_hub.settings import settings

    async def measure() -> list[tuple[float, float, float]]:
        async with hub(urls, largest=AT_ONCE):
            pool = await asyncpg.create_pool(
                **connect_options(urls.owner), min_size=AT_ONCE, max_size=AT_ONCE, connection_class=HubConnection
            )
            try:
                return await _rounds(pool)
            finally:
                await pool.close()

    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        Path(folder).chmod(0o711)  # for root's service user
        os.environ["REFERRAL_HUB_DATA_DIR"] = str(Path(folder) / "data")
        settings.cache_clear()
        with database() as urls:
            rates = uvloop.run(measure())
    mine, plain, alone = (statistics.median(column) for column in zip(*rates, strict=True))
    against = statistics.median(ours / bare for ours, bare, _ in rates)
    single = statistics.median(ours / bare for ours, _, bare in rates)
    return [
        Figure("referrals sent a second", mine, "1/s"),
        Figure("bare statement in a transaction", plain, "1/s"),
        Figure("bare statement alone", alone, "1/s"),
        Figure("sending against it in a transaction", against, "ratio", at_least=0.5, goal=0.8),
        Figure("sending against it alone", single, "ratio"),
    ]


async def _rounds(pool: Any) -> list[tuple[float, float, float]]:
    from referral_hub.referrals.actions import perform

    actor, person, offers = await _network()
    rates = []
    for _ in range(ROUNDS):
        ours = await _drafts(actor, person, offers)
        plain, alone = await _drafts(actor, person, offers), await _drafts(actor, person, offers)

        async def send(draft: tuple[UUID, UUID]) -> None:
            await perform(draft[0], actor=actor, verb="send", version=1)

        rates.append(
            (
                await _rate(ours, send),
                await _rate(plain, partial(_in_transaction, pool)),
                await _rate(alone, partial(_alone, pool)),
            )
        )
    return rates


async def _in_transaction(pool: Any, draft: tuple[UUID, UUID]) -> None:
    async with pool.acquire() as sql, sql.transaction():
        assert await sql.fetchval(_BARE, *_values(draft)) is not None


async def _alone(pool: Any, draft: tuple[UUID, UUID]) -> None:
    async with pool.acquire() as sql:
        assert await sql.fetchval(_BARE, *_values(draft)) is not None


def _values(draft: tuple[UUID, UUID]) -> tuple[object, ...]:
    from referral_hub.clock import now, today
    from referral_hub.database.columns import new_id

    return new_id(), *draft, now(), today()


async def _rate(drafts: list[tuple[UUID, UUID]], work: Callable[[tuple[UUID, UUID]], Awaitable[None]]) -> float:
    waiting = iter(drafts)

    async def worker() -> None:
        for draft in waiting:
            await work(draft)

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return len(drafts) / (time.perf_counter() - started)


async def _drafts(actor: Any, person: UUID, offers: list[UUID]) -> list[tuple[UUID, UUID]]:
    from referral_hub.referrals.actions import draft

    basis = {"kind": "consent", "ground": "zgoda"}
    made = []
    for number in range(EACH):
        offer = offers[number % len(offers)]
        made.append((await draft(actor=actor, person=person, offer=offer, need="prawo", basis=basis), offer))
    return made


async def _network() -> tuple[Any, UUID, list[UUID]]:
    from referral_hub.database.columns import new_id
    from referral_hub.database.transaction import SYSTEM, transaction
    from referral_hub.participants.actions import register
    from tests.build import actor_for, make_agreement, make_institution, make_offer

    club = await make_institution("Klub", kind="kis", club=True)
    await make_agreement(club)
    actor = await actor_for(club, "caseworker")
    person = await register(actor=actor, label="Osoba Próbna", sex="K", contact="600 700 800")
    offers = []
    for number in range(OFFERS):
        partner = await make_institution(f"Partner {number}")
        async with transaction(SYSTEM) as sql:
            await sql.execute(
                "insert into contact (id, institution, kind, value) values ($1, $2, 'email', $3)",
                new_id(),
                partner,
                f"biuro{number}@hub.example",
            )
        offers.append(await make_offer(partner, free=9999))
    return actor, person.id, offers


if __name__ == "__main__":
    for figure in run():
        print(f"{figure.name:44} {figure.value:10.2f} {figure.unit:6} {figure.promise}")
