"""A reminder from a page waits half a minute: taken back nothing leaves, and the next one may be sent at once."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.caseload.reminding import remind, take_back
from referral_hub.jobs.actions import run_all
from referral_hub.worker import registry
from tests.build import actor_for
from tests.referrals.scene import Scene, make_scene, row_of, value

pytestmark = pytest.mark.anyio
MAILS = "select count(*) from job where name = 'send_mail'"


async def worked() -> None:
    await run_all({**registry(), "send_mail": registry()["seal_trail"]})


async def told(scene: Scene, task: UUID) -> str:
    return (await remind([task], actor=scene.caseworker, hold_back=30))[0].code


async def test_a_reminder_can_be_taken_back_until_it_leaves(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await worked()
    start = clock.now() + timedelta(days=3)
    with clock.at(start):
        before = await value(MAILS)
        assert [await told(scene, task), await told(scene, task)] == ["reminded", "reminded_lately"]
        stranger = await actor_for(scene.partner, "caseworker")
        assert [(await take_back([task], actor=one))[0].code for one in (stranger, scene.caseworker)] == [
            "not_yours",
            "reminder_back",
        ]
        assert (await row_of(task))["reminded_at"] is None
        assert await told(scene, task) == "reminded"
    with clock.at(start + timedelta(seconds=29)):
        await worked()
        assert await value(MAILS) == before
    with clock.at(start + timedelta(seconds=31)):
        await worked()
        assert await value(MAILS) == before + 1
        assert (await take_back([task], actor=scene.caseworker))[0].code == "reminder_left"
        assert (await row_of(task))["reminded_at"] == start
    with clock.at(start + timedelta(days=4)):
        assert await told(scene, task) == "reminded"
        await scene.move(task, "withdraw", {"reason": "declined_by_person"})
        gone = await value(MAILS)
    with clock.at(start + timedelta(days=5)):
        # The receiver is asked no more: nothing to be reminded of.
        await worked()
        assert await value(MAILS) == gone
