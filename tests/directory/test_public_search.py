"""The public search by HTTP, against the real database."""

from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from referral_hub import clock
from referral_hub.directory import public_api
from referral_hub.directory.read_model import Model
from referral_hub.directory.read_model_refresh import directory
from referral_hub.directory.read_model_shapes import OffersPage
from tests.build import make_institution, make_offer, make_site

pytestmark = pytest.mark.anyio

TARNOW = {"place": "Tarnów", "terc": "126301", "lat": 50.0121, "lon": 20.9858}
LIMANOWA = {"place": "Limanowa", "terc": "120701", "lat": 49.7059, "lon": 20.4222}
VILLAGE = {"place": "Łososina Górna", "terc": "120707", "lat": 49.7297, "lon": 20.4119}


@pytest.fixture
async def network(database: Any) -> dict[str, UUID]:
    """Four institutions in two towns and a village."""
    made: dict[str, UUID] = {}
    clinic = await make_institution("Poradnia Terapii Uzależnień w Limanowej", "lecznictwo_odwykowe", sort_key="p")
    at = await make_site(clinic, **LIMANOWA, hours_text="pn.-pt. 8-16")
    made["therapy"] = await make_offer(
        clinic, "terapia_uzaleznien", "Leczenie uzależnień", site=at, free=3, audiences=["uzal_alkohol"]
    )
    office = await make_institution("Ośrodek Pomocy Społecznej w Tarnowie", "ops", sort_key="o")
    hall = await make_site(office, **TARNOW)
    made["meal"] = await make_offer(office, "posilek", "Ciepły obiad", site=hall, free=0)
    made["work"] = await make_offer(office, "praca_socjalna", "Rozmowa z pracownikiem socjalnym", site=hall)
    home = await make_institution("Schronisko Brata Alberta", "schronisko", sort_key="s")
    safe = await make_site(home, **TARNOW, address_visibility="staff")
    made["shelter"] = await make_offer(home, "schronienie", "Nocleg", site=safe, free=5, audiences=["bezdomne"])
    branch = await make_institution("Filia", "ops", sort_key="f")
    village = await make_site(branch, **VILLAGE)
    made["branch"] = await make_offer(branch, "praca_socjalna", "Filia ośrodka", site=village)
    made["line"] = await make_offer(
        branch, "interwencja", "Telefon zaufania", remote=True, languages=["uk"], title_en="Crisis line"
    )
    return made


async def ask(web: httpx.AsyncClient, query: str = "") -> dict[str, Any]:
    answer = await web.get(f"/api/v1/offers?{query}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def names(body: dict[str, Any], network: dict[str, UUID]) -> list[str]:
    by_id = {str(value): name for name, value in network.items()}
    return [by_id[item["id"]] for item in body["items"]]


async def test_an_item_says_what_contract_promises(web: httpx.AsyncClient, network: dict[str, UUID]) -> None:
    body = await ask(web, "q=odwyk")
    msgspec.convert(body, OffersPage, strict=False)
    [item] = body["items"]
    assert item.keys() == {
        "id", "title", "url", "form", "needs", "audiences", "source_ids", "institution", "site", "contact", "capacity",
        "notice", "why",
    }  # fmt: skip
    assert item["institution"].keys() == {"id", "name", "kind", "source_ids"}
    assert item["capacity"] == {
        "status": "capacity", "free": 3, "reported_free": 3, "held": 0, "maximum": None, "waiting": None,
        "as_of": clock.today().isoformat(), "freshness": "fresh",
    }  # fmt: skip
    assert item["site"] == {
        "municipality": "Limanowa", "terc": "120701", "lat": 49.7059, "lon": 20.4222, "distance_km": None,
    }  # fmt: skip
    assert item["url"] == f"/offers/{network['therapy']}"
    assert body["understood"]["terms"] == ["odwyk"]
    assert (body["total"], body["page"], body["pages"]) == (1, 1, 1)


async def test_without_words_all_are_listed_free_places_first(web: httpx.AsyncClient, network: dict[str, UUID]) -> None:
    body = await ask(web)
    assert names(body, network) == ["therapy", "shelter", "branch", "work", "line", "meal"]
    assert names(await ask(web, "sort=name"), network) == ["meal", "branch", "therapy", "shelter", "work", "line"]


async def test_the_count_of_a_code_is_what_choosing_it_shows(
    web: httpx.AsyncClient, network: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = await directory()

    async def kept() -> Model:
        """As a running worker has it: read once, then asked some two hundred times."""
        return model

    monkeypatch.setattr(public_api, "directory", kept)
    for start in ("", "q=pomoc", "kind=ops", "form=posilek&form=schronienie", "free=1"):
        body = await ask(web, start)
        for name in ("form", "need", "audience", "kind", "municipality"):
            parameter = "place" if name == "municipality" else name
            for row in body["facets"][name]:
                if f"{parameter}=" in start:
                    continue
                chosen = await ask(web, f"{start}&{parameter}={row['code']}")
                assert chosen["total"] == row["count"], (start, name, row)


async def test_repeated_codes_are_any_and_facets_are_all(web: httpx.AsyncClient, network: dict[str, UUID]) -> None:
    assert (await ask(web, "form=posilek&form=schronienie"))["total"] == 2
    assert (await ask(web, "form=posilek&form=schronienie&kind=ops"))["total"] == 1


async def test_a_place_keeps_what_is_there_or_comes_there(web: httpx.AsyncClient, network: dict[str, UUID]) -> None:
    body = await ask(web, "place=Tarn%C3%B3w")
    assert set(names(body, network)) == {"meal", "work", "shelter", "line"}
    assert body["understood"]["place"]["terc"] == "126301"
    assert body["items"][0]["site"]["distance_km"] is not None
    assert set(names(await ask(web, "q=nocleg+w+Tarnowie"), network)) == {"shelter"}


async def test_a_village_without_the_offer_is_told_the_nearest(
    web: httpx.AsyncClient, network: dict[str, UUID]
) -> None:
    body = await ask(web, "q=odwyk+lososina+gorna")
    assert names(body, network)[0] == "therapy"
    assert body["understood"]["place"] == {
        "name": "Łososina Górna", "terc": "120707", "kind": "locality", "near_km": None, "widened": True,
    }  # fmt: skip
    assert 2 < body["items"][0]["site"]["distance_km"] < 4


async def test_an_address_for_staff_is_nowhere_in_public(web: httpx.AsyncClient, network: dict[str, UUID]) -> None:
    [item] = (await ask(web, "form=schronienie"))["items"]
    assert (item["site"]["municipality"], item["site"]["lat"], item["site"]["lon"]) == ("Tarnów", None, None)
    for address in ("/api/v1/offers?form=schronienie", "/?form=schronienie", item["url"], "/map.json"):
        told = await web.get(address)
        assert told.status_code == 200
        assert "Próbna" not in told.text
        assert "50.012" not in told.text
    assert set(names(await ask(web, "q=próbna"), network)) == {"therapy", "meal", "work", "branch"}


async def test_slips_are_mended_and_said(web: httpx.AsyncClient, network: dict[str, UUID]) -> None:
    body = await ask(web, "q=nockleg")
    assert names(body, network) == ["shelter"]
    assert body["understood"]["corrected"] == "nocleg"


async def test_draft_put_away_and_future_offers_are_not_found(web: httpx.AsyncClient, database: Any) -> None:
    own = await make_institution("Cicha")
    for status in ("draft", "archived"):
        await make_offer(own, title="Cichy obiad", status=status)
    await make_offer(own, title="Cichy obiad", visible_from=clock.today().replace(year=clock.today().year + 1))
    hidden = await make_institution("Ukryta", status="draft")
    await make_offer(hidden, title="Cichy obiad")
    assert (await ask(web, "q=cichy"))["total"] == 0


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("page=0", "page", "out_of_range"),
        ("page=x", "page", "not_a_number"),
        ("page=99999999999999", "page", "not_a_number"),
        ("per_page=101", "per_page", "out_of_range"),
        ("per_page=-1", "per_page", "not_a_number"),
        ("form=nothing", "form", "not_a_choice"),
        ("need=%00", "", ""),
        ("kind=%FF", "kind", "not_a_choice"),
        ("free=maybe", "free", "not_a_choice"),
        ("sort=price", "sort", "not_a_choice"),
        ("lang=de", "lang", "not_a_choice"),
        ("q=" + "a" * 400, "q", "too_long"),
    ],
)
async def test_what_cannot_be_taken_is_named(
    web: httpx.AsyncClient, database: Any, query: str, field: str, code: str
) -> None:
    answer = await web.get(f"/api/v1/offers?{query}")
    if not field:
        assert answer.status_code == 200
        return
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [(p["field"], p["code"]) for p in answer.json()["problems"]] == [(field, code)]
    shown = await web.get(f"/?{query}")
    assert shown.status_code == 200


async def test_pages_part_the_list_without_gaps(web: httpx.AsyncClient, network: dict[str, UUID]) -> None:
    whole = names(await ask(web, "per_page=100"), network)
    parts = []
    for page in (1, 2, 3):
        body = await ask(web, f"per_page=2&page={page}")
        assert body["pages"] == 3
        parts += names(body, network)
    assert parts == whole
    assert (await ask(web, "per_page=2&page=9"))["items"] == []


async def test_the_language_is_that_asked_for(web: httpx.AsyncClient, network: dict[str, UUID]) -> None:
    body = await ask(web, "q=crisis&lang=en")
    assert body["items"][0]["title"] == "Crisis line"
    labels = {row["code"]: row["label"] for row in body["facets"]["kind"]}
    assert labels["ops"] == "social assistance centre"


async def test_every_page_of_the_directory_opens_in_every_language(
    web: httpx.AsyncClient, network: dict[str, UUID]
) -> None:
    body = await ask(web)
    for item in body["items"]:
        for language in ("pl", "uk", "en"):
            for address in (item["url"], f"/institutions/{item['institution']['id']}"):
                shown = await web.get(f"{address}?lang={language}")
                assert shown.status_code == 200
                assert item["institution"]["name"] in shown.text
