"""After an answer, or when there is none left to give: the guest's page says what is and what comes next."""

import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.spoken_codes import codes_of
from referral_hub.referrals.actions import perform
from tests.answering.test_guest import a_guest, arrive
from tests.referral_pages.rows import rows, value
from tests.referral_pages.scenes import (
    a_plain_scene,
    a_referral,
    a_scene,
    form_with,
    hidden_fields,
    state_of,
    text_of,
    version_of,
)
from tests.referrals.scene import in_days

pytestmark = pytest.mark.anyio


async def test_came_is_one_tap_after_the_answer_and_a_replay_marks_once(web: httpx.AsyncClient) -> None:
    scene = await a_plain_scene(web)
    task = await a_referral(scene)
    secret = await a_guest(web, scene, task)
    fields = hidden_fields(form_with(await arrive(web, secret), 'value="accept"'))
    today = clock.today().isoformat()
    answered = await web.post("/a/moves", data={**fields, "accept-self-date": today}, follow_redirects=True)
    assert "Co dalej" in text_of(answered.text)
    tap = hidden_fields(form_with(answered.text, "/a/attendance", 'value="came"'))
    assert (await web.post("/a/attendance", data={**tap, "csrf": "x"})).status_code == 403
    assert (await web.post("/a/attendance", data={**tap, "attendance": "x", "key": "x"})).status_code == 422
    first, again = [await web.post("/a/attendance", data=tap) for _ in range(2)]
    assert (first.status_code, again.status_code) == (303, 303)
    assert await value("select count(*) from task_event where verb = 'attend'") == 1
    assert await state_of(task) == "scheduled"
    assert (await web.post("/a/attendance", data={**tap, "key": "late"})).status_code == 409


async def test_before_the_day_nobody_is_asked_whether_the_person_came(web: httpx.AsyncClient) -> None:
    scene = await a_plain_scene(web)
    task = await a_referral(scene)
    secret = await a_guest(web, scene, task)
    fields = hidden_fields(form_with(await arrive(web, secret), 'value="accept"'))
    data = {**fields, "accept-self-date": "other", "accept-self-other_date": in_days(60)}
    page = (await web.post("/a/moves", data=data, follow_redirects=True)).text
    assert "/a/attendance" not in page
    forged = {"csrf": fields["csrf"], "attendance": "came", "version": str(await version_of(task))}
    assert (await web.post("/a/attendance", data=forged)).status_code == 422
    assert await state_of(task) == "accepted", "nothing of a refused tap is left"


@pytest.mark.parametrize(
    ("verb", "fields", "words"),
    [
        ("withdraw", {"reason": "need_met_elsewhere"}, "wycofali to zgłoszenie"),
        ("void", {}, "powstało przez pomyłkę"),
    ],
)
async def test_a_referral_taken_back_says_so_by_the_old_link_and_by_the_new(
    web: httpx.AsyncClient, verb: str, fields: dict[str, object], words: str
) -> None:
    scene = await a_plain_scene(web)
    task = await a_referral(scene)
    old = await a_guest(web, scene, task)
    accept = hidden_fields(form_with(await arrive(web, old), 'value="accept"'))
    await perform(task, actor=scene.worker, verb=verb, version=await version_of(task), fields=fields)
    gone = await web.post("/a/moves", data={**accept, "accept-self-date": ""}, follow_redirects=True)
    assert gone.status_code == 410
    assert words in text_of(gone.text)
    page = await arrive(web, await a_guest(web, scene, task))
    assert words in text_of(page)
    assert "/a/moves" not in page
    assert "/a/code" not in page


async def test_the_last_place_already_gone_leaves_the_waiting_list(web: httpx.AsyncClient) -> None:
    scene = await a_plain_scene(web, free=1)
    task = await a_referral(scene)
    secret = await a_guest(web, scene, task)
    fields = hidden_fields(form_with(await arrive(web, secret), 'value="accept"'))
    await rows("update hold set state = 'freed', ended_at = now()")
    await rows("update offer_places set free = 0, held = 0")
    refused = await web.post("/a/moves", data={**fields, "accept-self-date": ""})
    assert refused.status_code == 422
    text = text_of(refused.text)
    assert "Teraz nie ma wolnego miejsca" in text
    assert 'value="waitlist"' in refused.text
    assert await state_of(task) == "sent"


async def test_words_are_noted_as_read_only_where_they_stand_on_the_page(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    await arrive(web, first := await a_guest(web, scene, task))
    form = hidden_fields(form_with((await web.get("/a")).text, 'value="ask"'))
    asked = await web.post("/a/moves", data={**form, "ask-self-question": "Czy zna angielski?"})
    assert asked.status_code == 303
    await perform(task, actor=scene.worker, verb="answer", version=3, fields={"answer": "tak"})
    noted = "select count(*) from disclosure where role = 'guest' and 'words' = any(fields)"
    before = await value(noted)
    web.cookies.clear()
    assert "angielski" not in await arrive(web, await a_guest(web, scene, task))
    assert await value(noted) == before, "a scanner that opens an unanswered link has read nothing"
    web.cookies.clear()
    shut = await arrive(web, first)
    assert "angielski" not in shut
    assert await value(noted) == before, "nor has who has not given the code"
    fields = hidden_fields(form_with(shut, 'name="code"'))
    await web.post("/a/code", data={**fields, "code": (await codes_of(task)).spoken})
    assert "angielski" in (await web.get("/a")).text
    assert await value(noted) == before + 1


async def test_no_account_is_said_once(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    for _ in range(2):
        task = await a_referral(scene)
        page = await arrive(web, await a_guest(web, scene, task))
        fields = hidden_fields(form_with(page, 'name="verb" value="decline"')) | {"decline-self-reason": "out_of_area"}
        page = (await web.post("/a/moves", data=fields, follow_redirects=True)).text
    assert f"/institutions/{scene.clinic}/claim" in page
    no = await web.post("/a/account", data=hidden_fields(form_with(page, "/a/account")), follow_redirects=True)
    assert "/claim" not in no.text
    assert await value("select count(*) from account_offer where declined_at is not null") == 1
