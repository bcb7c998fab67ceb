"""The card that the person takes along: a code only where one was made, no more of a place than may be printed."""

import re
from datetime import timedelta

import httpx
import pytest

from referral_hub import clock
from referral_hub.referrals.actions import draft
from tests.build import make_institution, make_offer, make_site, sign_in_as
from tests.referral_pages.rows import value
from tests.referral_pages.scenes import (
    a_referral,
    a_scene,
)
from tests.referrals.scene import make_scene

pytestmark = pytest.mark.anyio


async def test_the_card_has_a_code_only_after_it_was_made_and_prints_in_three_languages(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    links = "select count(*) from link where kind = 'p'"
    page = (await web.get(f"/referrals/{task}/card")).text
    assert "<svg class" not in page.split("printed-card")[1]
    assert await value(links) == 0
    answer = await web.post(f"/referrals/{task}/card")
    assert answer.headers["location"] == f"/referrals/{task}/card"
    page = (await web.get(f"/referrals/{task}/card")).text.split("printed-card")[1]
    assert 'class="qr"' in page
    assert "style=" not in page
    code = re.findall(r'<strong class="code">([0-9A-Z]{4} [0-9A-Z]{4})<', page)[0]
    assert await value(links) == 1
    for language, words in (("pl", "Poradnia"), ("uk", "Поліклініка"), ("en", "Clinic")):
        told = (await web.get(f"/referrals/{task}/card?in={language}")).text.split("printed-card")[1]
        assert f"<h2>{words}</h2>" in told, "a place that is protected is named by its kind, in the card's language"
    web.cookies.clear()
    number = await value("select number from referral_task where id = $1", task)
    assert f"{number}</strong>" in page
    assert (await web.post("/p/code", data={"number": number, "code": code})).status_code == 303
    assert str(task) in (await web.get("/p")).text


async def test_a_card_for_an_open_place_names_it(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    ngo = await make_institution("Stowarzyszenie Dobry Adres", kind="ngo")
    offer = await make_offer(ngo, "por_prawne", "Porady prawne", first_step="zadzwoń", papers="dowód")
    task = await draft(actor=scene.worker, person=scene.person, offer=offer, need="prawo", basis={"kind": "no_data"})
    card = (await web.get(f"/referrals/{task}/card")).text.split("printed-card")[1]
    for told in ("Dobry Adres", "Porady prawne", "zadzwoń", "dowód"):
        assert told in card


async def test_an_address_kept_from_the_public_is_never_printed(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    shelter = await make_institution("Schronisko", kind="schronisko")
    site = await make_site(shelter, street="ul. Ukryta 7", address_visibility="staff")
    offer = await make_offer(shelter, "schronienie", "Nocleg", site=site)
    task = await draft(actor=scene.worker, person=scene.person, offer=offer, need="nocleg", basis={"kind": "no_data"})
    card = (await web.get(f"/referrals/{task}/card")).text
    assert "Ukryta" not in card
    assert "Zadzwoń, podadzą" in card


async def test_a_card_names_the_agreed_day_until_it_is_over(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    await sign_in_as(web, scene.club, "caseworker")
    day = "update referral_task set appointment_at = $2 where id = $1 returning number"
    await value(day, task, clock.today().isoformat())
    assert "Twój termin" in (await web.get(f"/referrals/{task}/card")).text
    await value(day, task, (clock.today() - timedelta(days=1)).isoformat())
    assert "Twój termin" not in (await web.get(f"/referrals/{task}/card")).text
