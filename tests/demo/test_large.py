"""The large network is copied in bulk and still keeps what the small one keeps."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.database.pool import close_pool, open_pool
from referral_hub.demo import load
from referral_hub.demo.large import load_large
from referral_hub.referrals.closing import differs, verdicts_for
from referral_hub.referrals.states import State
from referral_hub.settings import settings
from tests.conftest import make_database, on_database

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)


@pytest.fixture
async def own_database(
    worker_id: str, pool: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[asyncpg.Connection]:
    """A database of its own: COPY goes by the owner's connection, outside any test's transaction."""
    name = f"hub_large_{worker_id}"
    url = await make_database(name)
    monkeypatch.setenv("REFERRAL_HUB_DATABASE_URL", url)
    owner = on_database(os.environ["HUB_TEST_OWNER_URL"], name)
    monkeypatch.setenv("REFERRAL_HUB_DATABASE_OWNER_URL", owner)
    settings.cache_clear()
    await close_pool()
    await open_pool(url, largest=2)
    sql = await asyncpg.connect(owner)
    yield sql
    await sql.close()
    await close_pool()
    monkeypatch.undo()
    settings.cache_clear()
    await open_pool(on_database(os.environ["HUB_TEST_APP_URL"], f"hub_{worker_id}"), largest=4)


async def test_large_network_has_the_size_asked_for_and_consistent_places(own_database: asyncpg.Connection) -> None:
    sql = own_database
    with clock.at(NOW):
        await load.directory("hasło na próbę", count=40)
        await load.history()
        for _ in range(2):
            await load_large(institutions=400, offers=1200, referrals=2000)
    for table, count in (("institution", 400), ("offer", 1200), ("referral_task", 2000)):
        assert await sql.fetchval(f"select count(*) from {table}") == count
    assert await sql.fetchval(
        """select count(*) from offer_places p where held + taken_since > free
        or held <> (select count(*) from hold h where h.offer = p.offer and h.state = 'held')
        or taken_since <> (select count(*) from hold h
          where h.offer = p.offer and h.state = 'taken' and h.reading = p.reading)"""
    ) == 0  # fmt: skip
    assert await sql.fetchval(
        """select count(*) from referral_task t join offer o on o.id = t.offer
        join referral_request q on q.id = t.request join participant p on p.id = t.participant
        left join legal_basis b on b.id = t.basis
        where o.institution <> t.receiver or (t.sender = t.receiver and not t.internal) or p.institution <> t.sender
        or q.sender <> t.sender or q.participant <> t.participant or q.case_code <> p.case_code
        or b.receiver <> t.receiver or b.participant <> t.participant or t.made_at > $1""",
        NOW,
    ) == 0  # fmt: skip
    assert await sql.fetchval(
        """select count(*) from referral_task t where t.state <> (
        select e.after from task_event e where e.task = t.id order by e.version desc limit 1)"""
    ) == 0  # fmt: skip
    # What both ends tell differently came along with both words: the same codes, some of it still to settle.
    differ = await sql.fetch(
        """select d.kind, d.verdict, d.settled_at, d.opened_at, t.state, f.got_help from discrepancy d
        join referral_task t on t.id = d.task join participant_feedback f on f.task = t.id"""
    )
    assert {True, False} == {bool(row["verdict"]) for row in differ}
    for row in differ:
        assert row["kind"] == differs(State(row["state"]), row["got_help"])
        assert row["verdict"] in ("", *verdicts_for(row["kind"]))
        assert not row["verdict"] or row["opened_at"] < row["settled_at"] <= NOW
    last = await sql.fetchval("select last from task_number where year = 2026")
    assert last == await sql.fetchval("select count(*) from referral_task where number like '2026/%'")
