"""Two people edit one entry at once, through pages and in the database: neither loses a word."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub.database.pool import ENGINE, close_pool, open_pool
from referral_hub.directory.saving import read_started, save_entry, written
from referral_hub.errors import Refused
from tests.build import actor_for, make_institution, make_offer, make_site, sign_in_as
from tests.conftest import make_database

pytestmark = pytest.mark.anyio
WHOLE: dict[str, Any] = {"needs": ["zadluzenie"], "audiences": ["bezrobotne"], "first_step": "Zadzwoń."}


def fields(text: str) -> dict[str, Any]:
    """What a browser would send of the page's big form as it stands."""
    form = text.split('<form method="post" action="/my-offers/', 1)[1].split("</form>", 1)[0]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and ("checked" in tag or not re.search(r'type="(?:checkbox|radio)"', tag)):
            found.setdefault(name[1], []).append(html.unescape(value[1]) if value else "")
    for name, text_of in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found[name] = [html.unescape(text_of)]
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = [chosen[1] if chosen else ""]
    return found


@pytest.fixture
async def offer(web: httpx.AsyncClient, database: asyncpg.Connection) -> UUID:
    institution = await make_institution()
    made = await make_offer(institution, title="Prawnik", site=await make_site(institution), **WHOLE)
    await sign_in_as(web, institution, "partner_editor")
    return made


async def test_different_fields_are_merged_and_it_is_said(
    web: httpx.AsyncClient, database: asyncpg.Connection, offer: UUID
) -> None:
    page = fields((await web.get(f"/my-offers/{offer}")).text)
    theirs = page | {"cost": "20 zł", "phone": "14 621 34 56", "needs": ["zadluzenie", "praca"]}
    assert (await web.post(f"/my-offers/{offer}", data=theirs)).status_code == 303
    mine = page | {"title": "Prawniczka", "hours_text": "pon. 8-16", "needs": ["zadluzenie", "zdrowie_psychiczne"]}
    answer = await web.post(f"/my-offers/{offer}", data=mine, follow_redirects=True)
    assert answer.status_code == 200
    told = re.search(r"jego zmianę też zachowaliśmy: ([^.<]+)", answer.text)
    assert told is not None
    assert set(told[1].split(", ")) == {"potrzeby", "koszt", "telefon"}
    row = await database.fetchrow("select title, cost, needs from offer where id = $1", offer)
    assert (row["title"], row["cost"]) == ("Prawniczka", "20 zł")
    assert set(row["needs"]) == {"zadluzenie", "praca", "zdrowie_psychiczne"}
    assert await database.fetchval("select value from contact where belongs_to = $1", offer) == "14 621 34 56"
    assert await database.fetchval("select hours_text from site") == "pon. 8-16"


async def test_one_field_twice_is_chosen_in_and_what_was_typed_stays(
    web: httpx.AsyncClient, database: asyncpg.Connection, offer: UUID
) -> None:
    page = fields((await web.get(f"/my-offers/{offer}")).text)
    await web.post(f"/my-offers/{offer}", data=page | {"title": "Ich nazwa", "cost": "20 zł"})
    clash = await web.post(f"/my-offers/{offer}", data=page | {"title": "Moja nazwa", "papers": "dowód"})
    assert clash.status_code == 409
    for shown in ("Ich nazwa", 'value="Moja nazwa"', ">dowód</textarea>", 'value="20 zł"', 'id="clash-title"'):
        assert shown in clash.text, shown
    again = fields(clash.text)
    # Sent on without a choice it asks again; nothing is overwritten.
    assert (await web.post(f"/my-offers/{offer}", data=again)).status_code == 409
    assert await database.fetchval("select title from offer where id = $1", offer) == "Ich nazwa"
    assert (await web.post(f"/my-offers/{offer}", data=again | {"keep-title": "mine"})).status_code == 303
    row = await database.fetchrow("select title, cost, papers from offer where id = $1", offer)
    assert tuple(row) == ("Moja nazwa", "20 zł", "dowód")


async def test_a_choice_over_what_has_moved_again_is_asked_again(
    web: httpx.AsyncClient, database: asyncpg.Connection, offer: UUID
) -> None:
    page = fields((await web.get(f"/my-offers/{offer}")).text)
    await web.post(f"/my-offers/{offer}", data=page | {"title": "Druga"})
    again = fields((await web.post(f"/my-offers/{offer}", data=page | {"title": "Moja"})).text)
    third = fields((await web.get(f"/my-offers/{offer}")).text)
    await web.post(f"/my-offers/{offer}", data=third | {"title": "Trzecia"})
    asked = await web.post(f"/my-offers/{offer}", data=again | {"keep-title": "mine"})
    assert asked.status_code == 409
    assert "Trzecia" in asked.text
    last = fields(asked.text) | {"keep-title": "theirs"}
    assert (await web.post(f"/my-offers/{offer}", data=last)).status_code == 303
    assert await database.fetchval("select title from offer where id = $1", offer) == "Trzecia"


@pytest.mark.parametrize("started", ["", "{", "null", '{"values": 5}', '{"version": "x"}', "\x00", "[" * 5000])
async def test_a_forged_start_overwrites_nobody(
    web: httpx.AsyncClient, database: asyncpg.Connection, offer: UUID, started: str
) -> None:
    page = fields((await web.get(f"/my-offers/{offer}")).text)
    await web.post(f"/my-offers/{offer}", data=page | {"title": "Ich nazwa"})
    forged = page | {"title": "Moja nazwa", "started": started, "version": "1"}
    answer = await web.post(f"/my-offers/{offer}", data=forged)
    assert answer.status_code == 409
    assert 'value="Moja nazwa"' in answer.text
    assert await database.fetchval("select title from offer where id = $1", offer) == "Ich nazwa"


async def test_typed_text_of_any_length_is_refused_beside_its_field_and_kept(
    web: httpx.AsyncClient, database: asyncpg.Connection, offer: UUID
) -> None:
    page = fields((await web.get(f"/my-offers/{offer}")).text)
    long = "bardzo długi opis " * 5000
    answer = await web.post(f"/my-offers/{offer}", data=page | {"description": long, "why": "y" * 300})
    assert answer.status_code == 422
    assert long.strip() in html.unescape(answer.text)
    assert 'href="#why"' in answer.text
    huge = await web.post(f"/my-offers/{offer}", data=page | {"description": "x" * 5_000_000})
    assert huge.status_code in (413, 422)


async def test_a_publics_offer_may_not_lose_what_it_needs_but_an_import_may_lack_it(
    web: httpx.AsyncClient, database: asyncpg.Connection, offer: UUID
) -> None:
    page = fields((await web.get(f"/my-offers/{offer}")).text)
    without = {name: value for name, value in page.items() if name not in ("needs", "audiences")}
    answer = await web.post(f"/my-offers/{offer}", data=without)
    assert answer.status_code == 422
    assert {"needs", "audiences"} <= set(re.findall(r'<a href="#(\w+)">', answer.text))
    institution = await database.fetchval("select institution from offer where id = $1", offer)
    imported = await make_offer(institution, title="Z rejestru")
    page = fields((await web.get(f"/my-offers/{imported}")).text)
    assert (await web.post(f"/my-offers/{imported}", data=page | {"phone": "14 621 34 56"})).status_code == 303


async def test_places_and_institutions_merge_alike(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution("Most")
    site = await make_site(institution)
    await sign_in_as(web, institution, "partner_editor")
    for url, one, other in (
        (f"/my-offers/places/{site}", {"travel": "autobus 9"}, {"name": "Świetlica"}),
        ("/my-offers/institution", {"phone": "14 621 34 56"}, {"description": "Pomagamy."}),
    ):
        page = fields((await web.get(url)).text)
        assert (await web.post(url, data=page | one)).status_code == 303
        kept = await web.post(url, data=page | other)
        assert "kept=" in kept.headers["location"]
        [name] = one
        clash = await web.post(url, data=page | {name: "601 123 456" if name == "phone" else "pieszo"})
        assert clash.status_code == 409
        assert f'id="clash-{name}"' in clash.text
    row = await database.fetchrow("select travel, name from site where id = $1", site)
    assert tuple(row) == ("autobus 9", "Świetlica")
    assert await database.fetchval("select value from contact where institution = $1", institution) == "14 621 34 56"
    assert await database.fetchval("select description from institution where id = $1", institution) == "Pomagamy."


@pytest.fixture
async def apart(pool: None, worker_id: str) -> AsyncIterator[None]:
    """A database of its own: real transactions that wait for each other; the worker's pool comes back afterwards."""
    before, ENGINE.pool, config = ENGINE.pool, None, ENGINE.config
    try:
        await open_pool(await make_database(f"hub_editors_{worker_id}"), largest=8)
        yield
    finally:
        await close_pool()
        ENGINE.pool, ENGINE.config = before, config


async def test_twelve_editors_in_real_transactions_lose_nothing(apart: None) -> None:
    institution = await make_institution()
    offer = await make_offer(institution, title="Prawnik", **WHOLE)
    actor = await actor_for(institution, "partner_editor")
    started = read_started(written(1, {"title": "Prawnik", "needs": ["zadluzenie"], "cost": "", "papers": ""}), None)
    codes = ["praca", "zdrowie_psychiczne", "mieszkanie", "uzaleznienie"]

    async def type_in(number: int) -> bool:
        mine: dict[str, Any] = {"title": f"Prawnik {number}"} if number % 3 == 0 else {}
        mine |= {"needs": ["zadluzenie", codes[number % 4]]}
        mine |= {"cost": "bezpłatnie"} if number % 3 == 1 else {}
        mine |= {"papers": "dowód"} if number % 3 == 2 else {}
        try:
            return not (await save_entry("offer", offer, mine, actor=actor, started=started)).clashes
        except Refused:
            return False

    saved = await asyncio.gather(*(type_in(number) for number in range(12)))
    held = await save_entry("offer", offer, {}, actor=actor)
    assert set(held.values["needs"]) == {"zadluzenie", *(codes[number % 4] for number in range(12) if saved[number])}
    assert (held.values["cost"], held.values["papers"]) == ("bezpłatnie", "dowód")
    # Of four who changed the name exactly the first got through, the others were asked.
    assert sum(saved[number] for number in range(0, 12, 3)) == 1
    assert all(saved[number] for number in range(12) if number % 3)
