"""When the first way leads nowhere: another receiver, a slip taken back by two, a result put right, a cancelling."""

from datetime import timedelta

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.errors import NotAllowed, Refused
from tests.build import actor_for, make_account, make_institution, make_offer
from tests.referrals.scene import (
    CONSENT,
    in_days,
    make_scene,
    places_of,
    row_of,
    state_of,
    value,
)

pytestmark = pytest.mark.anyio


async def test_a_reroute_is_a_new_draft_that_needs_its_own_basis(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await scene.move(task, "decline", {"reason": "out_of_area"}, by=scene.intake)
    elsewhere = await make_institution("Druga")
    offer = await make_offer(elsewhere, free=1)
    new = await scene.move(task, "reroute", {"offer": str(offer)})
    row = await row_of(new)
    assert (row["state"], row["replaces"], row["receiver"], row["basis"]) == ("draft", task, elsewhere, None)
    assert await state_of(task) == "declined"
    with pytest.raises(Refused) as refusal:
        await scene.move(new, "send")
    assert refusal.value.code == "basis_is_valid"
    await scene.move(new, "send", {"basis": CONSENT})
    assert await state_of(new) == "sent"
    assert (await scene.seen(task)).replaced_by == [new]


async def test_a_coordinator_proposes_another_place_without_knowing_the_person(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await scene.move(task, "decline", {"reason": "out_of_area"}, by=scene.intake)
    coordinator = await actor_for(scene.club, "coordinator")
    offer = await make_offer(await make_institution("Druga"), free=1)
    new = await scene.move(task, "reroute", {"offer": str(offer)}, by=coordinator)
    assert (await row_of(new))["sender"] == scene.club
    with pytest.raises(NotAllowed):
        await scene.move(new, "send", by=coordinator)


async def test_a_void_takes_two_coordinators(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    first, second = await actor_for(scene.club, "coordinator"), await actor_for(scene.club, "coordinator")
    await scene.move(task, "void", {"reason": "entered_in_error"}, by=first)
    assert await state_of(task) == "accepted"
    with pytest.raises(Refused, match="second_person_is_needed"):
        await scene.move(task, "void", {"reason": "entered_in_error"}, by=first)
    await scene.move(task, "void", {"reason": "entered_in_error"}, by=second)
    assert await state_of(task) == "void"
    assert await places_of(scene.offer) == (2, 0, 0)


async def test_where_there_is_no_second_coordinator_the_officer_is_told(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    only = await actor_for(scene.club, "coordinator")
    await make_account(scene.club, "dpo", email="iod@hub.example")
    await scene.move(task, "void", {"reason": "entered_in_error"}, by=only)
    assert await state_of(task) == "void"
    told = await value("select count(*) from job where payload->>'to' = 'iod@hub.example'")
    assert told == 1


async def test_a_result_is_amended_within_14_days_and_keeps_the_old_value(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    await scene.move(task, "deliver", {"outcome": "dlugi", "date": in_days(0)}, by=scene.intake)
    fields = {"outcome": "samodzielnosc", "text": "pomyłka przy wyborze"}
    await scene.move(task, "amend", fields, by=scene.intake)
    line = (await scene.seen(task)).timeline[-1]
    assert line.facts["old"] == {"outcome": "dlugi"}
    assert (await row_of(task))["outcome"] == "samodzielnosc"
    coordinator = await actor_for(scene.club, "coordinator")
    with pytest.raises(Refused, match="receivers_time_is_over"):
        await scene.move(task, "amend", fields, by=coordinator)
    with clock.at(clock.now() + timedelta(days=15)):
        with pytest.raises(Refused, match="amendment_is_in_time"):
            await scene.move(task, "amend", {"outcome": "grupa", "text": "x"}, by=scene.intake)
        await scene.move(task, "amend", {"outcome": "grupa", "text": "x"}, by=coordinator)


async def test_cancelling_after_acceptance_is_asked_and_can_be_taken_back(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    await scene.move(task, "request_cancel", {"reason": "need_met_elsewhere"})
    await scene.move(task, "keep")
    assert await state_of(task) == "accepted"
    await scene.move(task, "request_cancel", {"reason": "need_met_elsewhere"})
    await scene.move(task, "agree_cancel", by=scene.intake)
    row = await row_of(task)
    assert (row["state"], row["reason"]) == ("withdrawn", "need_met_elsewhere")
    assert await places_of(scene.offer) == (2, 0, 0)
