"""Two workers and two coordinators at the same moment: one message, one task, one note."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest

from referral_hub import clock
from referral_hub.database.pool import ENGINE, close_pool, open_pool
from referral_hub.database.transaction import connection
from referral_hub.errors import Refused
from referral_hub.upkeep.asking_actions import ask_everybody_due
from referral_hub.upkeep.call_actions import note_call
from tests.build import _insert, actor_for, make_account, make_institution, make_offer
from tests.conftest import make_database

pytestmark = pytest.mark.anyio
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
async def apart(pool: None, worker_id: str) -> AsyncIterator[None]:
    """A database of its own, with real transactions beside one another; the worker's pool comes back afterwards."""
    before, ENGINE.pool, config = ENGINE.pool, None, ENGINE.config
    try:
        await open_pool(await make_database(f"hub_racing_{worker_id}"), largest=8)
        yield
    finally:
        await close_pool()
        ENGINE.pool, ENGINE.config = before, config


async def count(text: str, *values: object) -> int:
    async with connection() as sql:
        return int(await sql.fetchval(text, *values))


async def test_ten_workers_ask_each_partner_once(apart: None) -> None:
    asked = [await _partner(f"P{number}", "email") for number in range(3)]
    called = [await _partner(f"T{number}", "phone") for number in range(3)]
    with clock.at(MONDAY):
        sent = await asyncio.gather(*(ask_everybody_due() for _ in range(10)))
    assert sum(sent) == len(asked)
    assert await count("select count(*) from asking") == len(asked)
    assert await count("select count(*) from job where name = 'send_mail'") == len(asked)
    assert await count("select count(*) from call_task") == len(called)


async def test_two_coordinators_note_the_same_call_at_once(apart: None) -> None:
    partner = await _partner("Wyścig", "phone")
    club = await make_institution("KIS", kind="kis", club=True)
    callers = [await actor_for(club, "coordinator") for _ in range(4)]
    with clock.at(MONDAY):
        await ask_everybody_due()
        async with connection() as sql:
            task = await sql.fetchval("select id from call_task where institution = $1", partner)
            offer = await sql.fetchval("select id from offer where institution = $1", partner)
        results = await asyncio.gather(
            *(
                note_call(partner, "new_number", actor=caller, numbers={offer: place}, seen=(task, 0))
                for place, caller in enumerate(callers)
            ),
            return_exceptions=True,
        )
    codes = [result.code if isinstance(result, Refused) else "noted" for result in results]
    assert sorted(codes) == ["call_noted_meanwhile"] * 3 + ["noted"]
    assert await count("select count(*) from call_note") == 1
    assert await count("select count(*) from capacity_reading where source = 'reported'") == 1


async def _partner(name: str, reached_by: str) -> UUID:
    institution = await make_institution(name, reached_by=reached_by)
    value = f"b{institution.hex[-6:]}@ngo.example"
    await _insert("contact", {"institution": institution, "kind": "email", "value": value})
    await make_account(institution, "partner_editor")
    await make_offer(institution)
    return institution
