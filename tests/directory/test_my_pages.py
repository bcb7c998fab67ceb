"""A partner keeps its own offers true, and nobody else's."""

import re

import asyncpg
import httpx
import pytest

from referral_hub.database.columns import new_id
from tests.build import make_institution, make_offer, make_site, sign_in_as

pytestmark = pytest.mark.anyio
GOOD = {
    "title": "Prawnik za darmo",
    "form": "por_prawne",
    "needs": ["zadluzenie"],
    "everybody": "1",
    "first_step": "Zadzwoń i umów się.",
    "intake_mode": "phone",
    "area": "Tarnów, powiat tarnowski",
    "phone": "14 621-34-56",
    "email": "porady@ngo.example",
    "age_from": "18",
    "act": "publish",
}


async def test_from_nothing_to_a_published_offer(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    site = await make_site(institution)
    await sign_in_as(web, institution, "partner_editor")
    assert "Nowa oferta" in (await web.get("/my-offers/new")).text
    data = GOOD | {"sites": str(site), "hours_text": "pon.–pt. 8–16", "title_en": "Free lawyer"}
    answer = await web.post("/my-offers/new", data=data, follow_redirects=True)
    assert "Prawnik za darmo" in answer.text
    assert "w katalogu" in answer.text
    row = await database.fetchrow("select * from offer where institution = $1", institution)
    assert (row["status"], row["area"], row["intake_mode"], row["rhythm"]) == (
        "published",
        ["126301", "1216"],
        "phone",
        "month",
    )
    contacts = await database.fetch(
        "select kind, value from contact where belongs_to = $1 order by position", row["id"]
    )
    assert [tuple(one) for one in contacts] == [("phone", "14 621 34 56"), ("email", "porady@ngo.example")]
    assert await database.fetchval("select hours_text from site where id = $1", site) == "pon.–pt. 8–16"
    page = await web.get(f"/my-offers/{row['id']}")
    for shown in ("Prawnik za darmo", "Tarnów, powiat tarnowski", "14 621 34 56", "pon.–pt. 8–16", "brakuje: 1"):
        assert shown in page.text


async def test_all_problems_at_once_and_what_was_typed_stays(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    await make_site(institution)
    await sign_in_as(web, institution, "partner_editor")
    data = {
        "title": "",
        "form": "brak",
        "first_step": "",
        "area": "Nibylandia",
        "phone": "dzwoń",
        "email": "porady",
        "age_from": "60",
        "age_to": "18",
        "cost": "x" * 400,
        "act": "publish",
    }
    answer = await web.post("/my-offers/new", data=data)
    assert answer.status_code == 422
    fields = set(re.findall(r'<li><a href="#(\w+)">', answer.text))
    expected = {
        "title", "form", "needs", "audiences", "first_step", "area", "phone", "email", "age_to", "cost", "intake_mode",
        "sites",
    }  # fmt: skip
    assert fields == expected
    assert "Nibylandia" in answer.text
    assert 'value="dzwoń"' in answer.text
    assert "<title>Błąd" in answer.text
    assert await database.fetchval("select count(*) from offer where institution = $1", institution) == 0


async def test_a_draft_needs_little_and_is_not_in_the_directory(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    await sign_in_as(web, institution, "partner_editor")
    data = {"title": "Na próbę", "form": "por_prawne", "intake_mode": "open", "act": "draft"}
    assert (await web.post("/my-offers/new", data=data)).status_code == 303
    assert await database.fetchval("select status from offer where institution = $1", institution) == "draft"
    assert "szkic" in (await web.get("/my-offers")).text


async def test_closing_opening_and_taking_out(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    offer = await make_offer(institution)
    await sign_in_as(web, institution, "partner_editor")
    for verb, status in (("close", "closed"), ("reopen", "published"), ("archive", "archived"), ("restore", "draft")):
        assert (await web.post(f"/my-offers/{offer}/status", data={"verb": verb})).status_code == 303
        assert await database.fetchval("select status from offer where id = $1", offer) == status
    for verb in ("delete", "", "reopen", "publish"):
        assert (await web.post(f"/my-offers/{offer}/status", data={"verb": verb})).status_code == 422
    assert await database.fetchval("select status from offer where id = $1", offer) == "draft"


async def test_one_tap_and_undo_signed_in(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    offer = await make_offer(institution, free=3)
    await sign_in_as(web, institution, "partner_editor")
    answer = await web.post(f"/my-offers/{offer}/readings", data={"act": "zero", "key": "a"}, follow_redirects=True)
    assert "Zapisane." in answer.text
    undo = re.search(r'action="(/my-offers/readings/[^"]+/undo)"', answer.text)
    assert undo is not None
    assert "Cofnięte." in (await web.post(undo[1], follow_redirects=True)).text
    assert await database.fetchval("select free from offer_places where offer = $1", offer) == 3
    assert (await web.post(undo[1])).status_code == 422
    assert (await web.post(f"/my-offers/{offer}/readings", data={"act": "plus", "free": "3"})).status_code == 200
    assert (await web.post(f"/my-offers/{offer}/readings", data={"act": "set", "free": "-3"})).status_code == 422


async def test_foreign_offers_and_places_are_not_found(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    other = await make_institution()
    offer, site = await make_offer(other), await make_site(other)
    await sign_in_as(web, await make_institution(), "partner_editor")
    for target in (offer, new_id()):
        assert (await web.get(f"/my-offers/{target}")).status_code == 404
        assert (await web.post(f"/my-offers/{target}", data=GOOD | {"version": "1"})).status_code == 404
        assert (await web.post(f"/my-offers/{target}/readings", data={"act": "zero"})).status_code == 404
        assert (await web.post(f"/my-offers/{target}/status", data={"verb": "archive"})).status_code == 404
        assert (await web.post(f"/my-offers/readings/{target}/undo")).status_code == 404
    for target in (site, new_id()):
        assert (await web.get(f"/my-offers/places/{target}")).status_code == 404
        assert (
            await web.post(f"/my-offers/places/{target}", data={"place": "Tarnów", "version": "1"})
        ).status_code == 404
    assert await database.fetchval("select title from offer where id = $1", offer) == "Oferta próbna"
    taken = await web.post("/my-offers/new", data=GOOD | {"sites": str(site)})
    assert taken.status_code == 422


async def test_a_place_with_its_hours(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    await sign_in_as(web, institution, "partner_editor")
    data = {
        "place": "Tarnów",
        "street": "ul. Długa 1",
        "post_code": "33-100",
        "address_visibility": "staff",
        "hours_text": "pon. 8-16",
    }
    wrong = await web.post("/my-offers/places/new", data=data | {"post_code": "33100", "place": ""})
    assert wrong.status_code == 422
    assert 'value="33100"' in wrong.text
    assert (await web.post("/my-offers/places/new", data=data | {"place": "Nibylandia"})).status_code == 422
    assert (await web.post("/my-offers/places/new", data=data)).status_code == 303
    row = await database.fetchrow("select id, terc, address_visibility from site where institution = $1", institution)
    assert (row["terc"], row["address_visibility"]) == ("126301", "staff")
    page = await web.get(f"/my-offers/places/{row['id']}")
    assert "godziny na dziś" in page.text
    data |= {"hours_text": "po umówieniu", "version": "1"}
    saved = await web.post(f"/my-offers/places/{row['id']}", data=data, follow_redirects=True)
    assert "Ten tekst pokazujemy w całości" in saved.text
    assert (await web.post(f"/my-offers/places/{row['id']}", data=data | {"travel": "autobus 9"})).status_code == 409


async def test_signed_out_and_without_rights(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    assert (await web.get("/my-offers")).headers["location"].startswith("/sign-in")
    await sign_in_as(web, await make_institution(), "partner_intake")
    assert (await web.get("/my-offers")).status_code == 403
    assert (await web.post("/my-offers/new", data=GOOD)).status_code == 403


async def test_a_new_offer_shows_the_hours_of_its_place_and_never_empties_them(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    site = await make_site(institution, hours_text="wt. 9-12")
    await sign_in_as(web, institution, "partner_editor")
    assert "wt. 9-12" in (await web.get("/my-offers/new")).text
    data = GOOD | {"sites": str(site), "hours_text": ""}
    assert (await web.post("/my-offers/new", data=data)).status_code == 303
    assert await database.fetchval("select hours_text from site where id = $1", site) == "wt. 9-12"


async def test_hours_typed_with_an_offer_wait_where_edits_wait(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    site = await make_site(institution, hours_text="wt. 9-12")
    await database.execute("update institution set edits_wait = true where id = $1", institution)
    await sign_in_as(web, institution, "partner_editor")
    data = GOOD | {"sites": str(site), "hours_text": "pon. 8-16"}
    assert (await web.post("/my-offers/new", data=data)).status_code == 303
    assert await database.fetchval("select hours_text from site where id = $1", site) == "wt. 9-12"
    waiting = "select changes->>'hours_text' from pending_edit where subject = $1 and state = 'waiting'"
    assert await database.fetchval(waiting, site) == "pon. 8-16"
