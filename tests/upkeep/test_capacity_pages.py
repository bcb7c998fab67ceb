"""The link from mail: a visit changes nothing, one tap tells, undo takes back, and it opens nothing else."""

import re
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.links import make_link, revoke_links
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.directory.actions import Said, report_reading
from referral_hub.directory.proposals import propose_reading
from tests.build import actor_for, make_institution, make_offer

pytestmark = pytest.mark.anyio


async def link_for(institution: UUID) -> str:
    secret, _ = await make_link("c", by=SYSTEM, institution=institution, address="biuro@ngo.example")
    return secret


async def opened(web: httpx.AsyncClient, institution: UUID) -> str:
    """Open a fresh link as a browser would; the page."""
    answer = await web.get(f"/c/{await link_for(institution)}", follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def form_of(page: str, offer: UUID) -> dict[str, str]:
    """The hidden fields of one offer's form."""
    part = page[page.index(f'id="offer-{offer}"') :]
    part = part[: part.index("</form>")]
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', part))


async def readings(sql: asyncpg.Connection, offer: UUID) -> list[int | None]:
    rows = await sql.fetch("select free from capacity_reading where offer = $1 order by recorded_at, id", offer)
    return [row["free"] for row in rows]


async def due_offer(institution: UUID, free: int, title: str = "Mieszkanie treningowe") -> UUID:
    """An offer whose number is 40 days old."""
    offer = await make_offer(institution, title=title)
    partner = await actor_for(institution, "partner_editor")
    with clock.at(clock.now() - timedelta(days=40)):
        await report_reading(offer, Said(free=free, maximum=6), actor=partner)
    return offer


async def test_a_visit_changes_nothing_and_the_secret_leaves_the_address(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution("Dobry Adres")
    offer = await due_offer(institution, 3)
    secret = await link_for(institution)
    before = await database.fetchval("select count(*) from audit_event")
    for _ in range(3):  # a mail scanner follows links more than once
        answer = await web.get(f"/c/{secret}")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/c"
        assert answer.headers["referrer-policy"] == "no-referrer"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert secret not in cookie
    page = await web.get("/c")
    assert "Nic się nie zmieniło – nadal 3" in page.text
    assert secret not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert await readings(database, offer) == [3]
    assert await database.fetchval("select count(*) from audit_event") == before


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


async def test_a_link_opens_its_own_institution_only(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution, other = await make_institution(), await make_institution()
    own, foreign = await due_offer(institution, 3), await due_offer(other, 5)
    csrf = form_of(await opened(web, institution), own)["csrf"]
    for offer in (foreign, new_id(), await make_offer(institution, status="draft")):
        answer = await web.post(f"/c/offers/{offer}", data={"csrf": csrf, "act": "zero"})
        assert answer.status_code == 404
    reading = await database.fetchval("select id from capacity_reading where offer = $1", foreign)
    assert (await web.post(f"/c/readings/{reading}/undo", data={"csrf": csrf})).status_code == 404
    assert await readings(database, foreign) == [5]
    for page in ("/my-offers", "/calls", "/referrals", "/cooperation"):
        assert (await web.get(page)).status_code in (303, 401, 404)


async def test_a_post_needs_the_token_and_our_own_origin(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    offer = await due_offer(institution, 3)
    hidden = form_of(await opened(web, institution), offer)
    assert (await web.post(f"/c/offers/{offer}", data={"act": "zero"})).status_code == 403
    assert (await web.post(f"/c/offers/{offer}", data={"act": "zero", "csrf": "x" * 43})).status_code == 403
    foreign = {"Origin": "https://evil.example"}
    assert (await web.post(f"/c/offers/{offer}", data=hidden | {"act": "zero"}, headers=foreign)).status_code == 403
    assert await readings(database, offer) == [3]


@pytest.mark.parametrize("fate", ["expired", "revoked"])
async def test_an_ended_link_says_why_acts_no_more_and_renews_by_one_button(
    web: httpx.AsyncClient, database: asyncpg.Connection, fate: str
) -> None:
    institution = await make_institution()
    offer = await due_offer(institution, 3)
    await database.execute(
        "insert into contact (id, institution, kind, value) values ($1, $2, 'email', 'biuro@ngo.example')",
        new_id(),
        institution,
    )
    hidden = form_of(await opened(web, institution), offer)
    if fate == "revoked":
        await revoke_links("c", by=SYSTEM, institution=institution)
        moment = clock.now() + timedelta(minutes=10)
    else:
        moment = clock.now() + timedelta(days=14, seconds=1)
    with clock.at(moment):
        page = await web.get("/c")
        assert page.status_code == 410
        assert "już nie działa" in page.text
        assert (await web.post(f"/c/offers/{offer}", data=hidden | {"act": "zero"})).status_code == 404
        assert await readings(database, offer) == [3]
        csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert csrf is not None
        assert (await web.post("/c/renew", data={"csrf": "wrong"})).status_code == 403
        answer = await web.post("/c/renew", data={"csrf": csrf[1]})
        assert answer.headers["location"] == "/c/renewed"
        jobs = await database.fetch("select payload from job where name = 'send_mail'")
        assert len(jobs) == 1
        assert "biuro@ngo.example" in jobs[0]["payload"]
        await web.post("/c/renew", data={"csrf": csrf[1]})
        assert await database.fetchval("select count(*) from job where name = 'send_mail'") == 1
    assert (await web.get("/c/renewed")).status_code == 200


async def test_an_unknown_link_asks_for_the_address_and_tells_nobody_whether_it_is_known(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    await due_offer(institution, 3)
    await database.execute(
        "insert into contact (id, institution, kind, value) values ($1, $2, 'email', 'Biuro@ngo.example')",
        new_id(),
        institution,
    )
    for address in ("/c/" + "x" * 32, "/c/short", "/c"):
        answer = await web.get(address)
        assert answer.status_code == 404
        assert "Nie znamy takiego linku" in answer.text
    web.cookies.set("hub_c", "AAAA.bad")
    assert (await web.get("/c")).status_code == 404
    for typed in ("biuro@ngo.example", "nikt@nigdzie.example"):
        answer = await web.post("/c/renew", data={"email": typed})
        assert (answer.status_code, answer.headers["location"]) == (303, "/c/renewed")
    assert await database.fetchval("select count(*) from job where name = 'send_mail'") == 1
    assert (await web.post("/c/renew", data={"email": ""})).status_code == 422


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


async def test_a_scanner_that_follows_everything_on_the_page_changes_nothing(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution("Dobry Adres")
    offer = await due_offer(institution, 3)
    await due_offer(institution, 2, "Kurs wózka")
    await database.execute(
        "insert into contact (id, institution, kind, value) values ($1, $2, 'phone', '146000001')",
        new_id(),
        institution,
    )
    secret = await link_for(institution)
    tables = ("capacity_reading", "audit_event", "job", "field_confirmation", "field_source", "absence", "link")
    counted = " + ".join(f"(select count(*) from {table})" for table in tables)
    revoked = "select count(*) from link where revoked_at is not null or used_at is not null"
    before = await database.fetchval(f"select {counted}"), await database.fetchval(revoked)
    waiting, seen = [f"/c/{secret}"], set[str]()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        for method in ("HEAD", "GET"):
            answer = await web.request(method, address, headers={"Purpose": "prefetch", "Sec-Purpose": "prefetch"})
            assert answer.status_code < 500
        if "location" in answer.headers:
            waiting.append(answer.headers["location"])
        # Addresses of forms too: a scanner does not tell them from links.
        found = re.findall(r'(?:href|action|formaction)="(/c[^"#]*)"', answer.text)
        waiting += found
    assert {"/c", "/c/contact", "/c/same", "/c/stop", f"/c/offers/{offer}"} <= seen
    assert (await database.fetchval(f"select {counted}"), await database.fetchval(revoked)) == before


async def test_whom_it_does_not_concern_stops_the_link_and_all_mail_to_the_address(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    offer = await due_offer(institution, 3)
    await database.execute(
        "insert into contact (id, institution, kind, value) values ($1, $2, 'email', 'Biuro@ngo.example')",
        new_id(),
        institution,
    )
    other, _ = await make_link("c", by=SYSTEM, institution=institution, address="biuro@NGO.example")
    elsewhere, _ = await make_link("c", by=SYSTEM, institution=institution, address="drugi@ngo.example")
    csrf = form_of(await opened(web, institution), offer)["csrf"]
    assert (await web.post("/c/stop", data={"csrf": "x"})).status_code == 403
    answer = await web.post("/c/stop", data={"csrf": csrf}, follow_redirects=True)
    assert "Link już nie działa" in answer.text
    assert (await web.get("/c")).status_code == 410
    assert (await web.post(f"/c/offers/{offer}", data={"csrf": csrf, "act": "zero"})).status_code == 404
    assert (await web.get(f"/c/{other}", follow_redirects=True)).status_code == 410
    assert (await web.get(f"/c/{elsewhere}", follow_redirects=True)).status_code == 200
    assert await database.fetchval("select failing_since is not null from contact where institution = $1", institution)


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
