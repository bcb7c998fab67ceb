"""Internal notes stay inside the institution that wrote them; the text to copy names nobody unless asked."""

import re
from datetime import datetime, timedelta

import httpx
import pytest

from referral_hub import clock
from referral_hub.caseload.notes import forget_removed
from referral_hub.referrals.actions import perform
from tests.build import sign_in_as
from tests.referral_pages.rows import value
from tests.referral_pages.scenes import NAME, a_referral, a_scene, form_with, hidden_fields, text_of, the_receiver

pytestmark = pytest.mark.anyio
WORDS = "Umówić rozmowę przed świętami."
NOON = datetime(2026, 11, 16, 12, tzinfo=clock.WARSAW)
OPENED = "select count(*) from disclosure where fields = array['own_note']::text[]"


async def test_a_note_is_sealed_read_on_demand_and_logged(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    kept = await web.post(f"/referrals/{task}/notes", data={"words": WORDS, "key": "n"})
    assert kept.headers["location"] == f"/referrals/{task}?done=note"
    assert WORDS.encode() not in await value("select words_sealed from task_note")
    page = (await web.get(f"/referrals/{task}")).text
    assert "Pokaż notatki (1)" in text_of(page)
    assert WORDS not in page
    assert await value(OPENED) == 0
    opened = await web.post(f"/referrals/{task}/notes/open")
    assert WORDS in opened.text
    assert await value(OPENED) == 1
    # A colleague reads it and cannot remove it.
    note = await value("select id from task_note")
    await sign_in_as(web, scene.club, "caseworker")
    theirs = (await web.post(f"/referrals/{task}/notes/open")).text
    assert WORDS in theirs
    assert f"{note}/remove" not in theirs
    assert (await web.post(f"/referrals/{task}/notes/{note}/remove")).status_code == 403


@pytest.mark.parametrize("role", ["caseworker", "partner_intake", "coordinator"])
async def test_neither_the_receiver_nor_a_coordinator_knows_of_notes(web: httpx.AsyncClient, role: str) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    await web.post(f"/referrals/{task}/notes", data={"words": WORDS})
    note = await value("select id from task_note")
    await sign_in_as(web, scene.clinic, role)
    page = await web.get(f"/referrals/{task}")
    assert page.status_code == 200
    assert "Notatki wewnętrzne" not in text_of(page.text)
    for path, data in (("notes/open", {}), ("notes", {"words": "x"}), (f"notes/{note}/remove", {})):
        assert (await web.post(f"/referrals/{task}/{path}", data=data)).status_code in (403, 404)
    assert (await web.get(f"/referrals/{task}/as-note")).status_code in (403, 404)
    assert await value("select count(*) from task_note where removed_at is null") == 1


async def test_the_writer_removes_and_brings_back_and_after_a_day_the_words_are_gone(web: httpx.AsyncClient) -> None:
    with clock.at(NOON):
        scene = await a_scene(web)
        task = await a_referral(scene)
        await web.post(f"/referrals/{task}/notes", data={"words": WORDS})
        note = await value("select id from task_note")
        gone = await web.post(f"/referrals/{task}/notes/{note}/remove")
        assert WORDS not in gone.text
        back = await web.post(f"/referrals/{task}/notes/{note}/remove", data={"back": "1"})
        assert WORDS in back.text
        await web.post(f"/referrals/{task}/notes/{note}/remove")
    with clock.at(NOON + timedelta(hours=23)):
        assert await forget_removed() == 0
    with clock.at(NOON + timedelta(hours=25)):
        assert await forget_removed() == 1
        assert await value("select count(*) from task_note") == 0


async def test_free_words_are_looked_at_and_nothing_typed_is_lost(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    for words, status in (("", 422), ("x" * 2001, 422), ("PESEL 44051401359", 422)):
        assert (await web.post(f"/referrals/{task}/notes", data={"words": words})).status_code == status
    doubtful = "Ma schizofrenię i dług."
    asked = await web.post(f"/referrals/{task}/notes", data={"words": doubtful})
    assert asked.status_code == 200
    assert doubtful in asked.text
    assert await value("select count(*) from task_note") == 0
    sent = hidden_fields(form_with(asked.text, f"/referrals/{task}/notes"))
    assert (await web.post(f"/referrals/{task}/notes", data={**sent, "words": doubtful})).status_code == 303


async def test_the_text_to_copy_holds_the_course_and_the_name_only_when_pressed_for(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    question = "Czy pani Zenobia ma dokumenty?"
    await perform(task, actor=await the_receiver(scene), verb="ask", version=2, fields={"question": question})
    names = "select count(*) from disclosure where 'label' = any(fields) and kind = 'opened'"
    before = await value(names)
    plain = (await web.get(f"/referrals/{task}/as-note")).text
    text = re.findall(r'<textarea id="note-text"[^>]*>(.*?)</textarea>', plain, re.DOTALL)[0]
    assert "Poradnia Nadzieja" in text
    assert "Zenobia" not in text
    assert NAME not in plain
    assert await value(names) == before
    named = (await web.post(f"/referrals/{task}/as-note")).text
    assert NAME in named
    assert await value(names) == before + 1
