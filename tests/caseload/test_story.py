"""The timeline says what the institution saw and when, and which days are still to come."""

from datetime import date, datetime, timedelta

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.referrals.actions import mark_seen, perform
from referral_hub.referrals.ahead import Ahead, steps_ahead
from referral_hub.referrals.holding_back import let_go
from referral_hub.referrals.referral import ClockNow
from referral_hub.referrals.states import FINAL, State
from referral_hub.referrals.story import story
from referral_hub.settings import settings
from tests.referral_pages.scenes import a_referral, a_scene, form_with, hidden_fields, state_of, text_of
from tests.referrals.scene import make_scene

pytestmark = pytest.mark.anyio
MONDAY = datetime(2026, 11, 16, 10, tzinfo=clock.WARSAW)
DAY = MONDAY.date()
RUNNING = ClockNow("RCV", date(2026, 11, 23), date(2026, 11, 27), date(2026, 12, 11), None, False)


def test_days_of_the_clock_come_in_their_order_and_none_that_has_passed() -> None:
    ahead = steps_ahead(State.SENT, RUNNING, "", DAY)
    assert ahead[:3] == [
        Ahead("reminder", date(2026, 11, 20)),
        Ahead("escalation", date(2026, 11, 28)),
        Ahead("expiry", date(2026, 12, 12)),
    ]
    assert [step.code for step in ahead[3:]] == ["decision", "meeting", "outcome", "opinion"]
    late = steps_ahead(State.SENT, RUNNING, "", date(2026, 11, 30))
    assert [step.code for step in late if step.day] == ["expiry"]
    again = ClockNow("RCV", RUNNING.due_on, date(2026, 12, 14), RUNNING.expire_on, None, False)
    assert [step.code for step in steps_ahead(State.SENT, again, "", date(2026, 12, 8)) if step.day] == ["expiry"]


def test_every_open_state_has_steps_and_no_final_one() -> None:
    none = ClockNow("", None, None, None, None, False)
    for state in State:
        assert bool(steps_ahead(state, none, "", DAY)) is (state not in FINAL)
    met = steps_ahead(State.SCHEDULED, none, "2026-11-18T10:30", DAY)
    assert met[0] == Ahead("meeting", date(2026, 11, 18))
    assert all(step.code != "meeting" for step in steps_ahead(State.SCHEDULED, none, "2026-11-10", DAY))
    alone = steps_ahead(State.SENT, none, "", DAY, no_data=True)
    assert [step.code for step in alone] == ["word_of_person", "opinion"]


async def test_what_was_seen_by_whom_and_when_stands_in_the_course(database: asyncpg.Connection) -> None:
    with clock.at(MONDAY):
        scene = await make_scene()
        task = await scene.draft()
        await perform(task, actor=scene.caseworker, verb="send", version=1, hold_back=30)
        held = [entry.text + entry.note for entry in story(await scene.seen(task), "pl")]
        assert not any("Widzi" in line for line in held[:-1])
    with clock.at(MONDAY + timedelta(minutes=1)):
        await let_go(task)
    with clock.at(MONDAY + timedelta(hours=2)):
        await mark_seen(task, actor=scene.intake)
    with clock.at(MONDAY + timedelta(hours=5)):
        await scene.move(task, "ask", {"question": "Kiedy?"}, by=scene.intake)
        told = story(await scene.seen(task), "pl")
        texts = [entry.text for entry in told if entry.state == "done"]
        assert texts.index("Zgłoszenie wyszło do instytucji") < texts.index("Instytucja otworzyła zgłoszenie")
        left = next(entry for entry in told if entry.text == "Zgłoszenie wyszło do instytucji")
        assert "wysłano wiadomość" in left.note
        assert "Instytucja otworzyła zgłoszenie" in texts
        assert [entry.state for entry in told][-1] == "later"
        assert any(entry.when for entry in told if entry.state == "later")


async def test_the_page_says_until_when_it_can_be_taken_back(
    web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFERRAL_HUB_UNDO_SECONDS", "30")
    settings.cache_clear()
    try:
        with clock.at(MONDAY):
            scene = await a_scene(web)
            task = await a_referral(scene, sent=False)
            body = {"verb": "send", "version": "1", "key": "s"}
            sent = await web.post(f"/referrals/{task}/moves", data=body)
            page = (await web.get(sent.headers["location"])).text
            assert "10:00:30" in text_of(page)
            undo = hidden_fields(form_with(page, f"/referrals/{task}/undo"))
            assert "Cofnij wysłanie" in text_of((await web.get("/referrals?box=waiting")).text)
            # A program sends at once unless it asks for the time.
            at_once = await a_referral(scene, sent=False)
            told = (await web.post(f"/api/v1/referrals/{at_once}/moves", json={"verb": "send", "version": 1})).json()
            assert (told["state"], told["held_back"]) == ("sent", False)
        with clock.at(MONDAY + timedelta(minutes=3)):
            assert "się opóźnia" in text_of((await web.get(f"/referrals/{task}")).text)
            back = await web.post(f"/referrals/{task}/undo", data=undo)
            assert "/check" in back.headers["location"]
            assert await state_of(task) == "void"
            assert (await web.get(back.headers["location"])).status_code == 200
    finally:
        monkeypatch.undo()
        settings.cache_clear()
