"""One referral: the question on top, what the institution saw, the moves, answers by phone, the person's word."""

import re
from datetime import timedelta

import httpx
import pytest

from referral_hub import clock
from referral_hub.database.columns import new_id
from referral_hub.referrals.actions import perform
from tests.build import make_institution, make_offer, sign_in_as
from tests.referral_pages.rows import rows, value
from tests.referral_pages.scenes import (
    NAME,
    a_referral,
    a_scene,
    form_with,
    hidden_fields,
    state_of,
    text_of,
    the_receiver,
    version_of,
)

pytestmark = pytest.mark.anyio


async def test_the_sender_sees_the_course_and_the_case_code_but_no_name(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    before = await value("select count(*) from audit_event")
    page = (await web.get(f"/referrals/{task}")).text
    assert NAME not in page
    assert 'class="timeline"' in page
    assert 'class="later"' in page
    assert 'aria-current="step"' in page
    assert "Instytucja widzi: kod sprawy, potrzeba, pilność" in text_of(page)
    assert await value("select count(*) from audit_event") == before


async def test_the_person_opens_by_post_and_leaves_a_line(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    assert NAME in (await web.post(f"/referrals/{task}/open")).text
    assert await value("select count(*) from disclosure where kind = 'opened' and task = $1", task) == 1


async def test_they_accept_by_phone_for_a_near_day_in_two_clicks(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    page = (await web.get(f"/referrals/{task}")).text
    form = form_with(page, 'name="verb" value="accept"', 'value="phone"')
    day = re.findall(r'name="accept-phone-date" value="([\d-]+)"', form)[2]
    answer = await web.post(f"/referrals/{task}/moves", data={**hidden_fields(form), "accept-phone-date": day})
    assert answer.headers["location"] == f"/referrals/{task}?done=accept"
    (row,) = await rows("select channel, party, facts->>'date' as day from task_event where verb = 'accept'")
    assert tuple(row) == ("phone", "RCV", day)
    assert "telefonicznie" in (await web.get(answer.headers["location"])).text


async def test_they_have_no_places_by_phone_in_two_clicks(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    form = form_with(
        (await web.get(f"/referrals/{task}")).text,
        'value="no_capacity">',
        "decline-phone-reason",
        '<button class="danger">Nie mają',
    )
    assert (await web.post(f"/referrals/{task}/moves", data=hidden_fields(form))).status_code == 303
    assert await state_of(task) == "declined"


async def test_one_click_closes_on_the_persons_word_and_says_so(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene, basis={"kind": "no_data"})
    with clock.at(clock.now() + timedelta(days=7)):
        await sign_in_as(web, scene.club, "caseworker")
        form = form_with((await web.get(f"/referrals/{task}")).text, "-arrived")
        answer = await web.post(f"/referrals/{task}/moves", data=hidden_fields(form))
        assert answer.headers["location"] == f"/referrals/{task}?done=deliver"
        page = text_of((await web.get(answer.headers["location"])).text)
    (row,) = await rows("select state, outcome, outcome_source, outcome_seen_at is not null as seen from referral_task")
    assert tuple(row) == ("delivered", "leczenie", "person", True)
    assert "wiadomo od osoby" in page


async def test_an_open_question_stands_on_top_with_its_answer_form(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    await perform(
        task, actor=await the_receiver(scene), verb="ask", version=2, fields={"question": "Czy ma ubezpieczenie?"}
    )
    page = (await web.get(f"/referrals/{task}")).text
    assert page.index("Czy ma ubezpieczenie?") < page.index('class="timeline"')
    form = form_with(page, 'name="verb" value="answer"')
    refused = await web.post(f"/referrals/{task}/moves", data={**hidden_fields(form), "answer-self-answer": ""})
    assert refused.status_code == 422
    assert 'id="answer-self-answer-problem"' in refused.text
    data = {**hidden_fields(form), "answer-self-answer": "tak, ma"}
    assert (await web.post(f"/referrals/{task}/moves", data=data)).status_code == 303
    assert await state_of(task) == "sent"


@pytest.mark.parametrize(
    ("verb", "typed", "problem"),
    [
        ("withdraw", {"reason": ""}, "reason"),
        ("withdraw", {"reason": "other", "text": ""}, "text"),
        ("withdraw", {"reason": "declined_by_person", "text": "bo nie"}, "text"),
        ("withdraw", {"reason": "no_such"}, "reason"),
    ],
)
async def test_a_refused_move_shows_every_problem_and_keeps_what_was_typed(
    web: httpx.AsyncClient, verb: str, typed: dict[str, str], problem: str
) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    form = form_with(
        (await web.get(f"/referrals/{task}")).text, f'name="verb" value="{verb}"', 'name="channel" value="self"'
    )
    data = hidden_fields(form) | {f"{verb}-self-{name}": text for name, text in typed.items()}
    answer = await web.post(f"/referrals/{task}/moves", data=data)
    assert answer.status_code == 422
    assert f'id="{verb}-self-{problem}-problem"' in answer.text
    assert typed.get("text", "") in answer.text
    assert await state_of(task) == "sent"


async def test_a_stale_version_is_a_409_with_the_page(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    data = {"verb": "withdraw", "version": "1", "withdraw-self-reason": "declined_by_person"}
    answer = await web.post(f"/referrals/{task}/moves", data=data)
    assert answer.status_code == 409
    assert 'class="timeline"' in answer.text
    assert await state_of(task) == "sent"


async def test_a_replayed_move_is_made_once(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    form = form_with(
        (await web.get(f"/referrals/{task}")).text, 'name="verb" value="withdraw"', 'name="channel" value="self"'
    )
    data = {**hidden_fields(form), "withdraw-self-reason": "declined_by_person"}
    for _ in range(2):
        assert (await web.post(f"/referrals/{task}/moves", data=data)).headers[
            "location"
        ] == f"/referrals/{task}?done=withdraw"
    assert await value("select count(*) from task_event where verb = 'withdraw'") == 1


@pytest.mark.parametrize("path", ["", "/check", "/card"])
async def test_a_foreign_institution_finds_nothing(web: httpx.AsyncClient, path: str) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    await sign_in_as(web, await make_institution("Obca"), "caseworker", "partner_intake")
    assert (await web.get(f"/referrals/{task}{path}")).status_code == 404
    assert (await web.get(f"/referrals/{new_id()}{path}")).status_code == 404
    for post in ("moves", "open", "seen", "card", "draft"):
        answer = await web.post(f"/referrals/{task}/{post}", data={"verb": "withdraw", "version": "2"})
        assert answer.status_code == 404, post
    assert await state_of(task) == "sent"


async def test_the_receivers_intake_answers_signed_in(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene, note="notatka dla poradni")
    await sign_in_as(web, scene.clinic, "partner_intake")
    page = (await web.get(f"/referrals/{task}")).text
    assert NAME not in page
    assert "notatka dla poradni" not in page
    shown = page.split('<details class="more"')[0]
    assert set(re.findall(r'name="verb" value="(\w+)"', shown)) == {"accept", "ask", "waitlist", "decline"}
    form = form_with(page, 'name="verb" value="accept"')
    day = re.findall(r'name="accept-self-date" value="([\d-]+)"', form)[0]
    assert (
        await web.post(f"/referrals/{task}/moves", data={**hidden_fields(form), "accept-self-date": day})
    ).status_code == 303
    opened = (await web.post(f"/referrals/{task}/open")).text
    assert NAME in opened
    assert "notatka dla poradni" in opened
    assert await value("select seen_at is not null from referral_task")


async def test_every_state_of_a_referral_has_a_page_for_both_sides(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    receiver = await the_receiver(scene)
    task = await a_referral(scene)
    today, later = clock.today().isoformat(), (clock.today() + timedelta(days=9)).isoformat()
    steps = [
        ("waitlist", {"position": 2, "review_on": later}),
        ("accept", {}),
        ("schedule", {"date": f"{today}T10:00", "place": "pokój 3"}),
        ("attend", {"attendance": "late"}),
        ("start", {"date": today}),
        ("hold", {"reason": "other", "text": "urlop", "review_on": later}),
        ("resume", {}),
        ("deliver", {"outcome": "leczenie", "date": today, "hours": "3,5"}),
    ]
    for verb, fields in steps:
        await perform(task, actor=receiver, verb=verb, version=await version_of(task), fields=fields)
        for institution, role in (
            (scene.club, "caseworker"),
            (scene.clinic, "partner_intake"),
            (scene.club, "coordinator"),
        ):
            await sign_in_as(web, institution, role)
            answer = await web.get(f"/referrals/{task}")
            assert answer.status_code == 200, (verb, role)
            if role == "coordinator":
                assert NAME not in answer.text


async def test_the_sender_closes_the_loop_after_reading(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    receiver = await the_receiver(scene)
    await perform(task, actor=receiver, verb="accept", version=2)
    await perform(
        task, actor=receiver, verb="deliver", version=3, fields={"outcome": "leczenie", "date": clock.today()}
    )
    page = (await web.get(f"/referrals/{task}")).text
    assert await value("select outcome_seen_at from referral_task") is None
    assert (await web.post(f"/referrals/{task}/seen", data=hidden_fields(form_with(page, "/seen")))).status_code == 303
    assert await value("select outcome_seen_at is not null from referral_task")


async def test_what_the_person_said_is_written_down(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    empty = await web.post(f"/referrals/{task}/feedback", data={"words": "zostaje"})
    assert empty.status_code == 422
    assert "zostaje" in empty.text
    data = {"got_help": "yes", "treated_well": "no_answer", "words": "miło"}
    assert (await web.post(f"/referrals/{task}/feedback", data=data)).status_code == 303
    assert "miło" in (await web.get(f"/referrals/{task}")).text


async def test_the_note_to_copy_holds_no_name(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    assert f"/referrals/{task}/as-note" in (await web.get(f"/referrals/{task}")).text
    page = (await web.get(f"/referrals/{task}/as-note")).text
    note = re.findall(r'<textarea id="note-text".*?</textarea>', page, re.DOTALL)[0]
    assert NAME not in note
    assert "Poradnia Nadzieja" in note
    assert re.search(r"[2-9A-Z]{3}-[2-9A-Z]{3}", note)


async def test_who_coordinates_and_answers_for_a_small_club_accepts_without_changing_roles(
    web: httpx.AsyncClient,
) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    await sign_in_as(web, scene.clinic, "coordinator", "partner_intake", "caseworker")
    page = (await web.get(f"/referrals/{task}")).text
    form = form_with(page.split('<details class="more"')[0], 'name="verb" value="accept"', 'value="self"')
    assert (await web.post(f"/referrals/{task}/moves", data=hidden_fields(form))).status_code == 303
    assert await state_of(task) == "accepted"


async def test_a_coordinator_proposes_another_offer_and_lands_on_a_page(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    other = await make_offer(await make_institution("Druga"), "terapia_uzaleznien", "Terapia druga", free=1)
    task = await a_referral(scene)
    await perform(task, actor=await the_receiver(scene), verb="decline", version=2, fields={"reason": "no_capacity"})
    await sign_in_as(web, await make_institution("Koordynacja", kind="kis"), "coordinator")
    form = form_with((await web.get(f"/referrals/{task}")).text, f'value="{other}"')
    answer = await web.post(f"/referrals/{task}/moves", data=hidden_fields(form))
    assert answer.status_code == 303
    assert (await web.get(answer.headers["location"])).status_code == 200
    assert await value("select count(*) from referral_task where replaces = $1 and state = 'draft'", task) == 1
