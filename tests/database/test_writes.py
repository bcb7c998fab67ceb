"""Writes gathered into one statement happen together; work for after the commit waits for it."""

import asyncpg
import pytest

from referral_hub.audit.actions import audit_line
from referral_hub.audit.events import Event
from referral_hub.database.transaction import SYSTEM, after_commit, transaction
from referral_hub.database.writes import Write, write_all
from referral_hub.jobs.actions import wish

pytestmark = pytest.mark.anyio


async def test_gathered_writes_are_all_done_and_answer_by_name(database: asyncpg.Connection) -> None:
    added = Write("insert into task_number (year, last) values ($1, $2) returning last", (1999, 7), "made", "last")
    nothing = Write("update task_number set last = $2 where year = $1 returning last", (1888, 1), "none", "last")
    async with transaction(SYSTEM) as sql:
        lines = [audit_line(Event.TERM_ADD, by=SYSTEM), wish("nothing", {"a": 1}), wish("nothing", {"b": 2})]
        done = await write_all(sql, [added, *lines, nothing])
        assert (done["made"], done["none"]) == (7, None)
        assert await sql.fetchval("select count(*) from job where name = 'nothing'") == 2
        assert await sql.fetchval("select count(*) from audit_event") == 1
        assert await sql.fetchval("select last from task_number where year = 1999") == 7


async def test_one_wrong_write_undoes_them_all(database: asyncpg.Connection) -> None:
    async def twice() -> None:
        async with transaction(SYSTEM) as sql:
            one = Write("insert into task_number (year, last) values ($1, $2)", (1999, 7))
            await write_all(sql, [audit_line(Event.TERM_ADD, by=SYSTEM), one])
            await write_all(sql, [audit_line(Event.TERM_ADD, by=SYSTEM), one])

    with pytest.raises(asyncpg.UniqueViolationError):
        await twice()
    assert await database.fetchval("select count(*) from audit_event") == 0


async def test_only_a_transaction_of_ours_promises_an_afterwards(pool: None) -> None:
    called: list[str] = []
    assert not after_commit(lambda: called.append("outside"))
    async with transaction(SYSTEM):
        async with transaction(SYSTEM):
            assert after_commit(lambda: called.append("committed"))
        assert called == []
    assert called == ["committed"]

    async def in_vain() -> None:
        async with transaction(SYSTEM):
            after_commit(lambda: called.append("rolled back"))
            raise LookupError

    with pytest.raises(LookupError):
        await in_vain()
    assert called == ["committed"]
