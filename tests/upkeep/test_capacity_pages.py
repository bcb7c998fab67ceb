"""The page behind a link from mail: one tap tells, undo takes back, a wrong number is said beside its offer."""

import re
from datetime import timedelta

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.directory.actions import Said, report_reading
from referral_hub.directory.proposals import propose_reading
from tests.build import actor_for, make_institution, make_offer
from tests.upkeep.by_link import due_offer, form_of, opened, readings

pytestmark = pytest.mark.anyio


async def test_two_taps_for_two_offers_and_the_number_falls_on_the_page(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    first, second = await due_offer(institution, 3), await due_offer(institution, 2, "Kurs wózka")
    page = await opened(web, institution)
    answer = await web.post(f"/c/offers/{first}", data=form_of(page, first) | {"act": "same"}, follow_redirects=True)
    assert "Zapisane." in answer.text
    assert "3 wolne miejsca" in answer.text
    answer = await web.post(
        f"/c/offers/{second}", data=form_of(answer.text, second) | {"act": "zero"}, follow_redirects=True
    )
    assert "brak wolnych miejsc" in answer.text or "Brak miejsc" in answer.text
    assert "To wszystko." in answer.text
    assert await readings(database, first) == [3, 3]
    assert await readings(database, second) == [2, 0]
    sources = await database.fetch("select source, account from capacity_reading where offer = $1", second)
    assert {row["source"] for row in sources} == {"declared"}


async def test_still_true_leaves_out_whom_we_know_to_have_been_accepted(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    offer = await due_offer(institution, 3)
    await database.execute("update offer_places set taken_since = 1, held = 1 where offer = $1", offer)
    page = await opened(web, institution)
    assert "Teraz wolnych miejsc: 2" in page
    await web.post(f"/c/offers/{offer}", data=form_of(page, offer) | {"act": "same"})
    assert tuple(
        await database.fetchrow("select free, held, taken_since from offer_places where offer = $1", offer)
    ) == (
        2,
        1,
        0,
    )


async def test_the_same_is_the_number_that_was_seen(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    offer = await due_offer(institution, 3)
    page = await opened(web, institution)
    await report_reading(offer, Said(free=9), actor=await actor_for(institution, "partner_editor"))
    await web.post(f"/c/offers/{offer}", data=form_of(page, offer) | {"act": "same"})
    assert (await readings(database, offer))[-1] == 3


async def test_a_double_tap_is_one_reading(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    offer = await due_offer(institution, 3)
    data = form_of(await opened(web, institution), offer) | {"act": "zero"}
    first = await web.post(f"/c/offers/{offer}", data=data)
    again = await web.post(f"/c/offers/{offer}", data=data)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["location"] == again.headers["location"]
    assert await readings(database, offer) == [3, 0]


async def test_without_script_the_stepper_moves_the_number_and_saves_nothing(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    offer = await due_offer(institution, 3)
    hidden = form_of(await opened(web, institution), offer)
    more = await web.post(f"/c/offers/{offer}", data=hidden | {"act": "plus", "free": "3"})
    assert more.status_code == 200
    assert f'id="free-{offer}" name="free" min="0" max="9999" value="4"' in more.text
    fewer = await web.post(f"/c/offers/{offer}", data=hidden | {"act": "minus", "free": "0"})
    assert 'value="0" aria-label="Wolne miejsca' in fewer.text
    assert await readings(database, offer) == [3]


async def test_women_men_and_from_when_are_kept(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    offer = await due_offer(institution, 3)
    day = clock.today() + timedelta(days=10)
    data = form_of(await opened(web, institution), offer) | {
        "act": "set",
        "free": "4",
        "women": "1",
        "men": "3",
        "waiting": "2",
        "from_when": day.isoformat(),
    }
    assert (await web.post(f"/c/offers/{offer}", data=data)).status_code == 303
    row = await database.fetchrow(
        """select r.free, r.free_women, r.free_men, r.waiting, r.from_when, p.maximum from capacity_reading r
        join offer_places p on p.reading = r.id where r.offer = $1""",
        offer,
    )
    assert tuple(row) == (4, 1, 3, 2, day, 6)


async def test_undo_takes_back_and_says_so(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    offer = await due_offer(institution, 3)
    data = form_of(await opened(web, institution), offer) | {"act": "zero"}
    told = await web.post(f"/c/offers/{offer}", data=data, follow_redirects=True)
    undo = re.search(r'action="(/c/readings/[^"]+/undo)"', told.text)
    assert undo is not None
    back = await web.post(undo[1], data={"csrf": data["csrf"]}, follow_redirects=True)
    assert "Cofnięte." in back.text
    assert await database.fetchval("select free from offer_places where offer = $1", offer) == 3
    twice = await web.post(undo[1], data={"csrf": data["csrf"]})
    assert twice.status_code == 422
    assert "już zostało cofnięte" in twice.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"act": "set", "free": "-1"}, "Wpisz liczbę od 0"),
        ({"act": "set", "free": "100000"}, "Wpisz liczbę od 0"),
        ({"act": "set", "free": "9" * 40}, "Za długie"),
        ({"act": "set", "free": "trzy"}, "Wpisz liczbę całkowitą"),
        ({"act": "set", "free": ""}, "Wypełnij to pole"),
        ({"act": "set", "free": "1", "from_when": "kiedyś"}, "Wpisz datę"),
        ({"act": "set", "free": "1", "from_when": "1999-01-01"}, "Najwcześniejsza data"),
        ({"act": "explode"}, "Nie ma takiej odpowiedzi"),
        ({}, "Wybierz jedną"),
        ({"act": "same", "still": "dużo"}, "Wpisz liczbę całkowitą"),
    ],
)
async def test_wrong_numbers_are_said_beside_the_offer_and_change_nothing(
    web: httpx.AsyncClient, database: asyncpg.Connection, typed: dict[str, str], sentence: str
) -> None:
    institution = await make_institution()
    offer = await due_offer(institution, 3)
    hidden = form_of(await opened(web, institution), offer)
    answer = await web.post(f"/c/offers/{offer}", data=hidden | typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert await readings(database, offer) == [3]


async def test_an_offer_without_a_number_asks_for_one(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    offer = await make_offer(institution)
    page = await opened(web, institution)
    assert "Ile jest wolnych miejsc?" in page
    assert 'value="same"' not in page
    data = form_of(page, offer) | {"act": "set", "free": "2"}
    assert (await web.post(f"/c/offers/{offer}", data=data)).status_code == 303
    assert await readings(database, offer) == [2]


@pytest.mark.parametrize("language", ["uk", "en"])
async def test_the_page_speaks_other_languages(web: httpx.AsyncClient, language: str) -> None:
    institution = await make_institution()
    await due_offer(institution, 3)
    await opened(web, institution)
    page = await web.get("/c", params={"lang": language})
    assert f'lang="{language}"' in page.text
    assert "nadal" not in page.text


async def test_all_unchanged_is_one_tap_each_number_a_reading_of_its_own_and_one_way_back(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    offers = {await due_offer(institution, free, f"Oferta {free}"): free for free in (1, 2, 0)}
    unknown = await make_offer(institution, title="Bez liczby")
    page = await opened(web, institution)
    assert "Wszystko bez zmian (3)" in page
    part = page[page.index('action="/c/same"') :]
    pairs = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', part[: part.index("</form>")])
    shown = {name: value for name, value in pairs if name != "offer"}
    data = {**shown, "offer": [value for name, value in pairs if name == "offer"]}
    assert set(data["offer"]) == {str(offer) for offer in offers}
    for _ in range(2):  # a double tap
        answer = await web.post("/c/same", data=data)
        assert answer.status_code == 303
    for offer, free in offers.items():
        assert await readings(database, offer) == [free, free]
    assert await readings(database, unknown) == []
    told = await web.get(answer.headers["location"])
    assert "Została jeszcze jedna oferta do potwierdzenia" in told.text
    assert "Świeże do" in told.text
    part = told.text[told.text.index('action="/c/readings/undo"') :]
    back = re.findall(r'type="hidden" name="reading" value="([^"]*)"', part[: part.index("</form>")])
    assert len(back) == 3
    undone = await web.post("/c/readings/undo", data={"csrf": shown["csrf"], "reading": back}, follow_redirects=True)
    assert undone.text.count("Cofnięte.") == 3
    for offer, free in offers.items():
        assert (
            await database.fetchval("select voided_at is null from capacity_reading where id = any($1::uuid[])", back)
            is False
        )
        assert await database.fetchval("select free from offer_places where offer = $1", offer) == free


async def test_all_unchanged_takes_nothing_of_others_and_nothing_at_all_when_one_is_wrong(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution, other = await make_institution(), await make_institution()
    own, foreign = await due_offer(institution, 3), await due_offer(other, 5)
    csrf = form_of(await opened(web, institution), own)["csrf"]
    for offers, numbers, status in (
        ([own, foreign], {"3": own, "5": foreign}, 404),
        ([own], {"-1": own}, 422),
        ([own], {}, 422),
        ([], {}, 422),
    ):
        data = {"csrf": csrf, "offer": [str(one) for one in offers]}
        data |= {f"still-{offer}": number for number, offer in numbers.items()}
        assert (await web.post("/c/same", data=data)).status_code == status
    assert (await web.post("/c/same", data={"csrf": csrf, "offer": ["\x00", "x"]})).status_code == 422
    assert (await web.post("/c/readings/undo", data={"csrf": csrf, "reading": ["x"]})).status_code == 404
    assert await readings(database, own) == [3]
    assert await readings(database, foreign) == [5]


async def test_nothing_has_changed_says_the_queue_the_first_day_and_the_split_again(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    offer, other = await make_offer(institution), await make_offer(institution, title="Druga")
    partner = await actor_for(institution, "partner_editor")
    day = clock.today() + timedelta(days=3)
    said = Said(
        free=0, waiting=7, waiting_days=30, free_women=0, from_when=day, status="waitlist", by_group={"wykluczone": 0}
    )
    with clock.at(clock.now() - timedelta(days=40)):
        await report_reading(offer, said, actor=partner)
        await report_reading(other, Said(free=5, free_women=2, free_men=3, waiting=1), actor=partner)
    page = await opened(web, institution)
    await web.post(f"/c/offers/{offer}", data=form_of(page, offer) | {"act": "same"})
    await database.execute("update offer_places set taken_since = 1 where offer = $1", other)
    page = (await web.get("/c")).text
    await web.post(f"/c/offers/{other}", data=form_of(page, other) | {"act": "same"})
    rows = {
        row["offer"]: tuple(row)[1:]
        for row in await database.fetch(
            """select r.offer, r.free, r.waiting, r.waiting_days, r.free_women, r.from_when, r.status, r.by_group
            from capacity_reading r join offer_places p on p.reading = r.id"""
        )
    }
    assert rows[offer] == (0, 7, 30, 0, day, "waitlist", '{"wykluczone": 0}')
    assert rows[other] == (4, 1, None, None, None, "", "{}"), "the split is not of four"


async def test_a_proposed_number_is_asked_about_and_confirmed_by_one_tap(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    offer = await make_offer(institution, free=3)
    async with transaction(SYSTEM) as sql:
        proposal = await propose_reading(sql, offer, by=SYSTEM)
        foreign = await propose_reading(sql, await make_offer(await make_institution(), free=2), by=SYSTEM)
    page = await opened(web, institution)
    assert "Czy wpisać 0?" in page
    data = form_of(page, offer)
    assert (await web.post(f"/c/proposals/{foreign}/dismiss", data=data)).status_code == 404
    told = await web.post(f"/c/offers/{offer}", data=data | {"act": "zero"}, follow_redirects=True)
    assert "Czy wpisać 0?" not in told.text
    assert await database.fetchval("select answer from reading_proposal where id = $1", proposal) == "confirmed"
    assert await readings(database, offer) == [3, 0]
