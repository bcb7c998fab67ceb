"""The sums of places in SQL are those of the pure module, whatever happens in whatever order."""

import contextlib
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from referral_hub import clock
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.database.writes import write_all
from referral_hub.directory import places as pure
from referral_hub.errors import Refused
from referral_hub.referrals.case import load_case
from referral_hub.referrals.holds import apply_places, check_hold, hold_writes
from referral_hub.referrals.states import Places
from tests.referrals.scene import Scene, make_scene, places_of

pytestmark = pytest.mark.anyio
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["hold", "take", "free"]), st.integers(0, 3)),
        st.tuples(st.just("report"), st.integers(0, 4)),
    ),
    max_size=14,
)


async def apply(scene: Scene, task: UUID, effect: Places) -> bool:
    """Whether the effect was done; `no_place` leaves everything as it was."""
    with contextlib.suppress(Refused):
        async with transaction(SYSTEM) as sql:
            case = await load_case(sql, task)
            assert case is not None
            if effect is Places.HOLD:
                done = await write_all(sql, hold_writes(case, None))
                check_hold(case, done["held"], override=False)
            else:
                await apply_places(sql, effect, case, ends_on=None)
            return True
    return False


async def report(scene: Scene, free: int) -> None:
    async with transaction(SYSTEM) as sql:
        reading = await sql.fetchval(
            """insert into capacity_reading (id, offer, as_of, recorded_at, source, free)
            values (gen_random_uuid(), $1, $2, $2, 'declared', $3) returning id""",
            scene.offer,
            clock.now(),
            free,
        )
        await sql.execute(
            "update offer_places set reading = $2, free = $3, taken_since = 0 where offer = $1",
            scene.offer,
            reading,
            free,
        )


class UndoneError(Exception):
    """Leaves the scene as it was, for the next history."""


@pytest.fixture
async def asked(database: asyncpg.Connection) -> tuple[Scene, list[UUID]]:
    """A scene and four referrals, made once for all histories."""
    scene = await make_scene(free=0)
    return scene, [await scene.draft() for _ in range(4)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 3), STEPS)
async def test_sql_and_the_pure_module_agree(
    asked: tuple[Scene, list[UUID]], free: int, steps: list[tuple[str, int]]
) -> None:
    with contextlib.suppress(UndoneError):
        async with transaction(SYSTEM):
            await they_agree(*asked, free, steps)
            raise UndoneError


async def they_agree(scene: Scene, tasks: list[UUID], free: int, steps: list[tuple[str, int]]) -> None:
    await report(scene, free)
    model = pure.report(pure.Places(), free)
    state: dict[int, tuple[str, int]] = {}
    for step, number in steps:
        mine, taken_under = state.get(number, ("", 0))
        if step == "report":
            await report(scene, number)
            model = pure.report(model, number)
        elif step == "hold" and not mine:
            fits = pure.place_is_free(model)
            assert await apply(scene, tasks[number], Places.HOLD) is fits
            if fits:
                model, state[number] = pure.hold(model), ("held", 0)
        elif step == "take" and mine in ("", "held", "freed"):
            fits = mine == "held" or pure.place_is_free(model)
            assert await apply(scene, tasks[number], Places.TAKE) is fits
            if fits:
                model = pure.take_held(model) if mine == "held" else pure.take(model)
                state[number] = ("taken", model.reading)
        elif step == "free" and mine in ("held", "taken"):
            assert await apply(scene, tasks[number], Places.FREE)
            model = pure.release(model) if mine == "held" else pure.give_back(model, taken_under)
            state[number] = ("freed", 0)
        assert await places_of(scene.offer) == (model.reported, model.holds, model.taken), (step, number)
