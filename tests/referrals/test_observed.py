"""Declared beside observed: counted from what referrals did, shown from five cases on, never about a person."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.directory.actions import Said, report_reading
from referral_hub.directory.observed import LEAST, figures, observed_of
from referral_hub.referrals.observed import count_observed
from referral_hub.referrals.sweep import run_clocks
from tests.build import actor_for, make_institution, sign_in_as
from tests.referrals.scene import ALONE, Scene, in_days, make_scene, rows

pytestmark = pytest.mark.anyio
START = datetime.combine(date(2026, 3, 2), time(10), clock.WARSAW)  # a Monday
NEVER_BEFORE = ("observed", "Z naszych", "Co widać z naszych zgłoszeń")


async def told(scene: Scene, day: float, verb: str, **fields: object) -> UUID:
    """A referral sent on the first day and answered after so many days."""
    with clock.at(START):
        task = await scene.sent()
    with clock.at(START + timedelta(days=day)):
        if verb != "nothing":
            await scene.move(task, verb, fields, by=scene.intake)
    return task


async def long_known() -> Scene:
    """A scene whose agreements are older than everything the test does."""
    with clock.at(START - timedelta(days=500)):
        return await make_scene(free=None)


async def test_answers_decisions_silence_and_waiting_are_counted(database: asyncpg.Connection) -> None:
    scene = await long_known()
    for day in (1, 2, 4, 6):
        task = await told(scene, day, "accept")
        with clock.at(START + timedelta(days=10)):
            await scene.move(
                task, "start", {"date": (START.date() + timedelta(days=day + 2)).isoformat()}, by=scene.intake
            )
    await told(scene, 3, "decline", reason="no_capacity")
    await told(scene, 9, "decline", reason="wrong_service")
    await told(scene, 0, "nothing")
    with clock.at(START + timedelta(days=90)):
        await run_clocks()
        await count_observed()
        found = (await observed_of([scene.offer]))[scene.offer]
    assert (found.answered, found.answer_days) == (6, 3.5)
    assert (found.decided, found.accepted, found.full, found.silent) == (6, 4, 1, 1)
    assert (found.waited, found.wait_days) == (4, 5.0)
    shown = {one.code: one for one in figures(found, staff=True)}
    assert set(shown) == {"answer", "accepted", "full", "silent"}  # four starts are too few to be told
    assert shown["silent"].n == 7
    assert [one.code for one in figures(found, staff=False)] == ["answer"]


async def test_drafts_voided_people_alone_and_last_years_are_left_out(database: asyncpg.Connection) -> None:
    scene = await long_known()
    with clock.at(START - timedelta(days=400)):
        old = await scene.sent()
        await scene.move(old, "accept", by=scene.intake)
    await scene.draft()
    await scene.move(await scene.sent(), "void")
    await scene.sent(basis=ALONE)
    await count_observed()
    assert await observed_of([scene.offer]) == {}
    with clock.at(START - timedelta(days=390)):
        await count_observed()
        assert (await observed_of([scene.offer]))[scene.offer].answered == 1
    # The year passed: what was counted then is gone, not kept for ever.
    await count_observed()
    assert await observed_of([scene.offer]) == {}


async def test_an_offer_is_shown_with_its_figures_from_five_cases_on(
    database: asyncpg.Connection, web: httpx.AsyncClient
) -> None:
    scene = await make_scene(free=9)
    await report_reading(
        scene.offer, Said(free=9, waiting_days=30), actor=await actor_for(scene.partner, "partner_editor")
    )
    for number in range(LEAST):
        if number == LEAST - 1:
            await count_observed()
            page = (await web.get(f"/offers/{scene.offer}")).text
            assert not any(words in page for words in NEVER_BEFORE)
        task = await scene.accepted()
        await scene.move(task, "start", {"date": in_days(0)}, by=scene.intake)
    await count_observed()
    page = (await web.get(f"/offers/{scene.offer}")).text
    assert "Co widać z naszych zgłoszeń" in page
    assert "w ciągu doby" in page
    assert "z 5 zgłoszeń" in page
    assert "podano: 30 dni" in page
    assert "Przyjęto" not in page
    await sign_in_as(web, await make_institution(), "caseworker")
    page = (await web.get(f"/offers/{scene.offer}")).text
    assert "Przyjęto" in page
    assert "100%" in page
    found = (await web.get("/?q=oferta")).text
    assert "Przyjęto: 100%" in found


async def test_nothing_of_a_person_is_kept(database: asyncpg.Connection) -> None:
    columns = await rows(
        "select column_name from information_schema.columns where table_name = 'offer_observed' order by 1"
    )
    assert {row["column_name"] for row in columns} == {
        "offer", "since", "as_of", "sent", "answered", "answer_days", "decided", "accepted", "full", "silent",
        "waited", "wait_days",
    }  # fmt: skip
