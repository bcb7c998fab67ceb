"""The public pages as a visitor without script reads them."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from referral_hub import clock
from referral_hub.database.columns import new_id
from referral_hub.web.wording import translate
from tests.build import make_institution, make_offer, make_site, sign_in_as

pytestmark = pytest.mark.anyio

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOURS = '[{"days": [1, 2, 3, 4, 5], "from": "07:30", "to": "15:30"}]'


async def phone(sql: Any, institution: Any, value: str = "145550199", **more: Any) -> None:
    await sql.execute(
        "insert into contact (id, institution, belongs_to, kind, value, visibility) values ($1, $2, $3, $4, $5, $6)",
        new_id(), institution, more.get("owner"), more.get("kind", "phone"), value, more.get("visibility", "public"),
    )  # fmt: skip


def text_of(html: str) -> str:
    """What is read: tags and runs of blanks left out."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


async def test_a_card_says_phone_hours_cost_places_and_their_age(web: httpx.AsyncClient, database: Any) -> None:
    with clock.at(MONDAY):
        own = await make_institution("Fundacja Promyk")
        site = await make_site(own, hours_text="pn.-pt. 7.30-15.30", hours=HOURS)
        await make_offer(own, title="Kurs gotowania", form="szkolenie", site=site, free=4, cost="bezpłatnie")
        await phone(database, own)
        await phone(database, own, "600111222", visibility="staff")
        shown = text_of((await web.get("/?q=gotowanie")).text)
    for wanted in ("1 oferta", "Kurs gotowania", "14 555 01 99", "dziś 7:30–15:30", "Koszt: bezpłatnie",
                   "4 wolne miejsca", "stan na 23.11.2026 (dziś)", "„gotowanie” – w nazwie oferty"):  # fmt: skip
        assert wanted in shown, wanted
    assert "600 111 222" not in shown


async def test_the_count_is_that_of_the_list_and_of_the_map(web: httpx.AsyncClient, database: Any) -> None:
    own = await make_institution()
    site = await make_site(own)
    for number in range(23):
        await make_offer(own, title=f"Oferta {number}", site=site)
    html = (await web.get("/?lang=pl")).text
    assert "23 oferty" in text_of(html)
    assert html.count("<h3>") == 20
    spots = msgspec.json.decode(unescape(re.search(r'data-spots="([^"]*)"', html).group(1)))  # type: ignore[union-attr]
    assert [(spot["name"], spot["count"]) for spot in spots] == [("Tarnów", 23)]
    assert (await web.get("/?page=2")).text.count("<h3>") == 3
    areas = (await web.get("/map.json")).json()
    assert "126301" in {feature["properties"]["terc"] for feature in areas["features"]}


async def test_filters_in_force_are_ticked_and_each_chip_takes_one_away(web: httpx.AsyncClient, database: Any) -> None:
    own = await make_institution(kind="ops")
    await make_offer(own, form="posilek", site=await make_site(own), free=1)
    html = (await web.get("/?form=posilek&kind=ops&free=1&place=126301")).text
    for name, value in (("form", "posilek"), ("kind", "ops"), ("free", "1"), ("place", "126301")):
        assert f'name="{name}" value="{value}" checked' in html
    chips = re.search(r'<ul class="chips".*?</ul>', html, re.S).group(0)  # type: ignore[union-attr]
    links = [unescape(link) for link in re.findall(r'href="([^"]*)"', chips)]
    assert sorted(links) == sorted(
        [
            "/",
            "/?place=126301&form=posilek&kind=ops",
            "/?place=126301&form=posilek&free=1",
            "/?place=126301&kind=ops&free=1",
            "/?form=posilek&kind=ops&free=1",
        ]
    )


async def test_staff_see_an_address_that_the_public_does_not(web: httpx.AsyncClient, database: Any) -> None:
    own = await make_institution("Dom Cisza")
    site = await make_site(own, street="ul. Ukryta 7", address_visibility="staff")
    offer = await make_offer(own, title="Bezpieczne miejsce", form="schronienie", site=site, sensitive=True)
    for address in (f"/offers/{offer}", f"/institutions/{own}"):
        public = (await web.get(address)).text
        assert "Ukryta" not in public
        assert "Adres nie jest publiczny" in text_of(public)
        assert "/referrals/new" not in public
    await sign_in_as(web, await make_institution("Klub"), "caseworker")
    for address in (f"/offers/{offer}", f"/institutions/{own}"):
        assert "ul. Ukryta 7" in (await web.get(address)).text
        assert f"/referrals/new?offer={offer}" in (await web.get(address)).text


async def test_a_register_s_words_do_not_tell_a_hidden_street(web: httpx.AsyncClient, database: Any) -> None:
    own = await make_institution("Dom Cisza")
    site = await make_site(
        own, street="ul. Ukryta 7", address_visibility="staff", hours_text="całą dobę, UKRYTA 7", name="Cisza"
    )
    told = "Hostel, ul.  Ukryta\u00a07, 33-100 Tarnów, tel. 14 555 01 77. Ukryta 71 to sąsiedzi."
    offer = await make_offer(own, title="Bezpieczne miejsce", form="schronienie", site=site, source_text=told)
    public = text_of((await web.get(f"/offers/{offer}")).text)
    assert "Hostel, …, … Tarnów, tel. 14 555 01 77. … 71 to sąsiedzi." in public
    assert "ukryta" not in public.lower()
    found = (await web.get("/api/v1/offers", params={"q": "Ukryta 7"})).json()
    assert "UKRYTA" not in str(found["items"])


async def test_an_offer_page_leads_with_its_first_step(web: httpx.AsyncClient, database: Any) -> None:
    own = await make_institution("Fundacja Promyk")
    offer = await make_offer(
        own,
        title="Mieszkanie treningowe",
        first_step="Zadzwoń i umów rozmowę.",
        papers="dowód",
        site=await make_site(own, travel="autobus 9"),
        area=["1216"],
        eligibility='{"age_from": 18, "sex": "K"}',
    )
    shown = text_of((await web.get(f"/offers/{offer}")).text)
    order = [shown.index(words) for words in ("Pierwszy krok Zadzwoń i umów", "Dla kogo", "od 18 lat", "tylko kobiety")]
    assert order == sorted(order)
    for wanted in (f"{translate('pl', 'Papers to bring')} dowód", "autobus 9", "powiat tarnowski", "Fundacja Promyk"):
        assert wanted in shown, wanted


async def test_a_closed_offer_says_so_and_a_draft_is_not_there(web: httpx.AsyncClient, database: Any) -> None:
    own = await make_institution()
    closed, draft = await make_offer(own, status="closed"), await make_offer(own, status="draft")
    assert "obecnie zamknięta" in (await web.get(f"/offers/{closed}")).text
    for address in (
        f"/offers/{draft}",
        f"/offers/{uuid4()}",
        f"/institutions/{uuid4()}",
        "/offers/x",
        "/institutions/1",
    ):
        assert (await web.get(address)).status_code == 404


async def test_slips_places_and_words_left_out_are_said(web: httpx.AsyncClient, database: Any) -> None:
    own = await make_institution()
    await make_offer(own, title="Nocleg", form="schronienie", site=await make_site(own))
    assert "Pokazujemy wyniki dla: nocleg" in text_of((await web.get("/?q=noclek")).text)
    assert "Nie znamy miejscowości „Qqqq”" in text_of((await web.get("/?q=nocleg&place=Qqqq")).text)
    assert "pominięto: helikopter" in text_of((await web.get("/?q=nocleg+helikopter")).text)
    assert "W miejscu: Bochnia nie ma takiej oferty" in text_of((await web.get("/?q=nocleg&place=bochni")).text)
    assert "Nic nie znaleziono" in text_of((await web.get("/?q=helikopter")).text)


@pytest.mark.parametrize(
    "text", ["%00", "%FF%FE", "%F0%9F%98%80", "a" * 3000, "%3Cscript%3E", "%27%22--", "+" * 50, "w"]
)
async def test_no_text_breaks_the_page(web: httpx.AsyncClient, database: Any, text: str) -> None:
    await make_offer(await make_institution())
    for name in ("q", "place", "form", "sort", "page", "language"):
        shown = await web.get(f"/?{name}={text}")
        assert shown.status_code == 200, name
        assert "<script>" not in shown.text
