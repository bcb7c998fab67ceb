"""A worker's copy of the directory follows what is written elsewhere."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import asyncpg
import pytest
from litestar import Litestar

from referral_hub import clock
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.database.writes import write_all
from referral_hub.directory import read_model_refresh
from referral_hub.directory.own_writes import Message, OwnWrites, Send
from referral_hub.directory.read_model import Model, apply_changes, turn_day
from referral_hub.directory.read_model_refresh import directory, keeping, read_model
from referral_hub.directory.read_model_rows import read_rows
from referral_hub.directory.read_model_search import Asked, search
from referral_hub.institutions.changes import places_news, tell_directory
from tests.build import make_institution, make_offer, make_site
from tests.conftest import on_database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def kept(pool: None, worker_id: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A running keeper on committed rows, which are taken away again."""
    monkeypatch.setattr(read_model_refresh, "POLL_SECONDS", 0.3)
    try:
        async with keeping(Litestar([])):
            yield
    finally:
        # Readings are append-only for the hub itself, so the owner of the server cleans up.
        admin = await asyncpg.connect(on_database(os.environ["HUB_TEST_ADMIN_URL"], f"hub_{worker_id}"))
        for table in ("offer_places", "capacity_reading", "offer_site", "offer", "site", "institution"):
            await admin.execute(f"delete from {table}")
        await admin.close()


async def until(true: Callable[[Model], bool]) -> Model:
    """Wait at most five seconds for the copy to know something."""
    for _ in range(250):
        model = await directory()
        if true(model):
            return model
        await asyncio.sleep(0.02)
    raise AssertionError("the read model did not follow")


async def tell(**what: UUID) -> None:
    async with transaction(SYSTEM) as sql:
        await tell_directory(sql, **what)


async def test_a_hint_brings_the_new_offer_and_its_words(kept: None) -> None:
    own = await make_institution("Fundacja Promyk")
    offer = await make_offer(own, title="Lutowanie układów", site=await make_site(own), free=2)
    await tell(offer=offer)
    model = await until(lambda m: str(offer) in m.cards)
    assert search(model, Asked(q="lutowania")).total == 1
    async with transaction(SYSTEM) as sql:
        await sql.execute("update offer set title = 'Szycie na miarę', version = 2 where id = $1", offer)
        await sql.execute("update offer_places set held = 2 where offer = $1", offer)
        await tell_directory(sql, offer=offer)
    model = await until(lambda m: m.cards[str(offer)].capacity.free == 0)
    assert [search(model, Asked(q=q)).total for q in ("lutowania", "szyciem")] == [0, 1]
    assert search(model, Asked(free=True)).total == 0
    async with transaction(SYSTEM) as sql:
        await sql.execute("update offer set status = 'archived' where id = $1", offer)
        await tell_directory(sql, offer=offer)
    model = await until(lambda m: str(offer) not in m.cards)
    assert search(model, Asked(q="szycie")).total == 0


async def test_the_version_is_the_truth_where_a_hint_was_lost(kept: None) -> None:
    own = await make_institution("Cicha Fundacja")
    async with transaction(SYSTEM) as sql:
        await sql.execute(
            "insert into directory_version (id, number) values (99, 1) on conflict (id) do update set number = 2"
        )
    await until(lambda m: str(own) in m.partners)


async def test_a_copy_that_followed_equals_one_read_anew(database: object) -> None:
    one, two = await make_institution("Pierwsza", "ops"), await make_institution("Druga")
    site = await make_site(one)
    first = await make_offer(one, "posilek", "Ciepły obiad", site=site, free=1)
    model = await read_model()
    second = await make_offer(two, "schronienie", "Nocleg dla kobiet", remote=True, free=4)
    async with transaction(SYSTEM) as sql:
        await sql.execute("update offer set title = 'Zimna kolacja' where id = $1", first)
        rows = await read_rows(sql, clock.today(), [one, two])
    apply_changes(model, 7, rows, [str(one), str(two)])
    anew = await read_model()
    for asked in (Asked(), Asked(q="kolacja"), Asked(q="obiad"), Asked(q="nocleg kobiet"), Asked(free=True)):
        a, b = search(model, asked), search(anew, asked)
        assert (a.total, a.facets) == (b.total, b.facets)
        assert [model.by_number[n].id for n in a.numbers] == [anew.by_number[n].id for n in b.numbers]
    assert model.version == 7
    assert str(second) in model.cards


async def test_a_new_day_ages_the_readings(database: object) -> None:
    own = await make_institution()
    offer = await make_offer(own, free=3, rhythm="week")
    model = await read_model()
    assert search(model, Asked(free=True)).total == 1
    turn_day(model, clock.today().replace(year=clock.today().year + 1))
    assert model.cards[str(offer)].capacity.freshness == "closed"
    assert search(model, Asked(free=True)).total == 0
    assert search(model, Asked()).total == 1


async def test_whoever_writes_finds_it_on_the_next_page(kept: None) -> None:
    own = await make_institution("Fundacja Natychmiast")

    async def save(scope: Message, receive: object, send: Send) -> None:
        offer = await make_offer(own, title="Zupa od zaraz", free=1)
        async with transaction(SYSTEM) as sql:
            await write_all(sql, [places_news(offer)])
        await send({"type": "http.response.start", "status": 303, "headers": []})

    async def send(message: Message) -> None:
        assert search(await directory(), Asked(q="zupa")).total == 1
        answered.append(message["type"])

    answered: list[str] = []
    await OwnWrites(save)({"type": "http", "method": "POST"}, None, send)  # type: ignore[arg-type]
    assert answered == ["http.response.start"]
