"""Two hundred senders at once for thirty places, on real connections: exactly thirty holds."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import pytest

from referral_hub.database.pool import ENGINE, close_pool, open_pool
from referral_hub.errors import HubError, Refused, Stale
from referral_hub.institutions.changes import CHANNEL
from referral_hub.referrals.actions import perform
from tests.conftest import make_database
from tests.referrals.scene import Scene, make_scene, places_of, row_of, state_of, value

pytestmark = pytest.mark.anyio
RACERS, PLACES = 200, 30


@contextlib.asynccontextmanager
async def scratch(name: str) -> AsyncIterator[None]:
    """A database of its own where things are really committed; the worker's pool comes back afterwards."""
    before, ENGINE.pool, config = ENGINE.pool, None, ENGINE.config
    try:
        await open_pool(await make_database(name), largest=12)
        yield
    finally:
        await close_pool()
        ENGINE.pool, ENGINE.config = before, config


async def attempt(scene: Scene, task: object, verb: str, **more: object) -> str:
    try:
        await perform(task, verb=verb, **{"actor": scene.caseworker, "version": 1, **more})  # type: ignore[arg-type]
    except HubError as error:
        return error.code
    return "done"


async def test_two_hundred_racers_for_thirty_places_get_exactly_thirty(pool: None, worker_id: str) -> None:
    async with scratch(f"racers_{worker_id}"):
        scene = await make_scene(free=PLACES)
        tasks = [await scene.draft() for _ in range(RACERS)]
        codes = await asyncio.gather(*(attempt(scene, task, "send") for task in tasks))
        assert codes.count("done") == PLACES
        assert set(codes) <= {"done", "no_place", "offer_is_sendable"}
        assert await places_of(scene.offer) == (PLACES, PLACES, 0)
        assert await value("select count(*) from hold where state = 'held'") == PLACES
        assert await value("select count(*) from referral_task where state = 'sent'") == PLACES
        assert await value("select count(*) from task_event where verb = 'send'") == PLACES
        assert await value("select count(*) from audit_event where event = 'referral:send'") == PLACES


async def test_one_task_is_answered_once_however_many_answer(pool: None, worker_id: str) -> None:
    async with scratch(f"answers_{worker_id}"):
        scene = await make_scene(free=1)
        task = await scene.sent()
        moves = [("accept", {}), ("decline", {"fields": {"reason": "out_of_area"}})] * 8
        codes = await asyncio.gather(
            *(attempt(scene, task, verb, actor=scene.intake, version=2, **more) for verb, more in moves)
        )
        assert codes.count("done") == 1
        assert set(codes) == {"done", Stale.code}
        assert await state_of(task) in ("accepted", "declined")
        assert (await row_of(task))["version"] == 3
        free, held, taken = await places_of(scene.offer)
        assert (free, held) == (1, 0)
        assert taken == (1 if await state_of(task) == "accepted" else 0)


async def test_the_last_place_is_taken_once_from_many_waiting(pool: None, worker_id: str) -> None:
    async with scratch(f"waiting_{worker_id}"):
        scene = await make_scene(free=10)
        tasks = [await scene.sent() for _ in range(10)]
        fields = {"position": 1, "review_on": "2099-01-01"}
        for task in tasks:
            await scene.move(task, "waitlist", fields, by=scene.intake)
        from referral_hub.database.transaction import SYSTEM, transaction

        async with transaction(SYSTEM) as sql:
            await sql.execute("update offer_places set free = 3 where offer = $1", scene.offer)
        turns = {"actor": scene.intake, "version": 3, "fields": {"out_of_order": "acute"}}
        codes = await asyncio.gather(*(attempt(scene, task, "accept", **turns) for task in tasks))
        assert codes.count("done") == 3
        assert codes.count("no_place") == 7
        assert await places_of(scene.offer) == (3, 0, 3)
        assert Refused.status == 422


async def test_a_double_click_sends_once(pool: None, worker_id: str) -> None:
    async with scratch(f"clicks_{worker_id}"):
        scene = await make_scene(free=5)
        task = await scene.draft()
        codes = await asyncio.gather(*(attempt(scene, task, "send") for _ in range(8)))
        assert sorted(codes) == ["done", *["stale"] * 7]
        assert await places_of(scene.offer) == (5, 1, 0)


async def test_a_changed_number_of_places_is_told_after_the_commit(pool: None, worker_id: str) -> None:
    async with scratch(f"hints_{worker_id}"):
        scene = await make_scene(free=5)
        task = await scene.draft()
        heard: asyncio.Queue[str] = asyncio.Queue()
        listener = await asyncpg.connect(**ENGINE.config)
        await listener.add_listener(CHANNEL, lambda *told: heard.put_nowait(str(told[-1])))
        before = await value("select sum(number) from directory_version")
        await scene.move(task, "send")
        assert await value("select sum(number) from directory_version") > before
        assert await asyncio.wait_for(heard.get(), 10) == f"offer:{scene.offer}"
        await listener.close()
