"""Whole journeys without script, by the links and forms that stand on the pages, within their budgets of clicks."""

import re
from datetime import timedelta

import httpx
import pytest

from referral_hub import clock
from tests.build import make_account, sign_in_as
from tests.referral_pages.rows import rows, value
from tests.referral_pages.scenes import NAME, a_referral, a_scene, form_with, hidden_fields, state_of, text_of

pytestmark = pytest.mark.anyio


class Clicks:
    """A browser without script that counts what a person presses."""

    def __init__(self, web: httpx.AsyncClient) -> None:
        self.web, self.made, self.page = web, 0, ""

    async def follow(self, answer: httpx.Response) -> str:
        while answer.status_code == 303:
            answer = await self.web.get(answer.headers["location"])
        assert answer.status_code == 200, answer.text[:500]
        self.page = answer.text
        return self.page

    async def link(self, address: str) -> str:
        """Press a link that stands on the page (or starts the journey)."""
        if self.page:
            assert f'href="{address}"' in self.page.replace("&amp;", "&")
        self.made += 1
        return await self.follow(await self.web.get(address))

    async def press(self, *needles: str, choose: dict[str, str] | None = None, button: str = "") -> str:
        """Press a button of the one form that holds the needles; each choice of a radio button is a click too."""
        form = form_with(self.page, *needles)
        data = hidden_fields(form) | selected(form) | (choose or {})
        for name, text in (choose or {}).items():
            assert f'name="{name}"' in form
            assert f'value="{text}"' in form
        if button:
            name, text = button.split("=")
            assert f'name="{name}" value="{text}"' in form
            data[name] = text
        action = re.search(r'action="([^"]+)"', form)
        assert action
        self.made += 1 + len(choose or {})
        return await self.follow(await self.web.post(action[1].replace("&amp;", "&"), data=data))


def selected(form: str) -> dict[str, object]:
    """What the form already says: chosen options, ticked boxes, typed texts."""
    found: dict[str, object] = {}
    for name, options in re.findall(r'<select id="[^"]+" name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    for name, text in re.findall(r'<input type="(?:radio|checkbox)" name="([^"]+)" value="([^"]*)" checked', form):
        found[name] = [*found[name], text] if isinstance(found.get(name), list) else [text]
    return found | dict(re.findall(r'<input id="[^"]+" name="([^"]+)" type="(?:text|date)" value="([^"]*)"', form))


async def test_a_social_worker_sends_a_person_alone_and_closes_on_her_word(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    await make_account(scene.clinic, "partner_intake")
    clicks = Clicks(web)
    # As the button beside a search result leads here, the village coming along.
    await clicks.link(f"/referrals/new?offer={scene.offer}&place=Ryglice")
    assert "pn–pt 8–18" in clicks.page
    await clicks.press("composer", 'name="act" value="alone"', choose={"person": str(scene.person)}, button="act=alone")
    assert "data-print" in clicks.page
    assert 'class="qr"' in clicks.page
    # The search before and the print after make two more.
    assert clicks.made + 2 <= 6
    assert await value("select count(*) from job where name = 'send_mail'") == 0
    (task,) = await rows("select id from referral_task")
    with clock.at(clock.now() + timedelta(days=7)):
        await sign_in_as(web, scene.club, "caseworker")
        later = Clicks(web)
        later.page = (await web.get(f"/referrals/{task['id']}")).text
        await later.press("-arrived")
        assert later.made == 1
    assert "wiadomo od osoby" in text_of(later.page)
    assert await state_of(task["id"]) == "delivered"


async def test_a_caseworker_records_an_answer_by_phone_in_two_clicks(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    clicks = Clicks(web)
    clicks.page = (await web.get(f"/referrals/{task}")).text
    days = re.findall(r'name="accept-phone-date" value="([\d-]+)"', clicks.page)
    clicks.made += 1  # opens „odpowiedzieli telefonicznie”
    await clicks.press('name="verb" value="accept"', 'value="phone"', button=f"accept-phone-date={days[1]}")
    assert clicks.made == 2
    assert await state_of(task) == "accepted"


async def test_a_referral_goes_there_and_back_on_pages_alone(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    clicks = Clicks(web)
    await clicks.link(f"/referrals/new?offer={scene.offer}&person={scene.person}")
    await clicks.press("composer", choose={"basis.given_how": "signed"}, button="act=check")
    assert NAME in clicks.page
    await clicks.press('name="verb" value="send"')
    (task,) = await rows("select id from referral_task")
    await sign_in_as(web, scene.clinic, "partner_intake")
    clicks.page = ""
    await clicks.link("/referrals")
    await clicks.link(f"/referrals/{task['id']}")
    today = clock.today().isoformat()
    day = re.findall(r'name="accept-self-date" value="([\d-]+)"', clicks.page)[0]
    await clicks.press('name="verb" value="accept"', button=f"accept-self-date={day}")
    await clicks.press('action="/referrals/' + str(task["id"]) + '/open"')
    assert NAME in clicks.page
    form = form_with(clicks.page, 'name="verb" value="start"')
    assert (
        await web.post(f"/referrals/{task['id']}/moves", data=hidden_fields(form) | {"start-self-date": today})
    ).status_code == 303
    page = (await web.get(f"/referrals/{task['id']}")).text
    form = form_with(page, 'name="verb" value="deliver"')
    data = hidden_fields(form) | {
        "deliver-self-outcome": "leczenie",
        "deliver-self-date": today,
        "deliver-self-hours": "2",
    }
    assert (await web.post(f"/referrals/{task['id']}/moves", data=data)).status_code == 303
    await sign_in_as(web, scene.club, "caseworker")
    clicks.page = ""
    await clicks.link("/referrals?box=todo")
    await clicks.link(f"/referrals/{task['id']}")
    assert "mówi instytucja" in text_of(clicks.page)
    await clicks.press("/seen")
    assert await value("select outcome_seen_at is not null from referral_task")
    assert 'class="count">0<' in (await web.get("/referrals?box=todo")).text
