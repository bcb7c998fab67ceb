"""`--size large`: the small demonstration first, then a network of a whole country copied from it in bulk."""

from datetime import datetime
from random import Random

import asyncpg

from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo import load
from referral_hub.demo.history import Progress
from referral_hub.demo.large_network import make_network, write_readings
from referral_hub.demo.large_referrals import PEOPLE_PER_REFERRAL, Copier, copy_referrals, make_people, read_models
from referral_hub.demo.marks import RUN, first_run, mark, marks
from referral_hub.institutions.changes import tell_directory
from referral_hub.settings import settings
from referral_hub.web.health import now_ready

INSTITUTIONS, OFFERS, REFERRALS = 5_000, 20_000, 200_000


async def load_large(
    progress: Progress = lambda done, total: None,
    *,
    institutions: int = INSTITUTIONS,
    offers: int = OFFERS,
    referrals: int = REFERRALS,
) -> None:
    """Fill up to these totals, once, after `load.history`. As the owner of the tables: COPY knows no policies.

    Everything is one transaction: a broken-off load leaves nothing behind. `progress` is told (done, total).
    """
    if "large" in await marks(RUN):
        now_ready(load.AWAITED_LARGE)
        return
    now, seed, _ = await first_run(1, load.REFERRALS)
    rng = Random(seed)  # noqa: S311 -- invented lives, not secrets
    sql = await asyncpg.connect(settings().database_owner_url or settings().database_url)
    try:
        async with sql.transaction():
            await _fill(sql, (institutions, offers, referrals), now, rng, progress)
        await sql.execute("analyze")
    finally:
        await sql.close()
    async with transaction(SYSTEM) as open_sql:
        await tell_directory(open_sql)
        await mark(RUN, "large", {"referrals": referrals})
    now_ready(load.AWAITED_LARGE)


async def _fill(
    sql: asyncpg.Connection, totals: tuple[int, int, int], now: datetime, rng: Random, progress: Progress
) -> None:
    institutions, offers, referrals = totals
    there = await sql.fetchrow(
        """select (select count(*) from institution) as institutions, (select count(*) from offer) as offers,
        (select count(*) from referral_task) as referrals, (select min(made_at) from referral_task) as begun"""
    )
    made = await make_network(sql, institutions - there["institutions"], offers - there["offers"], now, rng)
    missing = referrals - there["referrals"]
    people = await make_people(sql, round(missing * PEOPLE_PER_REFERRAL), made.senders, now, rng)
    copier = Copier(await read_models(sql, there["begun"]), made, people, rng)
    await copy_referrals(sql, copier, missing, progress)
    await write_readings(sql, made, rng)
