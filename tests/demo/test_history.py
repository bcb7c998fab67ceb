"""The invented history is made by the hub's own actions, so that everything they promise holds for it."""

import itertools
from datetime import UTC, datetime

import asyncpg
import httpx
import msgspec
import pytest

from referral_hub import clock
from referral_hub.demo import load
from referral_hub.demo.history import set_stage, tell_stories
from referral_hub.demo.open_cases import plan
from referral_hub.directory.business_days import business_days_between
from referral_hub.mail.actions import facts_of
from referral_hub.referrals.clocks import DEFAULT
from referral_hub.referrals.states import State
from referral_hub.web.health import all_ready
from referral_hub.web.page import network
from tests.demo.raw_figures import figures_agree

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
COUNT = 110
NEW_YEAR = datetime(2027, 1, 1, 0, 30, tzinfo=UTC)
ODD_DAYS = (
    datetime(2026, 3, 29, 13, tzinfo=UTC),  # an hour is missing
    datetime(2026, 4, 5, 22, 30, tzinfo=UTC),  # Easter, in Warsaw already its Monday
    datetime(2026, 5, 3, 13, tzinfo=UTC),
    datetime(2026, 6, 4, 4, tzinfo=UTC),  # Corpus Christi
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # an hour comes twice
    datetime(2026, 12, 26, 23, 30, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 10, tzinfo=UTC),  # in Warsaw already the next year
    datetime(2028, 2, 29, 13, tzinfo=UTC),
    *(datetime(2026, 11, day, 13, tzinfo=UTC) for day in range(16, 23)),
)
OF_REQUESTS = 8
"""Two asked side by side, a group of four, and two in the small club's own group, beside the stories."""


async def as_system(database: asyncpg.Connection) -> None:
    """Look as the hub itself, until the next action sets its own scope."""
    await database.execute("select set_config('hub.kind', 'system', true), set_config('hub.oversees', 'yes', true)")


async def test_history_holds_what_the_actions_promise(database: asyncpg.Connection, web: httpx.AsyncClient) -> None:
    with clock.at(NOW):
        await load.directory("hasło na próbę", count=COUNT)
        assert not all_ready()
        assert network.banner == load.LOADING
        refused = await load.history()
    assert all_ready()
    assert network.banner == load.LOADED
    assert refused == 0
    await as_system(database)
    await nobody_is_left_to_silence(database, NOW)
    await every_task_has_its_whole_history(database)
    await places_agree_with_holds_and_readings(database)
    await people_are_sealed_and_only_recent_letters_wait(database)
    with clock.at(NOW):
        await figures_agree(database, web)


async def every_task_has_its_whole_history(database: asyncpg.Connection) -> None:
    tasks = await database.fetch("select id, state, version from referral_task")
    assert len(tasks) == COUNT + OF_REQUESTS
    assert {task["state"] for task in tasks} == {state.value for state in State}
    rows = await database.fetch("select task, before, after, version, at from task_event order by task, version")
    lines_of = {task: list(lines) for task, lines in itertools.groupby(rows, lambda row: row["task"])}
    for task in tasks:
        lines = lines_of[task["id"]]
        assert [line["version"] for line in lines] == list(range(1, task["version"] + 1))
        assert lines[-1]["after"] == task["state"]
        assert all(one["after"] == two["before"] for one, two in itertools.pairwise(lines))
        assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
        assert lines[-1]["at"] <= NOW


async def nobody_is_left_to_silence(database: asyncpg.Connection, now: datetime) -> None:
    """No clock has ended, whoever may be told on has a day, and nothing unanswered is older than clocks allow."""
    today = now.astimezone(clock.WARSAW).date()
    longest = max(times.expire for times in (*DEFAULT.usual.values(), *DEFAULT.slow.values()))
    rows = await database.fetch(
        """select *, (sent_at at time zone 'Europe/Warsaw')::date as sent_on from referral_task
        where state in ('sent', 'info_needed', 'waitlisted', 'on_hold', 'cancel_requested')"""
    )
    assert rows
    for row in rows:
        assert row["escalate_on"] is not None
        assert row["expire_on"] is None or row["expire_on"] >= today
        if row["state"] in ("sent", "info_needed"):
            assert business_days_between(row["sent_on"], today) <= longest
            assert row["no_data"] or row["expire_on"] is not None


@pytest.mark.full
@pytest.mark.parametrize("today", ODD_DAYS, ids=str)
async def test_history_is_whole_whichever_day_it_is(database: asyncpg.Connection, today: datetime) -> None:
    with clock.at(today):
        await load.directory("hasło na próbę", count=COUNT)
        assert await load.history() == 0
    await as_system(database)
    await nobody_is_left_to_silence(database, today)


async def places_agree_with_holds_and_readings(database: asyncpg.Connection) -> None:
    wrong = await database.fetch(
        """select p.offer from offer_places p where
        p.held <> (select count(*) from hold h where h.offer = p.offer and h.state = 'held')
        or p.taken_since <> (select count(*) from hold h join capacity_reading r on r.id = p.reading
          where h.offer = p.offer and h.state = 'taken' and h.taken_at >= r.recorded_at)
        or p.held + p.taken_since > p.free"""
    )
    assert wrong == []


async def people_are_sealed_and_only_recent_letters_wait(database: asyncpg.Connection) -> None:
    taken_in = await database.fetchval("select count(*) from participation where task is not null")
    assert taken_in
    assert await database.fetchval("select count(*) from participant") == 40 + taken_in
    text = await database.fetchval("select string_agg(p::text, ' ') from participant p")
    assert "Przykładowa" not in text
    jobs = await database.fetch("select payload from job where name = 'send_mail'")
    assert 5 < len(jobs) < 120
    assert "/a/" in " ".join(str(facts_of(msgspec.json.decode(job["payload"]))) for job in jobs)


async def test_a_broken_off_history_goes_on_where_it_stopped(database: asyncpg.Connection) -> None:
    with clock.at(NEW_YEAR):
        await load.directory("hasło na próbę", count=40)
        stories = plan(40, NEW_YEAR, 1)
        await tell_stories(stories[:20], await set_stage(NEW_YEAR), NEW_YEAR, lambda done, total: None)
        await as_system(database)
        assert await database.fetchval("select count(*) from referral_task") == 20
        assert await load.history() == 0
        await as_system(database)
        await nobody_is_left_to_silence(database, NEW_YEAR)
        assert await database.fetchval("select count(*) from referral_task") == 40 + OF_REQUESTS
        before = await database.fetchval("select count(*) from audit_event")
        await load.directory("hasło na próbę")
        assert await load.loaded()
        await load.history()
        assert await database.fetchval("select count(*) from audit_event") == before
