"""„Kto ma miejsce?”: many asked in one transaction, answered by one tap, seen only by those who asked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.directory.reading_actions import Said
from referral_hub.enquiries.actions import MOST_A_DAY, answer, ask, close, remind, take_back
from referral_hub.enquiries.queries import OFTEN, answers_to, candidates, enquiry_seen
from referral_hub.enquiries.schemas import Question
from referral_hub.errors import NotFound, Refused
from referral_hub.mail.actions import facts_of
from referral_hub.mail.sms import compose_sms
from tests.build import _insert, actor_for, make_institution, make_offer, make_site, sign_in_as

pytestmark = pytest.mark.anyio


def asked_about(**changes: Any) -> Question:
    values = {"need": "uzaleznienie", "people": 2, "ends_on": clock.today() + timedelta(days=3)}
    return Question(**{**values, **changes})


async def partner(name: str, *, email: str = "", free: int | None = None, **values: Any) -> tuple[UUID, UUID]:
    institution = await make_institution(name, **values)
    site = await make_site(institution)
    offer = await make_offer(institution, "terapia_uzaleznien", f"Terapia {name}", site=site, free=free)
    if email:
        await _insert("contact", {"institution": institution, "kind": "email", "value": email})
    await _insert("contact", {"institution": institution, "kind": "phone", "value": "+48146881234"})
    return institution, offer


@pytest.fixture
async def asker(database: asyncpg.Connection) -> Actor:
    club = await make_institution("Klub pytający", club=True)
    await make_site(club)
    return await actor_for(club, "caseworker")


async def secrets_in_mail(database: asyncpg.Connection) -> dict[str, str]:
    """Address → secret of its link, from the letters that wait."""
    rows = await database.fetch("select payload from job where name = 'send_mail'")
    payloads = [msgspec.json.decode(row["payload"]) for row in rows]
    return {one["to"]: facts_of(one)["link"].rsplit("/", 1)[1] for one in payloads if one["template"] == "place_wanted"}


async def test_everybody_who_could_answer_is_found_and_asked_the_way_they_can_be(
    database: asyncpg.Connection, asker: Actor
) -> None:
    _, mailed = await partner("A", email="a@partner.example")
    _, called = await partner("B")
    _, known = await partner("C", email="c@partner.example", free=4)
    prefers, _ = await partner("D", email="d@partner.example", reached_by="phone")
    await make_offer(await make_institution("Inni"), "por_prawne", "Prawnik")
    found = {one.offer: one for one in await candidates(asked_about(), asker)}
    assert {one.title for one in found.values()} == {"Terapia A", "Terapia B", "Terapia C", "Terapia D"}
    assert (found[mailed].way, found[called].way, found[known].way) == ("email", "phone", "known")
    made = await ask(asked_about(), actor=asker)
    rows = {row.offer: row for row in await answers_to(await enquiry_seen(made, asker))}
    assert rows[known].answer == "yes"
    assert rows[known].free == 4
    assert rows[known].by == "known"
    assert rows[known].enough
    assert rows[mailed].answer == ""
    assert rows[called].channel == "phone"
    assert next(row for row in rows.values() if row.institution == prefers).channel == "phone"
    assert set(await secrets_in_mail(database)) == {"a@partner.example"}


async def test_who_prefers_a_text_message_gets_one(database: asyncpg.Connection, asker: Actor) -> None:
    wishes, offer = await partner("SMS", email="s@partner.example", reached_by="sms")
    await _insert("contact", {"institution": wishes, "kind": "mobile", "value": "+48601123456"})
    no_mobile, _ = await partner("Bez komórki", email="b@partner.example", reached_by="sms")
    found = {one.institution: one.way for one in await candidates(asked_about(), asker)}
    assert (found[wishes], found[no_mobile]) == ("sms", "email")
    await ask(asked_about(), actor=asker)
    payload = msgspec.json.decode(await database.fetchval("select payload from job where name = 'send_sms'"))
    text = compose_sms(payload["template"], payload["language"], facts_of(payload))
    assert payload["to"] == "+48601123456"
    assert "/e/" in text
    assert text.isascii()
    assert len(text) <= 160
    assert await database.fetchval("select channel from enquiry_asked where offer = $1", offer) == "sms"


async def test_an_area_finds_what_stands_there_and_what_comes_there(database: asyncpg.Connection, asker: Actor) -> None:
    here, _ = await partner("Tutaj")
    comes = await make_institution("Dojeżdża")
    await make_offer(comes, "terapia_uzaleznien", "Mobilna", area=["1263"])
    everywhere = await make_institution("Zdalnie")
    await make_offer(everywhere, "terapia_uzaleznien", "Zdalna", remote=True)
    away = await make_institution("Daleko")
    await make_offer(away, "terapia_uzaleznien", "Daleka", site=await make_site(away, terc="146501"))
    found = {one.institution for one in await candidates(asked_about(area=["126301"]), asker)}
    assert found == {here, comes, everywhere}


async def test_one_tap_by_link_is_an_answer_and_a_reading(
    database: asyncpg.Connection, web: httpx.AsyncClient, asker: Actor
) -> None:
    _, offer = await partner("A", email="a@partner.example")
    made = await ask(asked_about(), actor=asker)
    secret = (await secrets_in_mail(database))["a@partner.example"]
    for _ in range(2):  # a scanner opens everything, twice
        await web.get(f"/e/{secret}")
        page = await web.get("/e")
    assert page.status_code == 200
    assert "Czy jest wolne miejsce?" in page.text
    assert await database.fetchval("select count(*) from capacity_reading where offer = $1", offer) == 0
    sent = await web.post(f"/e/offers/{offer}", data={**tokens(page.text), "act": "yes", "yes_free": "2"})
    assert sent.status_code == 303
    row = (await answers_to(await enquiry_seen(made, asker)))[0]
    assert (row.answer, row.free, row.by, row.enough) == ("yes", 2, "link", True)
    reading = await database.fetchrow("select * from capacity_reading where offer = $1", offer)
    assert (reading["free"], reading["source"], reading["id"]) == (2, "declared", row.reading)
    undone = await web.post(f"/e/readings/{row.reading}/undo", data=tokens(page.text))
    assert undone.status_code == 303
    assert (await answers_to(await enquiry_seen(made, asker)))[0].answer == ""


def tokens(html: str) -> dict[str, str]:
    return {"csrf": html.split('name="csrf" value="', 1)[1].split('"', 1)[0]}


async def test_a_place_from_some_day_on_is_an_answer_too(database: asyncpg.Connection, asker: Actor) -> None:
    institution, offer = await partner("A", email="a@partner.example")
    made = await ask(asked_about(), actor=asker)
    holder = Actor(kind="capacity", role="capacity", institution=institution)
    later = clock.today() + timedelta(days=9)
    await answer(made, offer, Said(free=0, from_when=later), actor=holder)
    row = (await answers_to(await enquiry_seen(made, asker)))[0]
    assert (row.answer, row.from_on) == ("later", later)


async def test_nobody_answers_for_another(database: asyncpg.Connection, web: httpx.AsyncClient, asker: Actor) -> None:
    await partner("A", email="a@partner.example")
    other, foreign = await partner("B", email="b@partner.example")
    made = await ask(asked_about(), actor=asker)
    await web.get(f"/e/{(await secrets_in_mail(database))['a@partner.example']}")
    page = await web.get("/e")
    refused = await web.post(f"/e/offers/{foreign}", data={**tokens(page.text), "act": "no"})
    assert refused.status_code == 404
    stranger = await actor_for(await make_institution("Obca"), "caseworker")
    with pytest.raises(NotFound):
        await answer(made, foreign, Said(free=1), actor=stranger)
    with pytest.raises(NotFound):
        await enquiry_seen(made, stranger)
    assert not any(row.answer for row in await answers_to(await enquiry_seen(made, asker)))
    editor = await actor_for(other, "partner_editor")
    await answer(made, foreign, Said(free=1), actor=editor)
    assert await database.fetchval("select answered_by from enquiry_asked where offer = $1", foreign) == "account"


async def test_what_was_heard_on_the_phone_is_reported_not_declared(
    database: asyncpg.Connection, web: httpx.AsyncClient
) -> None:
    club = await make_institution("Klub", club=True)
    await make_site(club)
    actor = await sign_in_as(web, club, "caseworker")
    _, offer = await partner("A")
    made = await ask(asked_about(), actor=actor)
    wrong = await web.post(f"/enquiries/{made}/answers/{offer}", data={"act": "yes", "free": "-3"})
    assert wrong.status_code == 422
    assert 'value="-3"' in wrong.text
    told = await web.post(f"/enquiries/{made}/answers/{offer}", data={"act": "yes", "free": "1"})
    assert told.status_code == 303
    row = (await answers_to(await enquiry_seen(made, actor)))[0]
    assert (row.answer, row.by, row.enough) == ("yes", "phone", False)
    assert await database.fetchval("select source from capacity_reading where offer = $1", offer) == "reported"
    await take_back(made, row.reading, actor=actor)
    assert (await answers_to(await enquiry_seen(made, actor)))[0].answer == ""


async def test_the_pages_lead_from_the_question_to_the_table(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    club = await make_institution("Klub", club=True)
    await make_site(club)
    await sign_in_as(web, club, "caseworker")
    left_out, _ = await partner("Pominięta", email="p@partner.example")
    await partner("A", email="a@partner.example")
    asked = {"need": "uzaleznienie", "people": "0", "area": "Nibylandia", "ends_on": "2001-01-01"}
    wrong = await web.get("/enquiries/check", params=asked)
    assert wrong.status_code == 422
    assert "Nibylandia" in wrong.text
    assert all(f'id="{name}-problem"' in wrong.text for name in ("people", "area", "ends_on"))
    good = {**asked, "people": "1", "area": "Tarnów", "ends_on": (clock.today() + timedelta(days=2)).isoformat()}
    check = await web.get("/enquiries/check", params=good)
    assert check.status_code == 200
    assert "Terapia A" in check.text
    sent = await web.post("/enquiries", data={**good, "leave": str(left_out), "key": "jeden"})
    again = await web.post("/enquiries", data={**good, "leave": str(left_out), "key": "jeden"})
    assert sent.status_code == 303
    assert again.headers["location"] == sent.headers["location"]
    table = await web.get(sent.headers["location"])
    assert "Terapia A" in table.text
    assert "Pominięta" not in table.text
    assert "data-live=" in table.text
    assert "Kto ma miejsce?" in (await web.get("/enquiries")).text
    nobody = await web.post("/enquiries", data={**good, "need": "jezyk_polski"})
    assert nobody.status_code == 422
    assert "Nie ma kogo zapytać" in nobody.text


async def test_partners_are_not_drowned_in_questions(database: asyncpg.Connection, asker: Actor) -> None:
    await partner("A", email="a@partner.example")
    for _ in range(OFTEN):
        await ask(asked_about(), actor=asker)
    assert [one.way for one in await candidates(asked_about(), asker)] == ["often"]
    for _ in range(MOST_A_DAY - OFTEN):
        await ask(asked_about(), actor=asker)
    with pytest.raises(Refused, match="asked_often_today"):
        await ask(asked_about(), actor=asker)
    assert len(await database.fetch("select 1 from link where kind = 'e'")) == OFTEN


async def test_a_reminder_goes_once_a_day_to_the_silent_only(database: asyncpg.Connection, asker: Actor) -> None:
    institution, offer = await partner("A", email="a@partner.example")
    await partner("B", email="b@partner.example")
    made = await ask(asked_about(), actor=asker)
    await answer(made, offer, Said(free=1), actor=Actor(kind="capacity", role="capacity", institution=institution))
    with pytest.raises(Refused, match="reminded_already"):
        await remind(made, actor=asker)
    with clock.at(clock.now() + timedelta(days=1)):
        assert await remind(made, actor=asker) == 1
        with pytest.raises(Refused, match="reminded_already"):
            await remind(made, actor=asker)
        await close(made, actor=asker)
    assert await database.fetchval("select count(*) from link where kind = 'e'") == 3
    with clock.at(clock.now() + timedelta(days=3)), pytest.raises(Refused, match="enquiry_closed"):
        await remind(made, actor=asker)


async def test_a_thousand_are_asked_in_one_transaction(database: asyncpg.Connection, asker: Actor) -> None:
    moment = clock.now()
    await database.execute(
        """insert into institution (id, kind, name, sort_key, terc, made_at, updated_at)
        select gen_random_uuid(), 'ngo', 'Tysięczna ' || n, 'Tysięczna ' || n, '126301', $1, $1
        from generate_series(1, 1000) n""",
        moment,
    )
    await database.execute(
        """insert into offer (id, institution, form, title, made_at, updated_at)
        select gen_random_uuid(), id, 'terapia_uzaleznien', 'Terapia', $1, $1 from institution
        where name like 'Tysięczna %'""",
        moment,
    )
    await database.execute(
        """insert into contact (id, institution, kind, value)
        select gen_random_uuid(), id, 'email', 't' || id || '@partner.example' from institution
        where name like 'Tysięczna %'"""
    )
    made = await ask(asked_about(), actor=asker)
    seen = await enquiry_seen(made, asker)
    assert (seen.asked, seen.answered) == (1000, 0)
    assert await database.fetchval("select count(*) from job where name = 'send_mail'") == 1000
    assert len(set((await secrets_in_mail(database)).values())) == 1000
    # One transaction: every row of it was written by the same one.
    written = "select count(distinct xmin::text) from {} where {}"
    for table, where in (("enquiry_asked", "true"), ("link", "kind = 'e'"), ("job", "name = 'send_mail'")):
        assert await database.fetchval(written.format(table, where)) == 1
