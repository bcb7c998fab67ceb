"""Sending a referral through our action, against bare statements through asyncpg in a plain transaction, in one run.

The action loads the case, checks every condition and writes one CTE: task, place, hold, history, disclosure, audit,
link and mail, under row-level security. Beside it, as the owner of the tables (no row-level security):

- *the same CTE*: the very statement and values that sending would have written, taken from a send that was rolled back.
  What lies between the two is what our rules and rights cost. Once on connections set as ours are, which plan each
  question anew, and once on connections that keep the plan, as sending does: the stricter of the two.
- *places only*: the conditional UPDATE … RETURNING with the insert of the hold and nothing else. What lies between is
  also what history, disclosure, audit, link and mail cost; nobody could send a referral with it.
"""

import asyncio
import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import uvloop

from benchmarks.figures import Figure

T = TypeVar("T")
Draft = tuple[UUID, UUID]  # task, offer
Statement = tuple[str, tuple[Any, ...]]

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

    async def measure() -> list[tuple[float, float, float, float]]:
        as_ours = connect_options(urls.owner)
        keeping = as_ours | {"server_settings": as_ours["server_settings"] | {"plan_cache_mode": "auto"}}
        sizes = {"min_size": AT_ONCE, "max_size": AT_ONCE, "connection_class": HubConnection}
        async with (
            hub(urls, largest=AT_ONCE),
            asyncpg.create_pool(**as_ours, **sizes) as pool,
            asyncpg.create_pool(**keeping, **sizes) as keeping_pool,
        ):
            return await _rounds(pool, keeping_pool)

    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        Path(folder).chmod(0o711)  # for root's service user
        os.environ["REFERRAL_HUB_DATA_DIR"] = str(Path(folder) / "data")
        settings.cache_clear()
        with database() as urls:
            rates = uvloop.run(measure())
    mine, same, kept, places = (statistics.median(column) for column in zip(*rates, strict=True))
    against, strictly, over = (
        statistics.median(one[0] / one[peer] for one in rates) for peer in range(1, len(rates[0]))
    )
    return [
        Figure("referrals sent a second", mine, "1/s"),
        Figure("the same CTE, bare", same, "1/s"),
        Figure("the same CTE, bare, its plan kept", kept, "1/s"),
        Figure("places only, bare", places, "1/s"),
        Figure("sending against the same CTE", against, "ratio", at_least=0.7, goal=0.8),
        Figure("sending against the CTE with its plan kept", strictly, "ratio", at_least=0.4, goal=0.7),
        Figure("sending against places only", over, "ratio"),
    ]


async def _rounds(pool: Any, keeping_pool: Any) -> list[tuple[float, float, float, float]]:
    from referral_hub.referrals.actions import perform

    actor, person, offers = await _network()
    rates = []
    for _ in range(ROUNDS):
        ours = await _drafts(actor, person, offers)
        same = [await _as_written(actor, draft) for draft in await _drafts(actor, person, offers)]
        kept = [await _as_written(actor, draft) for draft in await _drafts(actor, person, offers)]
        places = await _drafts(actor, person, offers)

        async def send(draft: Draft) -> None:
            await perform(draft[0], actor=actor, verb="send", version=1)

        rates.append(
            (
                await _rate(ours, send),
                await _rate(same, partial(_again, pool)),
                await _rate(kept, partial(_again, keeping_pool)),
                await _rate(places, partial(_places_only, pool)),
            )
        )
    return rates


class _TakenBack(Exception):
    """Ends the send whose statement we only want to see."""


async def _as_written(actor: Any, draft: Draft) -> Statement:
    """The CTE that sending this draft writes, and its values; the send itself is rolled back."""
    from referral_hub.database.transaction import transaction
    from referral_hub.referrals.actions import perform

    seen: list[Statement] = []

    def note(query: Any) -> None:
        if query.query.startswith("with moved as"):
            seen.append((query.query, tuple(query.args)))

    with contextlib.suppress(_TakenBack):
        async with transaction(actor.scope) as sql:
            sql.add_query_logger(note)
            try:
                await perform(draft[0], actor=actor, verb="send", version=1)
                await asyncio.sleep(0)
            finally:
                sql.remove_query_logger(note)
            raise _TakenBack
    assert len(seen) == 1, "sending is one statement"
    return seen[0]


async def _again(pool: Any, statement: Statement) -> None:
    async with pool.acquire() as sql, sql.transaction():
        assert await sql.fetch(statement[0], *statement[1])


async def _places_only(pool: Any, draft: Draft) -> None:
    async with pool.acquire() as sql, sql.transaction():
        assert await sql.fetchval(_BARE, *_values(draft)) is not None


def _values(draft: Draft) -> tuple[object, ...]:
    from referral_hub.clock import now, today
    from referral_hub.database.columns import new_id

    return new_id(), *draft, now(), today()


async def _rate(drafts: list[T], work: Callable[[T], Awaitable[None]]) -> float:
    waiting = iter(drafts)

    async def worker() -> None:
        for draft in waiting:
            await work(draft)

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return len(drafts) / (time.perf_counter() - started)


async def _drafts(actor: Any, person: UUID, offers: list[UUID]) -> list[Draft]:
    from referral_hub.referrals.actions import draft

    basis = {"kind": "consent", "ground": "zgoda", "given_how": "spoken"}
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
