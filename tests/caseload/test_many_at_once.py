"""Several people mark the same referrals at the same time, and nobody is told of an error."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from referral_hub.caseload.closing import close
from referral_hub.caseload.handing_over import hand_over
from referral_hub.caseload.reminding import remind
from referral_hub.database.transaction import SYSTEM, transaction
from tests.build import actor_for
from tests.referrals.scene import Scene, make_scene, rows
from tests.referrals.test_racers import scratch

pytestmark = pytest.mark.anyio


async def done(act: str, scene: Scene, tasks: Sequence[UUID], heir: UUID) -> list[UUID]:
    """One form, whose change and kept answer stand in one transaction: nothing in it is tried again."""
    async with transaction(SYSTEM):
        if act == "remind":
            told = await remind(tasks, actor=scene.caseworker)
        elif act == "close":
            told = await close(dict.fromkeys(tasks, 1), actor=scene.caseworker, reason="need_met_elsewhere")
        else:
            told, _ = await hand_over(dict.fromkeys(tasks, heir), actor=scene.caseworker)
    return [one.task for one in told]


async def test_marks_in_opposite_orders_wait_for_each_other_and_all_are_told(pool: None, worker_id: str) -> None:
    async with scratch(f"marks_{worker_id}"):
        scene = await make_scene()
        heirs = [(await actor_for(scene.club, "caseworker")).account for _ in range(2)]
        tasks = [await scene.draft() for _ in range(12)]
        acts = [
            done(act, scene, order, heir)
            for heir in heirs
            if heir is not None
            for order in (tasks, tasks[::-1])
            for act in ("remind", "hand over", "close")
        ]
        told = await asyncio.gather(*acts)
        assert {len(one) for one in told} == {len(tasks)}
        assert {row["state"] for row in await rows("select state from referral_task")} == {"void"}
