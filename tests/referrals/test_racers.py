"""Two hundred senders at once for thirty places, on real connections: exactly thirty holds."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from random import Random

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.database.pool import ENGINE, close_pool, open_pool
from referral_hub.errors import HubError, Refused, Stale
from referral_hub.institutions.changes import CHANNEL
from referral_hub.referrals.actions import perform
from referral_hub.referrals.holds import lapse_holds
from referral_hub.referrals.passing import pass_place
from referral_hub.referrals.standing import keep_standing_places
from tests.build import make_offer
from tests.conftest import make_database
from tests.referrals.place_machine import refusal_of
from tests.referrals.scene import Scene, in_days, make_scene, places_of, row_of, rows, state_of, value

pytestmark = pytest.mark.anyio
RACERS, PLACES = 200, 30
_SENT = "select count(*) from referral_task t join hold h on h.task = t.id where t.offer = $1 and t.state = 'sent'"


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
        fields = {"position": 1, "review_on": in_days(30)}
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


async def test_a_kept_place_goes_one_way_however_many_pull_at_it(pool: None, worker_id: str) -> None:
    """Accepted, let pass, lapsed, given to another, asked for anew, all at one moment, in another order each time."""
    async with scratch(f"kept_{worker_id}"):
        scene = await make_scene(free=1)
        for seed in range(5):
            offer = await make_offer(scene.partner, free=1)
            taken = await scene.accepted(offer=offer)
            line = []
            for _ in range(3):
                line.append(await scene.draft(offer=offer))
                await scene.move(line[-1], "send", {"text": "poczeka"})
                await scene.move(line[-1], "waitlist", {"position": 1, "review_on": in_days(30)}, by=scene.intake)
            late = await scene.draft(offer=offer)
            await scene.move(taken, "fail", {"reason": "no_show"}, by=scene.intake)
            kept = await value("select id from place_offered where offer = $1", offer)
            early = {"fields": {"out_of_order": "acute"}}
            pulls = [
                attempt(scene, line[0], "accept", actor=scene.intake, version=3),
                attempt(scene, line[0], "accept", actor=await scene.guest(line[0]), version=3),
                attempt(scene, line[2], "accept", actor=scene.intake, version=3, **early),
                attempt(scene, late, "send"),
                refusal_of(pass_place(line[0], kept, actor=scene.caseworker)),
                lapse_holds(clock.today() + timedelta(days=30)),
                keep_standing_places(),
            ]
            Random(seed).shuffle(pulls)
            codes = await asyncio.gather(*pulls)
            assert set(codes) <= {"done", "stale", "no_place", "line_is_kept", "place_has_gone", "offer_is_sendable",
                                  "link_used", 0, 1, 2, 3, ""}  # fmt: skip
            free, held, has = await places_of(offer)
            accepted = [task for task in line if await state_of(task) == "accepted"]
            assert (free, has) == (1, len(accepted))
            assert held + has <= 1, codes
            answers = {row["answer"] for row in await rows("select answer from place_offered where task = $1", line[0])}
            assert answers in ({"taken"}, {"passed"}, {"lapsed"}, {"gone"}), "asked once, and it ended one way"
            assert ("taken" in answers) == (line[0] in accepted)
            left = await value("select count(*) from task_event where task = $1 and verb = 'accept'", line[0])
            assert left == (line[0] in accepted)
            open_now = "select count(*) from place_offered where offer = $1 and answer = ''"
            assert await value(open_now, offer) + await value(_SENT, offer) == held, "no hold that nobody was told of"
