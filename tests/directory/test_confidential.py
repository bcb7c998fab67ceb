"""What the public may not know stands nowhere: secret words are planted, and every open door is tried for them."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import openpyxl
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from referral_hub.accounts.actor import ANONYMOUS
from referral_hub.database.columns import to_json
from referral_hub.exchange.directory_xlsx import export_directory
from referral_hub.geography.units import unit
from tests.build import _insert, make_institution, make_offer, make_site, sign_in_as

pytestmark = pytest.mark.anyio

HIDDEN = (
    "Tajemnicza", "Skrytkowo", "38-999", "Willa Sekretna", "Zatajony", "611222333", "611 222 333", "50.0777", "20.9111",
)  # fmt: skip
BY_CATEGORY = (
    "Widmo", "Kryjówka", "Zofii", "Ustronna", "622333444", "622 333 444", "Szeptem", "Bezgłośnie", "Półcień",
    "Cieniście",
)  # fmt: skip
PLANTED = (*HIDDEN, *BY_CATEGORY)
SCHOOL = "126301"
"""The gmina of both (Tarnów)."""


class Planted:
    """A shelter at a hidden place with an ordinary offer; an institution whose only offer is shown by category."""

    shelter: UUID
    hidden_site: UUID
    ordinary: UUID
    ghost: UUID
    by_category: UUID


@pytest.fixture(params=["staff", "accepted"])
async def planted(database: asyncpg.Connection, request: pytest.FixtureRequest) -> Planted:
    made = Planted()
    made.shelter = await make_institution("Dom przy Tajemnicza 13", description="Mieścimy się: Tajemnicza 13, 38-999")
    made.hidden_site = await make_site(
        made.shelter, name="Willa Sekretna", street="ul. Tajemnicza 13", post_code="38-999", place="Skrytkowo",
        terc=SCHOOL, lat=50.0777, lon=20.9111, travel="przystanek Zatajony", hours_text="Tajemnicza 13: całą dobę",
        address_visibility=request.param,
        accessibility=to_json({"wejscie": {"answer": "yes", "text": "od strony Tajemnicza 13"}}),
    )  # fmt: skip
    made.ordinary = await make_offer(
        made.shelter, form="schronienie", title="Nocleg (Tajemnicza 13)", site=made.hidden_site, free=2,
        description="W Skrytkowo, Tajemnicza 13.", first_step="Przyjdź: ul. Tajemnicza 13", papers="Tajemnicza 13",
        source_text="Dom, ul. TAJEMNICZA 13, 38-999 Skrytkowo", eligibility=to_json({"note": "z ul. Tajemnicza 13"}),
    )  # fmt: skip
    made.ghost = await make_institution("Ośrodek Jawny", short_name="OJ")
    ghost_site = await make_site(made.ghost, street="ul. Ustronna 4", place="Tarnów", address_visibility=request.param)
    made.by_category = await make_offer(
        made.ghost, form="gr_wsparcia", title="Kryjówka Zofii", site=ghost_site, free=3, by_category=True,
        description="Widmo spotyka się Szeptem", first_step="Zapytaj Bezgłośnie", papers="Półcień",
        source_text="Cieniście, Widmo", audiences=["bezdomne"],
    )  # fmt: skip
    contact = {"kind": "phone", "visibility": "public", "position": 0, "source": "test"}
    await _insert(
        "contact", {**contact, "institution": made.shelter, "value": "611222333", "belongs_to": made.hidden_site}
    )
    await _insert(
        "contact", {**contact, "institution": made.ghost, "value": "622333444", "belongs_to": made.by_category}
    )
    return made


def open_addresses(app: Litestar, planted: Planted) -> list[str]:
    """Every page and answer that asks for no permission, with every id that fits."""
    values = {
        "institution": [planted.shelter, planted.ghost],
        "offer": [planted.ordinary, planted.by_category],
        "site": [planted.hidden_site],
    }
    found: list[str] = []
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            if "GET" not in handler.http_methods or handler.opt.get("permissions") or not handler.opt.get("public"):
                continue
            names = re.findall(r"\{(\w+)(?::\w+)?\}", route.path)
            if all(name in values for name in names):
                addresses = [route.path]
                for name in names:
                    addresses = [
                        re.sub(rf"\{{{name}(?::\w+)?\}}", str(value), address)
                        for address in addresses
                        for value in values[name]
                    ]
                found += addresses
    return found


async def answers(web: httpx.AsyncClient, app: Litestar, planted: Planted) -> AsyncIterator[tuple[str, str]]:
    searches = (
        "",
        "?q=nocleg",
        "?q=grupa+wsparcia",
        "?place=126301&sort=near",
        "?form=gr_wsparcia",
        "?free=1",
        "?sort=name",
    )
    addresses = [*open_addresses(app, planted), *(f"/{one}" for one in searches)]
    addresses += [f"/api/v1/offers{one}" for one in searches]
    for address in addresses:
        answer = await web.get(address, follow_redirects=True)
        assert answer.status_code < 500, address
        yield address, answer.text


async def test_no_open_door_tells_a_planted_word(web: httpx.AsyncClient, app: Litestar, planted: Planted) -> None:
    tried, told = 0, []
    async for address, text in answers(web, app, planted):
        tried += 1
        told += [(address, word) for word in PLANTED if word.lower() in text.lower()]
        if str(planted.by_category) in address and "/institutions/" not in address:
            told += [(address, word) for word in ("Ośrodek Jawny", str(planted.ghost)) if word in text]
    assert tried > 30
    assert sorted(set(told)) == []


async def test_a_secret_word_finds_nothing_mends_nothing_and_orders_nothing(
    web: httpx.AsyncClient, planted: Planted
) -> None:
    for word in (*PLANTED, "Tajemnicz", "kryjowka zofi"):
        found = (await web.get("/api/v1/offers", params={"q": word})).json()
        assert found["total"] == 0, word
        assert found["understood"]["corrected"] is None
    by_place = (await web.get("/api/v1/offers", params={"place": "Skrytkowo"})).json()
    assert by_place["understood"]["place"] is None


async def test_a_hidden_place_is_as_far_as_the_middle_of_its_gmina(web: httpx.AsyncClient, planted: Planted) -> None:
    gmina = unit(SCHOOL)
    assert gmina is not None
    found = (await web.get("/api/v1/offers", params={"place": SCHOOL, "sort": "near"})).json()["items"]
    sites = {one["id"]: one["site"] for one in found}
    for offer in (planted.ordinary, planted.by_category):
        assert (sites[str(offer)]["lat"], sites[str(offer)]["lon"]) == (None, None)
        assert sites[str(offer)]["distance_km"] == 0.0
        assert sites[str(offer)]["terc"] == SCHOOL


async def test_an_offer_by_category_is_found_by_what_it_is(web: httpx.AsyncClient, planted: Planted) -> None:
    found = (await web.get("/api/v1/offers", params={"form": "gr_wsparcia"})).json()["items"]
    assert [one["id"] for one in found] == [str(planted.by_category)]
    assert (found[0]["title"], found[0]["capacity"]["free"]) == ("Grupa wsparcia", 3)
    assert found[0]["institution"] == {"id": "", "name": "", "kind": "", "source_ids": []}
    page = (await web.get(f"/offers/{planted.by_category}")).text
    assert "Grupa wsparcia" in page
    assert "gmina Tarnów" in page
    assert "Kryjówka" not in (await web.get(f"/institutions/{planted.ghost}")).text


async def test_the_file_for_everybody_tells_no_planted_word(planted: Planted, tmp_path: Path) -> None:
    path = tmp_path / "directory.xlsx"
    await export_directory(path, actor=ANONYMOUS)
    cells = [
        str(cell) for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows(values_only=True) for cell in row
    ]
    assert [word for word in PLANTED if any(word.lower() in cell.lower() for cell in cells)] == []
    assert "Grupa wsparcia" in cells


async def test_staff_see_the_whole(web: httpx.AsyncClient, planted: Planted, request: pytest.FixtureRequest) -> None:
    await sign_in_as(web, await make_institution("Klub"), "caseworker")
    page = (await web.get(f"/offers/{planted.by_category}")).text
    assert "Kryjówka Zofii" in page
    assert "Ośrodek Jawny" in page
    assert "publicznie widać tylko rodzaj pomocy" in page
    found = (await web.get("/", params={"q": "kryjówka zofii"})).text
    assert f"/offers/{planted.by_category}" in found
    assert "Kryjówka Zofii" in (await web.get("/?form=gr_wsparcia")).text
    at_the_shelter = (await web.get(f"/offers/{planted.ordinary}")).text
    # After an accepted referral only: a caseworker reading the directory does not see it either.
    assert ("38-999" in at_the_shelter) is ("staff]" in request.node.name)


async def test_a_change_of_mind_reaches_the_model_at_once(
    web: httpx.AsyncClient, database: asyncpg.Connection, planted: Planted
) -> None:
    await database.execute("update offer set by_category = false where id = $1", planted.by_category)
    assert "Kryjówka Zofii" in (await web.get(f"/offers/{planted.by_category}")).text
