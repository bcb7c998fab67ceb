"""A sending can be taken back for half a minute, and until it leaves nobody outside knows of it."""

from datetime import datetime, timedelta
from uuid import uuid4

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.attendance.enrolling import enrol
from referral_hub.caseload.undo import send_now, undo_removal, undo_sending
from referral_hub.errors import NotFound, Refused
from referral_hub.jobs.actions import run_all
from referral_hub.referrals.actions import perform
from referral_hub.referrals.queries import referral
from referral_hub.referrals.sweep import run_clocks
from referral_hub.referrals.worklist import worklist
from referral_hub.worker import registry
from tests.build import actor_for
from tests.referrals.scene import CONSENT, Scene, make_scene, places_of, row_of, rows, state_of, value
from tests.referrals.walked import fields_for

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 16, 12, tzinfo=clock.WARSAW)
MAILS = "select count(*) from job where name = 'send_mail'"
LINES = "select kind from disclosure where task = $1 order by at, id"


async def held(scene: Scene) -> object:
    task = await scene.draft(note="Dzwonić po 16.")
    await perform(task, actor=scene.caseworker, verb="send", version=1, hold_back=30)
    return task


async def seen_by_receiver(scene: Scene, task: object) -> bool:
    try:
        await referral(scene.intake, task, open_person=False)  # type: ignore[arg-type]
    except NotFound:
        return False
    return True


async def test_for_half_a_minute_it_is_sent_but_has_not_left(database: asyncpg.Connection) -> None:
    with clock.at(NOON):
        scene = await make_scene(free=2)
        task = await held(scene)
        row = await row_of(task)  # type: ignore[arg-type]
        assert (row["state"], row["held_back"], row["clock"]) == ("sent", True, "RCV")
        assert await places_of(scene.offer) == (2, 1, 0)
        assert not await seen_by_receiver(scene, task)
        assert (await worklist(scene.intake)).total == 0
        with pytest.raises(NotFound):
            await scene.seen(task, await scene.participant())  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            await scene.seen(task, await scene.guest(task))  # type: ignore[arg-type]
        assert await value(MAILS) == 0
        assert await rows(LINES, task) == []
    with clock.at(NOON + timedelta(seconds=29)):
        await run_all(registry())
        assert not await seen_by_receiver(scene, task)
    with clock.at(NOON + timedelta(seconds=31)):
        await run_all({**registry(), "send_mail": registry()["seal_trail"]})
        assert await seen_by_receiver(scene, task)
        assert (await worklist(scene.intake)).total == 1
        assert [line["kind"] for line in await rows(LINES, task)][:1] == ["passed"]
        assert await value(MAILS) >= 1
        with pytest.raises(Refused, match="has_left"):
            await undo_sending(task, actor=scene.caseworker, version=2)  # type: ignore[arg-type]


async def test_taken_back_it_is_a_draft_with_all_that_was_typed(database: asyncpg.Connection) -> None:
    with clock.at(NOON):
        scene = await make_scene(free=2)
        task = await held(scene)
        again = await undo_sending(task, actor=scene.caseworker, version=2)  # type: ignore[arg-type]
        assert await state_of(task) == "void"  # type: ignore[arg-type]
        found = await scene.seen(again)
        assert (found.state, found.replaces, found.person["note"]) == ("draft", task, "Dzwonić po 16.")
        assert found.basis is not None
        assert found.basis.fields == sorted(CONSENT["fields"])
        assert await places_of(scene.offer) == (2, 0, 0)
        assert await value("select state from referral_request where id = $1", found.request_id) == "open"
    with clock.at(NOON + timedelta(minutes=9)):
        await run_all(registry())
        await run_clocks()
        assert await value(MAILS) == 0
        assert await rows("select 1 from disclosure where task = $1 and kind <> 'opened'", task) == []
        assert not await seen_by_receiver(scene, task)


async def test_a_late_worker_delays_mail_and_sight_together(database: asyncpg.Connection) -> None:
    with clock.at(NOON):
        scene = await make_scene()
        task = await held(scene)
    with clock.at(NOON + timedelta(hours=3)):
        assert not await seen_by_receiver(scene, task)
        # Still nothing has left, so it can still be taken back.
        again = await undo_sending(task, actor=scene.caseworker, version=2)  # type: ignore[arg-type]
        await perform(again, actor=scene.caseworker, verb="send", version=1, hold_back=30)
    with clock.at(NOON + timedelta(hours=4)):
        assert (await run_clocks())["leave"] == 1
        assert await seen_by_receiver(scene, again)


@pytest.mark.parametrize(
    ("verb", "channel", "fields"),
    [("withdraw_consent", "person", {}), ("withdraw", "self", {"reason": "declined_by_person"})],
)
async def test_what_ends_within_the_half_minute_never_leaves(
    database: asyncpg.Connection, verb: str, channel: str, fields: dict[str, object]
) -> None:
    with clock.at(NOON):
        scene = await make_scene()
        task = await held(scene)
        await scene.move(task, verb, fields, channel=channel)  # type: ignore[arg-type]
    with clock.at(NOON + timedelta(minutes=5)):
        await run_all(registry())
        await run_clocks()
        assert await state_of(task) == "withdrawn"  # type: ignore[arg-type]
        assert await value(MAILS) == 0
        assert await rows(LINES, task) == []
        # Neither does another try let it out: rerouting makes a draft and tells nobody.
        await scene.move(task, "reroute", {"offer": str(scene.offer)})  # type: ignore[arg-type]
        assert await value(MAILS) == 0
        assert await rows(LINES, task) == []
        assert not await seen_by_receiver(scene, task)


async def test_an_answer_by_phone_is_written_down_once_it_has_left(database: asyncpg.Connection) -> None:
    with clock.at(NOON):
        scene = await make_scene()
        task = await held(scene)
        for verb, channel in (("accept", "phone"), ("decline", "paper"), ("deliver", "person"), ("fail", "person")):
            with pytest.raises(Refused, match="sending_has_left"):
                await scene.move(task, verb, fields_for(verb, "sent", scene.offer, of_person=False), channel=channel)  # type: ignore[arg-type]
        with pytest.raises(Refused, match="sending_has_left"):
            await enrol(task, [uuid4()], actor=scene.caseworker)  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            await send_now(task, actor=await actor_for(scene.partner, "caseworker"))  # type: ignore[arg-type]
        await send_now(task, actor=scene.caseworker)  # type: ignore[arg-type]
        assert await seen_by_receiver(scene, task)
        with pytest.raises(Refused, match="has_left"):
            await send_now(task, actor=scene.caseworker)  # type: ignore[arg-type]
        await scene.move(task, "accept", {}, channel="phone")  # type: ignore[arg-type]
        assert [line["kind"] for line in await rows(LINES, task)].count("passed") == 2
    with clock.at(NOON + timedelta(minutes=5)):
        mails = await value(MAILS)
        await run_all({"referral_leaves": registry()["referral_leaves"], "send_mail": registry()["seal_trail"]})
        assert await value(MAILS) == mails


async def test_a_consent_that_ended_elsewhere_keeps_it_in_the_house(database: asyncpg.Connection) -> None:
    with clock.at(NOON):
        scene = await make_scene()
        task = await held(scene)
        await rows("update legal_basis set withdrawn_at = now() returning 1")
    with clock.at(NOON + timedelta(minutes=5)):
        await run_all(registry())
        assert not await seen_by_receiver(scene, task)


async def test_only_the_sender_takes_it_back_and_a_thrown_away_draft_comes_again(database: asyncpg.Connection) -> None:
    with clock.at(NOON):
        scene = await make_scene()
        task = await held(scene)
        stranger = await actor_for(scene.partner, "caseworker")
        with pytest.raises(NotFound):
            await undo_sending(task, actor=stranger, version=2)  # type: ignore[arg-type]
        thrown = await scene.draft()
        with pytest.raises(Refused, match="move_is_not_open"):
            await undo_removal(thrown, actor=scene.caseworker)
        await scene.move(thrown, "void")
        again = await undo_removal(thrown, actor=scene.caseworker)
        assert await state_of(again) == "draft"
        with pytest.raises(Refused, match="move_is_not_open"):
            await undo_removal(thrown, actor=scene.caseworker)


async def test_health_says_that_work_is_late_and_stays_in_service(web: httpx.AsyncClient) -> None:
    with clock.at(NOON):
        scene = await make_scene()
        await run_all({name: registry()["seal_trail"] for name in registry()})
        await held(scene)
        assert (await web.get("/health/ready")).json()["warnings"] == []
    with clock.at(NOON + timedelta(minutes=3)):
        told = await web.get("/health/ready")
        assert told.json()["warnings"] == ["work_is_late"]
        await run_all({name: registry()["seal_trail"] for name in registry()})
        assert (await web.get("/health/ready")).json()["warnings"] == []


async def test_nobody_is_reminded_of_what_never_left_the_house(database: asyncpg.Connection) -> None:
    with clock.at(NOON):
        scene = await make_scene()
        task = await scene.draft(basis=CONSENT | {"until": NOON.date().isoformat()})
        await perform(task, actor=scene.caseworker, verb="send", version=1, hold_back=30)
    for days in range(1, 7):
        with clock.at(NOON + timedelta(days=days)):
            done = await run_clocks()
            assert (done["leave"], done["remind"]) == (0, 0), days
    assert (await row_of(task))["held_back"]
    assert await value("select count(*) from link where subject = $1", task) == 0
