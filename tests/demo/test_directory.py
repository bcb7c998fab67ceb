"""The directory of the demonstration is made by the hub's own actions, quickly, once."""

from datetime import UTC, datetime

import asyncpg
import msgspec
import pytest

from referral_hub import clock
from referral_hub.accounts.actions import sign_in
from referral_hub.demo import load
from referral_hub.demo.network import institutions, offers
from referral_hub.directory.freshness import freshness
from referral_hub.institutions.agreements import standings
from referral_hub.mail.actions import facts_of

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
PASSWORD = "hasło na próbę"


@pytest.fixture
async def network(database: asyncpg.Connection) -> asyncpg.Connection:
    with clock.at(NOW):
        await load.directory(PASSWORD)
    return database


async def test_directory_is_what_the_files_say(network: asyncpg.Connection) -> None:
    await everything_in_the_files_is_there(network)
    await readings_have_every_age(network)
    await addresses_of_shelters_are_for_staff(network)
    await a_partner_is_asked_whatever_the_hour(network)
    await an_office_is_at_work(network)


async def an_office_is_at_work(network: asyncpg.Connection) -> None:
    assert await network.fetchval("select count(*) from notice") == 3
    assert await network.fetchval("select count(*) from claim where used_at is null") == 1
    assert await network.fetchval("select count(*) from favourite") == 3
    with clock.at(NOW):
        assert {row.state(clock.today()) for row in await standings()} == {"in_force", "ends_soon"}


async def everything_in_the_files_is_there(network: asyncpg.Connection) -> None:
    # Other files of the demonstration add a few: entries that may be one, drafts, confidential places.
    rows = await network.fetch("select i.name, o.title from institution i left join offer o on o.institution = i.id")
    names = {one.key: one.name for one in institutions()}
    assert {(names[one.at], one.title) for one in offers()} <= {(row["name"], row["title"]) for row in rows}
    assert set(names.values()) <= {row["name"] for row in rows}
    assert await network.fetchval("select count(*) from institution where club") == 1
    assert await network.fetchval("select count(distinct institution) from data_agreement") == len(institutions())


async def readings_have_every_age(network: asyncpg.Connection) -> None:
    rows = await network.fetch(
        """select o.rhythm, r.as_of, p.free from offer o left join offer_places p on p.offer = o.id
        left join capacity_reading r on r.id = p.reading"""
    )
    labels = {
        freshness(row["as_of"] and row["as_of"].astimezone(clock.WARSAW).date(), row["rhythm"], NOW.date()).value
        for row in rows
    }
    assert labels == {"fresh", "ask_first", "not_suggested", "closed", "unknown"}
    assert any(row["free"] == 0 for row in rows)


async def addresses_of_shelters_are_for_staff(network: asyncpg.Connection) -> None:
    rows = await network.fetch(
        "select s.address_visibility, s.lat from site s join institution i on i.id = s.institution where i.kind = 'oik'"
    )
    assert rows
    assert {row["address_visibility"] for row in rows} == {"staff"}
    assert {row["lat"] for row in rows} == {None}


async def a_partner_is_asked_whatever_the_hour(network: asyncpg.Connection) -> None:
    rows = await network.fetch("select payload from job where name = 'send_mail'")
    letters = [msgspec.json.decode(row["payload"]) for row in rows]
    assert any(one["to"] == "kontakt@otwartedrzwi.example" and "/c/" in str(facts_of(one)) for one in letters)


async def test_a_second_start_changes_nothing_and_a_new_password_opens(network: asyncpg.Connection) -> None:
    counts = """select (select count(*) from audit_event), (select count(*) from capacity_reading),
     (select count(*) from account)"""
    before = await network.fetchrow(counts)
    with clock.at(NOW):
        assert len(await load.directory(PASSWORD, seed=9)) == 9
        assert await network.fetchrow(counts) == before
        await load.directory("inne hasło na próbę")
        assert await sign_in("solo@demo.example", "inne hasło na próbę")
