"""What time does: holds end, silence is reminded and escalated, tasks expire, a waiting person never does."""

from datetime import UTC, datetime

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.referrals.sweep import run_clocks
from tests.build import make_account
from tests.referrals.scene import ALONE, CONSENT, make_scene, places_of, row_of, rows, state_of, value

pytestmark = pytest.mark.anyio
MONDAY = datetime(2026, 5, 4, 9, tzinfo=UTC)


def on(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 9, tzinfo=UTC)


async def test_the_hold_ends_with_the_answer_clock_and_the_task_with_its_grace(database: asyncpg.Connection) -> None:
    with clock.at(MONDAY):
        scene = await make_scene()
        task = await scene.sent()
    with clock.at(on(5, 11)):
        assert (await run_clocks())["holds"] == 0
        assert await places_of(scene.offer) == (2, 1, 0)
    with clock.at(on(5, 12)):
        assert (await run_clocks())["holds"] == 1
        assert await places_of(scene.offer) == (2, 0, 0)
        assert await state_of(task) == "sent"
    with clock.at(on(6, 1)):
        assert (await run_clocks())["expire"] == 0
    with clock.at(on(6, 2)):
        assert (await run_clocks())["expire"] == 1
        row = await row_of(task)
        assert (row["state"], row["reason"], row["access"]) == ("expired", "expired_no_answer", "none")
        assert await value("select why from unmet_need") == "expired"
        assert (await run_clocks())["expire"] == 0


async def test_a_lapsed_hold_still_lets_the_receiver_accept_while_there_is_a_place(
    database: asyncpg.Connection,
) -> None:
    with clock.at(MONDAY):
        scene = await make_scene(free=1, rhythm="quarter")
        task = await scene.sent()
    with clock.at(on(5, 12)):
        await run_clocks()
        await scene.move(task, "accept", by=scene.intake)
        assert await places_of(scene.offer) == (1, 0, 1)


async def test_silence_is_reminded_once_and_escalated_every_week(database: asyncpg.Connection) -> None:
    with clock.at(MONDAY):
        scene = await make_scene()
        task = await scene.sent()
        await make_account(scene.club, "coordinator", email="koordynator@hub.example")
    with clock.at(on(5, 8)):
        assert (await run_clocks())["remind"] == 1
        assert (await run_clocks())["remind"] == 0
    with clock.at(on(5, 18)):
        assert (await run_clocks())["escalate"] == 0
    with clock.at(on(5, 19)):
        assert (await run_clocks())["escalate"] == 1
        assert (await run_clocks())["escalate"] == 0
        told = await rows("select payload->>'to' as to from job where payload->>'template' = 'referral_late'")
        assert "koordynator@hub.example" in {row["to"] for row in told}
    with clock.at(on(5, 27)):
        assert (await run_clocks())["escalate"] == 1
    assert await state_of(task) == "sent"


async def test_a_waiting_person_is_escalated_and_never_expires(database: asyncpg.Connection) -> None:
    with clock.at(MONDAY):
        scene = await make_scene()
        task = await scene.sent()
        await scene.move(task, "waitlist", {"position": 1, "review_on": "2026-06-01"}, by=scene.intake)
    with clock.at(on(12, 1)):
        assert (await run_clocks())["escalate"] == 1
        assert await state_of(task) == "waitlisted"


async def test_a_person_who_went_alone_never_expires(database: asyncpg.Connection) -> None:
    with clock.at(MONDAY):
        scene = await make_scene()
        task = await scene.sent(basis=ALONE)
    with clock.at(on(12, 1)):
        done = await run_clocks()
        assert (done["expire"], done["remind"]) == (0, 1)
        assert await state_of(task) == "sent"


async def test_an_unanswered_wish_to_cancel_is_agreed_by_the_clock(database: asyncpg.Connection) -> None:
    with clock.at(MONDAY):
        scene = await make_scene()
        task = await scene.accepted()
        await scene.move(task, "request_cancel", {"reason": "declined_by_person"})
    with clock.at(on(5, 11)):
        assert (await run_clocks())["agree_cancel"] == 0
    with clock.at(on(5, 12)):
        assert (await run_clocks())["agree_cancel"] == 1
    assert await state_of(task) == "withdrawn"
    assert await places_of(scene.offer) == (2, 0, 0)


async def test_the_clock_stops_while_the_sender_owes_an_answer(database: asyncpg.Connection) -> None:
    with clock.at(MONDAY):
        scene = await make_scene()
        task = await scene.sent()
        await scene.move(task, "ask", {"question": "Kiedy?"}, by=scene.intake)
    with clock.at(on(5, 20)):
        await run_clocks()
        assert await places_of(scene.offer) == (2, 1, 0)
        await scene.move(task, "answer", {"answer": "Rano."})
        row = await row_of(task)
        assert (row["clock"], str(row["due_on"])) == ("RCV", "2026-05-27")


async def test_after_a_long_pause_silence_ends_before_the_basis_does(database: asyncpg.Connection) -> None:
    with clock.at(MONDAY):
        scene = await make_scene()
        silent = await scene.sent(basis={**CONSENT, "until": "2026-08-31"})
        waits = await scene.sent(basis={**CONSENT, "until": "2026-08-31"})
        await scene.move(waits, "waitlist", {"position": 1, "review_on": "2026-12-15"}, by=scene.intake)
    with clock.at(on(12, 1)):
        assert (await run_clocks())["basis_ended"] == 1
        assert (await row_of(silent))["reason"] == "expired_no_answer"
        assert await state_of(waits) == "waitlisted"
    with clock.at(on(12, 31)):
        assert (await run_clocks())["escalate"] == 1, "the sender did not ask the person"
