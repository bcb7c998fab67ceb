"""What would make an offer better: the gate, plain words, the order of advice, the network worst first."""

from datetime import date, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.database.transaction import SYSTEM
from referral_hub.directory.better import HARD_FROM, Known, advice, weight
from referral_hub.directory.better_queries import advice_for, better_network
from referral_hub.directory.gate import missing
from referral_hub.directory.plain_words import syllables, years_of_school
from referral_hub.institutions.actions import NewContact, set_contacts
from tests.build import make_institution, make_offer, make_site, sign_in_as, to_json

pytestmark = pytest.mark.anyio
TODAY = date(2026, 11, 23)
EASY = (
    "Pomagamy ludziom, którzy mają długi. Zadzwoń do nas. Powiedz, co się stało. Razem przejrzymy listy i umowy. "
    "Napiszemy pismo do banku lub do sądu. Pomoc jest za darmo. Nie trzeba się zapisywać. Przyjdź w środę rano."
)
HARD = (
    "W ramach kompleksowego specjalistycznego poradnictwa prawnego realizowane są wielokierunkowe oddziaływania "
    "ukierunkowane na przeciwdziałanie nadmiernemu zadłużeniu beneficjentów, z uwzględnieniem zindywidualizowanej "
    "diagnozy uwarunkowań socjoekonomicznych oraz potencjalnych możliwości restrukturyzacji zobowiązań finansowych, "
    "przy zachowaniu obowiązujących procedur kwalifikacyjnych."
)
GOOD = Known(first_step="Zadzwoń.", description=EASY, phone_confirmed_on=TODAY)
VALUES: dict[str, Any] = {
    "title": "Prawnik", "form": "por_prawne", "rhythm": "month", "needs": ["prawo"], "audiences": [], "everybody": True,
    "first_step": "", "phone": "14 621 34 56", "sites": [], "remote": True, "area": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, ""),
        ({"title": ""}, "title"),
        ({"form": ""}, "form"),
        ({"rhythm": ""}, "rhythm"),
        ({"needs": []}, "needs"),
        ({"everybody": False}, "audiences"),
        ({"everybody": False, "audiences": ["bezrobotne"]}, ""),
        ({"phone": ""}, "first_step"),
        ({"phone": "", "first_step": "Przyjdź."}, ""),
        ({"remote": False}, "sites"),
        ({"remote": False, "area": ["12"]}, ""),
        ({"remote": False, "sites": ["x"]}, ""),
    ],
)
def test_the_gate_names_what_is_missing(change: dict[str, Any], field: str) -> None:
    assert [problem.field for problem in missing({**VALUES, **change})] == ([field] if field else [])


def test_without_any_place_the_gate_points_at_what_can_be_ticked() -> None:
    assert [one.field for one in missing({**VALUES, "remote": False}, has_sites=False)] == ["remote"]


def test_syllables_of_polish_words() -> None:
    told = {"dom": 1, "wiatr": 1, "auto": 2, "kuria": 2, "możliwość": 3, "zadłużenie": 4, "niepełnosprawność": 5}
    assert {word: syllables(word) for word in told} == told


def test_an_office_text_needs_studies_and_a_plain_one_does_not() -> None:
    plain, office = years_of_school(EASY), years_of_school(HARD)
    assert plain is not None
    assert office is not None
    assert plain < 7 < HARD_FROM < office
    assert years_of_school("Za krótkie, żeby coś powiedzieć.") is None
    assert years_of_school("") is None


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({}, []),
        ({"phone": False, "phone_confirmed_on": None}, ["no_phone"]),
        ({"phone_doubted": True}, ["phone_doubted"]),
        ({"phone_confirmed_on": TODAY - timedelta(days=365)}, []),
        ({"phone_confirmed_on": TODAY - timedelta(days=366)}, ["phone_old"]),
        ({"phone_confirmed_on": None}, ["phone_never_confirmed"]),
        ({"first_step": ""}, ["no_first_step"]),
        ({"freshness": "not_suggested"}, ["reading_old"]),
        ({"freshness": "unknown"}, ["no_reading"]),
        ({"hours": False, "accessibility": False}, ["no_hours", "access_unknown"]),
        ({"hours": False, "accessibility": False, "remote": True}, []),
        ({"for_whom": False, "needs": False, "where": False}, ["for_whom_unclear", "no_place", "no_needs"]),
        ({"description": ""}, ["no_description"]),
        ({"description": EASY * 8}, ["description_long"]),
        ({"description": HARD}, ["description_hard"]),
        ({"in_english": False, "in_ukrainian": False}, ["no_ukrainian", "no_english"]),
    ],
)
def test_each_lack_is_said_and_the_gravest_first(change: dict[str, Any], codes: list[str]) -> None:
    known = Known(**{**{name: getattr(GOOD, name) for name in GOOD.__struct_fields__}, **change})
    found = advice(known, TODAY)
    assert [one.code for one in found] == codes
    assert weight(found) == sum(one.weight for one in found)


async def test_each_line_leads_to_its_field(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution("Most")
    site = await make_site(institution)
    offer = await make_offer(institution, title="Prawnik", site=site)
    urls = {one.advice.code: one.url for one in await advice_for(offer)}
    assert urls["no_phone"] == f"/my-offers/{offer}#phone"
    assert urls["access_unknown"] == f"/my-offers/places/{site}#access"
    assert urls["no_reading"] == f"/my-offers#offer-{offer}"
    await sign_in_as(web, institution, "partner_editor")
    for url in urls.values():
        path, _, anchor = url.partition("#")
        answer = await web.get(path)
        assert answer.status_code == 200
        assert f'id="{anchor}"' in answer.text, url


async def test_the_network_is_listed_worst_first(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    bare, good = await make_institution("Uboga"), await make_institution("Zasobna")
    await make_offer(bare, title="Goła oferta")
    site = await make_site(good, hours_text="pon. 8-16", accessibility=to_json({"overall": {"answer": "yes"}}))
    phone = NewContact(kind="phone", value="14 621 34 56", confirmed_on=clock.today())
    await set_contacts(good, [phone], by=SYSTEM, source="test")
    whole = {"needs": ["prawo"], "audiences": ["bezrobotne"], "first_step": "Zadzwoń.", "description": "Opis."}
    offer = await make_offer(good, title="Pełna", site=site, free=1, title_uk="Повна", **whole)
    found, pages, how_many = await better_network(1)
    assert [one.name for one in found] == ["Uboga", "Zasobna"]
    assert (pages, how_many) == (1, 2)
    assert [one.advice.code for one in await advice_for(offer)] == ["no_english"]
    await sign_in_as(web, good, "partner_editor")
    assert (await web.get("/better")).status_code == 403
    await sign_in_as(web, await make_institution("KIS", kind="kis"), "coordinator")
    page = (await web.get("/better")).text
    assert page.index("Uboga") < page.index("Zasobna")
    assert "Dodaj nazwę po angielsku." in page
    assert (await web.get("/better?page=%00")).status_code == 200
    assert (await web.get("/better?page=999")).status_code == 200
