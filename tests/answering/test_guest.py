"""A receiver without an account answers by a link: a visit changes nothing, one tap accepts with a day."""

import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.links import make_link
from referral_hub.database.transaction import SYSTEM
from tests.referral_pages.rows import rows, value
from tests.referral_pages.scenes import (
    NAME,
    Scene,
    a_plain_scene,
    a_referral,
    form_with,
    hidden_fields,
    state_of,
    text_of,
)
from tests.referrals.scene import in_days

pytestmark = pytest.mark.anyio


async def a_guest(web: httpx.AsyncClient, scene: Scene, task: UUID, address: str = "biuro@poradnia.example") -> str:
    """The secret of a fresh answer link; nobody is signed in any more."""
    secret, _ = await make_link("a", by=SYSTEM, institution=scene.clinic, subject=task, address=address)
    web.cookies.clear()
    web.headers.pop("X-CSRF-Token", None)
    return secret


async def arrive(web: httpx.AsyncClient, secret: str) -> str:
    answer = await web.get(f"/a/{secret}")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/a"
    assert "no-referrer" in answer.headers["referrer-policy"]
    page = await web.get("/a")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    return page.text


async def test_a_visit_changes_nothing_and_shows_no_name(web: httpx.AsyncClient) -> None:
    scene = await a_plain_scene(web)
    task = await a_referral(scene)
    before = await rows("select version, seen_at, state from referral_task")
    lines = await value("select count(*) from audit_event")
    secret = await a_guest(web, scene, task)
    for _ in range(3):
        page = await arrive(web, secret)
    assert await rows("select version, seen_at, state from referral_task") == before
    assert await value("select count(*) from audit_event") == lines + 1  # the making of the link
    assert await value("select count(*) from link where used_at is not null") == 0
    assert NAME not in page
    assert "600 700 800" not in page
    assert secret not in page
    assert "Klub Próbny" in page


async def test_one_tap_accepts_with_a_day_and_takes_the_place(web: httpx.AsyncClient) -> None:
    scene = await a_plain_scene(web)
    task = await a_referral(scene)
    page = await arrive(web, await a_guest(web, scene, task))
    form = form_with(page, 'value="accept"')
    days = re.findall(r'name="accept-self-date" value="([\d-]+)"', form)
    assert len(days) == 5
    answer = await web.post("/a/moves", data={**hidden_fields(form), "accept-self-date": days[1]})
    assert answer.status_code == 303
    assert await state_of(task) == "accepted"
    assert await value("select appointment_at from referral_task where id = $1", task) == days[1]
    assert await value("select taken_since from offer_places where offer = $1", scene.offer) == 1


async def test_a_used_link_shows_what_was_answered_and_answers_no_more(web: httpx.AsyncClient) -> None:
    scene = await a_plain_scene(web)
    task = await a_referral(scene)
    secret = await a_guest(web, scene, task)
    fields = hidden_fields(form_with(await arrive(web, secret), 'value="accept"'))
    await web.post("/a/moves", data={**fields, "accept-self-date": ""})
    page = await arrive(web, secret)
    assert "/a/moves" not in page
    assert "Już Państwo odpowiedzieli" in page
    assert "zamówić nowy link" in page
    again = await web.post(
        "/a/moves", data={**fields, "verb": "start", "version": "3", "key": "other", "start-self-date": "2026-11-23"}
    )
    assert again.status_code == 422
    assert await state_of(task) == "accepted"


async def test_after_accepting_the_data_open_by_post_and_leave_a_line(web: httpx.AsyncClient) -> None:
    scene = await a_plain_scene(web)
    task = await a_referral(scene)
    secret = await a_guest(web, scene, task)
    fields = hidden_fields(form_with(await arrive(web, secret), 'value="accept"'))
    await web.post("/a/moves", data={**fields, "accept-self-date": ""})
    page = await arrive(web, secret)
    assert NAME not in page
    opened = await web.post("/a/open", data={"csrf": fields["csrf"]})
    assert NAME in opened.text
    assert "600 700 800" in opened.text
    assert await value("select count(*) from disclosure where kind = 'opened' and institution = $1", scene.clinic) == 1


@pytest.mark.parametrize(
    ("verb", "typed", "state"),
    [
        ("ask", {"question": "Czy osoba może rano?"}, "info_needed"),
        ("decline", {"reason": "no_capacity"}, "declined"),
        ("decline", {"reason": "other", "text": "remont"}, "declined"),
        ("accept", {"date": "other", "other_date": in_days(60)}, "accepted"),
    ],
)
async def test_the_other_answers_are_one_small_form(
    web: httpx.AsyncClient, verb: str, typed: dict[str, str], state: str
) -> None:
    scene = await a_plain_scene(web)
    task = await a_referral(scene)
    page = await arrive(web, await a_guest(web, scene, task))
    data = hidden_fields(form_with(page, f'name="verb" value="{verb}"')) | {
        f"{verb}-self-{name}": text for name, text in typed.items()
    }
    assert (await web.post("/a/moves", data=data)).status_code == 303
    assert await state_of(task) == state


async def test_a_waiting_list_needs_a_day_to_look_again(web: httpx.AsyncClient) -> None:
    scene = await a_plain_scene(web)
    task = await a_referral(scene)
    page = await arrive(web, await a_guest(web, scene, task))
    fields = hidden_fields(form_with(page, 'name="verb" value="waitlist"'))
    refused = await web.post(
        "/a/moves", data={**fields, "waitlist-self-position": "cztery", "waitlist-self-review_on": ""}
    )
    assert refused.status_code == 422
    assert 'id="waitlist-self-position-problem"' in refused.text
    assert 'id="waitlist-self-review_on-problem"' in refused.text
    later = (clock.today() + timedelta(days=14)).isoformat()
    data = {**fields, "key": "second", "waitlist-self-position": "4", "waitlist-self-review_on": later}
    assert (await web.post("/a/moves", data=data)).status_code == 303
    assert await state_of(task) == "waitlisted"


async def test_at_most_four_buttons_stand_first(web: httpx.AsyncClient) -> None:
    scene = await a_plain_scene(web)
    page = await arrive(web, await a_guest(web, scene, await a_referral(scene)))
    shown = page.split('<details class="more"')[0]
    assert set(re.findall(r'name="verb" value="(\w+)"', shown)) == {"accept", "ask", "waitlist", "decline"}


async def test_a_stale_page_is_told_so_and_keeps_what_was_typed(web: httpx.AsyncClient) -> None:
    scene = await a_plain_scene(web)
    task = await a_referral(scene)
    page = await arrive(web, await a_guest(web, scene, task))
    data = hidden_fields(form_with(page, 'name="verb" value="ask"'))
    answer = await web.post("/a/moves", data={**data, "version": "1", "ask-self-question": "Zachowane pytanie"})
    assert answer.status_code == 409
    assert "Zachowane pytanie" in answer.text


async def test_a_replayed_answer_repeats_the_first_one(web: httpx.AsyncClient) -> None:
    scene = await a_plain_scene(web)
    task = await a_referral(scene)
    page = await arrive(web, await a_guest(web, scene, task))
    data = hidden_fields(form_with(page, 'name="verb" value="decline"')) | {"decline-self-reason": "out_of_area"}
    first, again = await web.post("/a/moves", data=data), await web.post("/a/moves", data=data)
    assert (first.status_code, again.status_code) == (303, 303)
    assert await value("select count(*) from task_event where verb = 'decline'") == 1


async def test_without_the_token_or_the_cookie_nothing_moves(web: httpx.AsyncClient) -> None:
    scene = await a_plain_scene(web)
    task = await a_referral(scene)
    data = hidden_fields(form_with(await arrive(web, await a_guest(web, scene, task)), 'value="accept"'))
    assert (await web.post("/a/moves", data={**data, "csrf": "wrong"})).status_code == 403
    web.cookies.clear()
    assert (await web.post("/a/moves", data=data, follow_redirects=True)).status_code == 404
    web.cookies.set("hub_a", "AAAAAAAAAAAAAAAAAAAAAA.forged")
    assert (await web.get("/a")).status_code == 404
    assert await state_of(task) == "sent"


async def test_an_expired_link_says_so_and_one_button_mails_a_new_one(web: httpx.AsyncClient) -> None:
    scene = await a_plain_scene(web)
    secret = await a_guest(web, scene, await a_referral(scene))
    with clock.at(clock.now() + timedelta(days=31)):
        assert (await web.get(f"/a/{secret}")).status_code == 303
        page = await web.get("/a")
        assert page.status_code == 410
        fields = hidden_fields(form_with(page.text, "/a/renew"))
        jobs = await value("select count(*) from job where name = 'send_mail'")
        assert (await web.post("/a/renew", data=fields)).headers["location"] == "/a/renewed"
        assert (await web.get("/a/renewed")).status_code == 200
        assert await value("select count(*) from job where name = 'send_mail'") == jobs + 1
        assert (await web.post("/a/renew", data=fields)).status_code == 429


@pytest.mark.parametrize("secret", ["short", "x" * 32, "ż" * 30, "%00" * 10])
async def test_an_unknown_link_is_a_plain_page(web: httpx.AsyncClient, secret: str) -> None:
    answer = await web.get(f"/a/{secret}")
    assert answer.status_code == 404
    assert "<h1>" in answer.text


async def test_the_page_speaks_ukrainian(web: httpx.AsyncClient) -> None:
    scene = await a_plain_scene(web)
    await arrive(web, await a_guest(web, scene, await a_referral(scene)))
    text = text_of((await web.get("/a?lang=uk")).text)
    assert "Звернення" in text
    assert "Коли особа може прийти?" in text
