"""Asking for a room, answering by one tap, and never lending it twice."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import httpx
import icalendar
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM
from referral_hub.errors import NotFound
from referral_hub.institutions.actions import NewContact, set_contacts
from referral_hub.lending.actions import ask
from referral_hub.mail.actions import facts_of
from referral_hub.timetable.terms import TermFacts
from referral_hub.timetable.terms_actions import add_term
from tests.build import actor_for, make_institution, make_offer, make_site, sign_in_as

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
TEN, NOON, TWO = (datetime(2026, 11, 25, hour, tzinfo=UTC) for hour in (10, 12, 14))
TYPED = {"from_day": "2026-11-25", "from_hour": "10", "to_hour": "12:00", "pieces": "1", "purpose": "Warsztaty"}


async def make_room(owner: UUID, **details: object) -> UUID:
    given = {"resource": "room", "pieces": 1, **details}
    return await make_offer(owner, "uzyczenie_zasobu", "Sala szkoleniowa", details=json.dumps(given))


async def partners() -> tuple[UUID, UUID]:
    owner, other = await make_institution("Dom Kultury"), await make_institution("Klub Seniora")
    for institution, address in ((owner, "sala@dom.example"), (other, "biuro@klub.example")):
        await set_contacts(institution, [NewContact(kind="email", value=address)], by=SYSTEM, source="test")
    return owner, other


async def mails(database: asyncpg.Connection) -> list[tuple[str, str, dict[str, object]]]:
    rows = await database.fetch("select payload from job where name = 'send_mail' order by id")
    waiting = [json.loads(row["payload"]) for row in rows]
    return [(one["to"], one["template"], facts_of(one)) for one in waiting]


async def test_asked_confirmed_and_shown_busy(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    with clock.at(NOW):
        owner, other = await partners()
        room = await make_room(owner)
        asker = await sign_in_as(web, other, "partner_editor")
        shown = await web.get(f"/offers/{room}/booking?day=2026-11-25&hour=10")
        assert 'value="2026-11-25"' in shown.text
        answer = await web.post(f"/offers/{room}/booking", data={**TYPED, "key": "k1"})
        assert answer.status_code == 303
        again = await web.post(f"/offers/{room}/booking", data={**TYPED, "key": "k1"})
        assert again.headers["location"] == answer.headers["location"], "a double tap is one request"
        row = await database.fetchrow("select * from booking")
        assert (row["state"], row["borrower"], row["account"]) == ("asked", other, asker.account)
        assert (row["starts_at"], row["ends_at"]) == (TEN - timedelta(hours=1), NOON - timedelta(hours=1))
        to, template, facts = (await mails(database))[0]
        assert (to, template, facts["state"]) == ("sala@dom.example", "booking_asked", "asked")
        assert "Warsztaty" not in json.dumps(facts)

        await sign_in_as(web, owner, "partner_editor")
        listed = await web.get(f"/my-offers/{room}/bookings?lang=pl")
        assert "Warsztaty" in listed.text
        assert "Klub Seniora" in listed.text
        done = await web.post(f"/my-offers/{room}/bookings/{row['id']}", data={"act": "confirm", "word": "Zapraszamy"})
        assert done.status_code == 303
        to, template, facts = (await mails(database))[1]
        assert (to, template, facts["state"]) == ("biuro@klub.example", "booking_news", "potwierdzone")

        web.cookies.clear()
        for view in ("", "&view=month"):
            public = await web.get(f"/offers/{room}/calendar?day=2026-11-25&lang=pl{view}")
            assert "zajęte" in public.text
            assert "Klub Seniora" not in public.text
            assert "Warsztaty" not in public.text
            assert "/booking?" not in public.text
        assert "zajęte" not in (await web.get(f"/offers/{room}/calendar?day=2026-12-02")).text
        assert f"/offers/{room}/calendar" in (await web.get(f"/offers/{room}")).text
        await sign_in_as(web, await make_institution("OPS", "ops"), "caseworker")
        assert "Klub Seniora" in (await web.get(f"/offers/{room}/calendar?day=2026-11-25")).text


async def test_a_taken_time_is_said_and_the_next_hour_is_free(web: httpx.AsyncClient) -> None:
    with clock.at(NOW):
        owner, other = await partners()
        room = await make_room(owner, confirms_itself=True)
        actor = await sign_in_as(web, other, "partner_editor")
        assert (await ask(room, TEN - timedelta(hours=1), NOON - timedelta(hours=1), actor=actor))[1] == "confirmed"
        taken = await web.post(f"/offers/{room}/booking?lang=pl", data={**TYPED, "from_hour": "11", "to_hour": "13"})
        assert taken.status_code == 422
        assert "już zajęte" in taken.text
        assert 'value="11"' in taken.text, "what was typed stays"
        after = await web.post(f"/offers/{room}/booking", data={**TYPED, "from_hour": "12", "to_hour": "13"})
        assert after.status_code == 303, "back to back"
        assert "Sala szkoleniowa" in (await web.get("/bookings")).text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"from_hour": "12", "to_hour": "10"}, "to_hour"),
        ({"from_hour": "10", "to_hour": "10"}, "to_hour"),
        ({"from_day": "2026-11-22"}, "from_day"),
        ({"from_day": "2026-11-23", "from_hour": "8"}, "from_hour"),
        ({"to_day": "2026-12-20"}, "to_day"),
        ({"pieces": "0"}, "pieces"),
        ({"pieces": "1000000000"}, "pieces"),
        ({"pieces": "2"}, "pieces"),
        ({"purpose": "a\x00b"}, "purpose"),
    ],
)
async def test_what_cannot_be_asked_for_is_said_beside_its_field(
    web: httpx.AsyncClient, database: asyncpg.Connection, typed: dict[str, str], field: str
) -> None:
    with clock.at(NOW):
        owner, other = await partners()
        room = await make_room(owner)
        await sign_in_as(web, other, "caseworker")
        answer = await web.post(f"/offers/{room}/booking", data=TYPED | typed)
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text
        assert await database.fetchval("select count(*) from booking") == 0


async def test_strangers_and_other_offers_are_not_found(web: httpx.AsyncClient) -> None:
    with clock.at(NOW):
        owner, other = await partners()
        room, plain = await make_room(owner), await make_offer(owner, "por_prawne")
        booking, _ = await ask(room, TEN, NOON, actor=await actor_for(other, "partner_editor"))
        for path in (f"/offers/{plain}/calendar", f"/offers/{new_id()}/calendar"):
            assert (await web.get(path)).status_code == 404
        assert (await web.get(f"/offers/{room}/booking")).status_code in (302, 303, 401)
        assert (await web.get(f"/offers/{room}/calendar?day=9999-99-99&view=x%00")).status_code == 200
        await sign_in_as(web, await make_institution("Obca"), "partner_editor")
        for path in (f"/offers/{plain}/booking", f"/my-offers/{room}/bookings", f"/my-offers/{room}/bookings.ics"):
            assert (await web.get(path)).status_code == 404
        assert (await web.post(f"/my-offers/{room}/bookings/{booking}", data={"act": "confirm"})).status_code == 404
        assert (await web.post(f"/bookings/{booking}", data={"act": "cancel"})).status_code == 404
        await sign_in_as(web, owner, "partner_editor")
        assert (await web.post(f"/my-offers/{room}/bookings/{new_id()}", data={"act": "confirm"})).status_code == 404
        wrong = await web.post(f"/my-offers/{room}/bookings/{booking}", data={"act": "burn", "word": "\x00"})
        assert wrong.status_code == 422
        assert (await web.post(f"/bookings/{booking}", data={"act": "confirm"})).status_code == 422


async def test_the_owner_takes_bookings_into_an_own_calendar(web: httpx.AsyncClient) -> None:
    with clock.at(NOW):
        owner, other = await partners()
        room = await make_room(owner)
        await ask(room, TEN, NOON, actor=await actor_for(other, "partner_editor"), purpose="Próba; chóru, a")
        await sign_in_as(web, owner, "partner_editor")
        answer = await web.get(f"/my-offers/{room}/bookings.ics")
        assert answer.headers["content-type"].startswith("text/calendar")
        (event,) = icalendar.Calendar.from_ical(answer.text).walk("VEVENT")
        assert (event["dtstart"].dt, event["dtend"].dt, event["status"]) == (TEN, NOON, "TENTATIVE")
        assert event["description"] == "Próba; chóru, a"


async def test_what_for_is_between_the_two_sides(web: httpx.AsyncClient) -> None:
    with clock.at(NOW):
        owner, other = await partners()
        room = await make_room(owner)
        await ask(room, TEN, NOON, actor=await actor_for(other, "partner_editor"), purpose="Spotkanie grupy AA")
        stranger = await make_institution("Obcy OPS", "ops")
        for institution, role, told in (
            (owner, "partner_editor", True), (other, "caseworker", True), (stranger, "caseworker", False),
        ):  # fmt: skip
            await sign_in_as(web, institution, role)
            page = (await web.get(f"/offers/{room}/calendar?day=2026-11-25")).text
            assert "Klub Seniora" in page
            assert ("Spotkanie grupy AA" in page) == told


async def test_a_program_reads_the_calendar_and_asks(web: httpx.AsyncClient) -> None:
    with clock.at(NOW):
        owner, other = await partners()
        room = await make_room(owner, pieces=2)
        await sign_in_as(web, other, "partner_editor")
        body = {"starts_at": TEN.isoformat(), "ends_at": NOON.isoformat(), "pieces": 1}
        made = await web.post(f"/api/v1/offers/{room}/bookings", json=body)
        assert (made.status_code, made.json()["state"]) == (201, "asked")
        found = (await web.get(f"/api/v1/offers/{room}/calendar?from=2026-11-25&to=2026-11-25")).json()
        assert [part["free"] for part in found["busy"]] == [1]
        assert datetime.fromisoformat(found["busy"][0]["starts_at"]) == TEN
        naive = await web.post(f"/api/v1/offers/{room}/bookings", json=body | {"starts_at": "2026-11-25T10:00:00"})
        assert naive.status_code == 422
        assert (await web.get(f"/api/v1/offers/{room}/calendar?from=2026-11-25&to=2027-11-25")).status_code == 422
        for pieces in (0, 3, 10**9):
            assert (
                await web.post(f"/api/v1/offers/{room}/bookings", json=body | {"pieces": pieces})
            ).status_code == 422


async def test_a_room_in_no_directory_is_not_lent(database: asyncpg.Connection) -> None:
    with clock.at(NOW):
        owner, other = await partners()
        room = await make_room(owner)
        await database.execute("update offer set status = 'archived' where id = $1", room)
        with pytest.raises(NotFound):
            await ask(room, TEN, NOON, actor=await actor_for(other, "partner_editor"))


async def test_what_is_shown_by_category_or_hidden_stays_so(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    with clock.at(NOW):
        owner, _ = await partners()
        await make_site(owner, street="ul. Cicha 7", address_visibility="staff")
        room = await make_room(owner, conditions="Klucze przy ul. Cicha 7, po 16.")
        course = await make_offer(owner, "szkolenie", details=json.dumps({"certificate": "odbiór: ul. Cicha 7"}))
        await add_term(course, TermFacts(starts_on=clock.today(), note="Zbiórka ul. Cicha 7"), actor=SYSTEM_ACTOR)
        quiet = await make_offer(
            owner, "uzyczenie_zasobu", details='{"resource": "room", "pieces": 1}', by_category=True
        )
        assert "Cicha" not in (await web.get(f"/offers/{course}")).text
        assert (await web.get(f"/offers/{room}/calendar")).status_code == 200
        for path in (f"/offers/{quiet}/calendar", f"/api/v1/offers/{quiet}/calendar"):
            assert (await web.get(path)).status_code == 404
        await sign_in_as(web, await make_institution("Obca"), "partner_editor")
        asked = (await web.get(f"/offers/{room}/booking")).text
        assert "Klucze" in asked
        assert "Cicha" not in asked
        assert (await web.get(f"/offers/{quiet}/booking")).status_code == 404
        await sign_in_as(web, await make_institution("OPS", "ops"), "caseworker")
        assert "Cicha 7" in (await web.get(f"/offers/{room}/booking")).text
        assert (await web.get(f"/offers/{quiet}/calendar")).status_code == 200


async def test_the_owner_sees_what_waits_for_an_answer_beside_what_it_asked_for(web: httpx.AsyncClient) -> None:
    with clock.at(NOW):
        owner, other = await partners()
        room = await make_room(owner)
        await ask(room, TEN, NOON, actor=await actor_for(other, "partner_editor"), purpose="Warsztaty")
        await sign_in_as(web, owner, "partner_editor")
        page = (await web.get("/bookings")).text
        assert "Inni proszą Państwa" in page
        assert "Klub Seniora" in page
        assert f'href="/my-offers/{room}/bookings"' in page
        await sign_in_as(web, other, "partner_editor")
        assert "Inni proszą Państwa" not in (await web.get("/bookings")).text
