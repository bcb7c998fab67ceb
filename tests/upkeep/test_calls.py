"""The coordinator's calls: the right number first, what was heard in one tap, and no call noted twice."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.database.columns import new_id
from referral_hub.directory.actions import Said, report_reading
from referral_hub.errors import Refused
from referral_hub.upkeep.asking_actions import ask_everybody_due
from referral_hub.upkeep.call_actions import note_call
from referral_hub.upkeep.ladder import PAUSES
from referral_hub.upkeep.queries import call_list
from tests.build import _insert, actor_for, make_account, make_institution, make_offer, sign_in_as
from tests.upkeep.test_asking import add_contact, mails, with_address

pytestmark = pytest.mark.anyio
WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
DAY = WEDNESDAY.date()


async def old_number(institution: UUID, free: int, title: str) -> UUID:
    offer = await make_offer(institution, title=title)
    await report_reading(offer, Said(free=free, as_of=WEDNESDAY - timedelta(days=100)), actor=SYSTEM_ACTOR)
    return offer


async def call_task(institution: UUID, why: str = "silent", due_on: date = DAY, tries: int = 0) -> UUID:
    moment = WEDNESDAY - timedelta(days=1)
    return await _insert(
        "call_task", {"institution": institution, "why": why, "made_at": moment, "due_on": due_on, "tries": tries}
    )


async def club() -> UUID:
    return await make_institution("KIS", kind="kis", club=True)


async def test_no_change_in_one_tap(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    with clock.at(WEDNESDAY):
        partner = await with_address("Cicha Przystań")
        phone = await add_contact(partner, "phone", "146213456", doubted_at=WEDNESDAY - timedelta(days=9))
        first, second = await old_number(partner, 3, "Nocleg"), await old_number(partner, 0, "Obiady")
        task = await call_task(partner)
        coordinator = await sign_in_as(web, await club(), "coordinator")
        page = await web.get("/calls")
        assert 'href="tel:146213456"' in page.text
        assert "Cicha Przystań" in page.text
        assert "cisza przez dwa okresy" in page.text
        data = {"heard": "no_change", "key": "k1", "task": str(task), "tries": "0", "contact": str(phone)}
        answer = await web.post(f"/calls/{partner}", data=data, follow_redirects=True)
        assert "zapisane: bez zmian" in answer.text
        assert f'id="partner-{partner}"' not in answer.text
        rows = await database.fetch(
            """select free, source, account from capacity_reading
            where offer = any($1) and source = 'reported' order by free""",
            [first, second],
        )
        assert [tuple(row) for row in rows] == [
            (0, "reported", coordinator.account),
            (3, "reported", coordinator.account),
        ]
        assert (await web.post(f"/calls/{partner}", data=data)).status_code == 303
        assert await database.fetchval("select count(*) from call_note where institution = $1", partner) == 1
    done = await database.fetchrow("select heard, done_by from call_task where id = $1", task)
    assert tuple(done) == ("no_change", coordinator.account)
    known = await database.fetchrow("select confirmed_on, confirmed_how, doubted_at from contact where id = $1", phone)
    assert tuple(known) == (WEDNESDAY.date(), "call", None)


async def test_another_number_and_a_wrong_one(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    with clock.at(WEDNESDAY):
        partner = await with_address()
        offer = await old_number(partner, 3, "Nocleg")
        never = await make_offer(partner, title="Odzież")
        await call_task(partner)
        await sign_in_as(web, await club(), "coordinator")
        data = {"heard": "new_number", "offer": [str(offer), str(never)], f"free-{offer}": "5", f"free-{never}": ""}
        wrong = await web.post(f"/calls/{partner}", data=data | {f"free-{offer}": "-5"})
        assert wrong.status_code == 422
        assert "Wpisz liczbę od 0" in wrong.text
        assert 'value="-5"' in wrong.text
        assert (await web.post(f"/calls/{partner}", data=data)).status_code == 303
        assert await database.fetchval("select free from offer_places where offer = $1", offer) == 5
        assert await call_list() == ([], [])


async def test_nobody_answered_puts_off_with_growing_pauses_and_doubts_that_number_only(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    with clock.at(WEDNESDAY):
        partner = await with_address()
        dialled = await add_contact(partner, "phone", "146213456", position=0)
        other = await add_contact(partner, "phone", "146213457", position=1)
        offer = await old_number(partner, 3, "Nocleg")
        task = await call_task(partner)
        await sign_in_as(web, await club(), "coordinator")
        data = {"heard": "nobody_answered", "task": str(task), "tries": "0", "contact": str(dialled)}
        answer = await web.post(f"/calls/{partner}", data=data, follow_redirects=True)
        assert "nikt nie odebrał; zadzwoń ponownie: czwartek" in answer.text
        now, later = await call_list()
        assert (now, [one.id for one in later]) == ([], [partner])
        assert [phone.contact for phone in later[0].phones] == [other, dialled]
    moment, days = WEDNESDAY, []
    for tries in range(1, len(PAUSES) + 2):
        with clock.at(moment):
            due_on = await database.fetchval("select due_on from call_task where id = $1", task)
            days.append((due_on - moment.date()).days)
            moment = datetime(due_on.year, due_on.month, due_on.day, 9, tzinfo=UTC)
        with clock.at(moment):
            assert [one.id for one in (await call_list())[0]] == [partner]
            await note_call(
                partner,
                "nobody_answered",
                actor=await actor_for(await make_institution(), "coordinator"),
                seen=(task, tries),
            )
    assert days[:5] == sorted(days[:5])
    assert days[0] == 1
    assert min(days[4:]) >= 28  # twenty business days, and on it stays
    # Never silently zero: the number stands as it was given, and the task stays open.
    assert await database.fetchval("select free from offer_places where offer = $1", offer) == 3
    assert await database.fetchval("select done_at from call_task where id = $1", task) is None


async def test_two_coordinators_note_one_call_once(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    with clock.at(WEDNESDAY):
        partner = await with_address()
        await old_number(partner, 3, "Nocleg")
        task = await call_task(partner)
        await sign_in_as(web, await club(), "coordinator")
        data = {"heard": "nobody_answered", "task": str(task), "tries": "0"}
        assert (await web.post(f"/calls/{partner}", data=data)).status_code == 303
        for heard in ("nobody_answered", "no_change"):
            second = await web.post(f"/calls/{partner}", data=data | {"heard": heard})
            assert second.status_code == 422
            assert "Ktoś inny zapisał tę rozmowę" in second.text
        assert await database.fetchval("select tries from call_task where id = $1", task) == 1
        assert await database.fetchval("select count(*) from call_note") == 1
        assert await database.fetchval("select count(*) from capacity_reading where source = 'reported'") == 0


async def test_wrong_calls_are_refused(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    partner = await with_address()
    await make_offer(partner)
    other = await make_offer(await make_institution())
    await sign_in_as(web, await club(), "coordinator")
    for data, status in (
        ({"heard": "no_change"}, 422),
        ({"heard": "new_number"}, 422),
        ({"heard": "gossip"}, 422),
        ({"heard": "nobody_answered", "again_on": "1999-01-01"}, 422),
        ({"heard": "nobody_answered", "task": "x"}, 422),
        ({"heard": "nobody_answered", "task": str(new_id()), "tries": "0"}, 422),
        ({"heard": "nobody_answered", "task": str(new_id()), "tries": "9" * 30}, 422),
        ({"heard": "new_number", "offer": str(other), f"free-{other}": "3"}, 404),
    ):
        assert (await web.post(f"/calls/{partner}", data=data)).status_code == status, data
    for unknown in (new_id(), await make_institution()):
        assert (await web.post(f"/calls/{unknown}", data={"heard": "no_change"})).status_code == 404
    assert await database.fetchval("select count(*) from call_note") == 0
    for path in ("/calls?page=²", "/calls?page=99999999999", "/calls/outside?page=9999", "/calls?told=link&about=x"):
        assert (await web.get(path)).status_code == 200, path


async def test_a_foreign_contact_is_neither_doubted_nor_confirmed(database: asyncpg.Connection) -> None:
    partner, other = await with_address(), await with_address()
    await old_number(partner, 3, "Nocleg")
    foreign = await add_contact(other, "phone", "146213456")
    coordinator = await actor_for(await club(), "coordinator")
    for heard in ("nobody_answered", "no_change"):
        await note_call(partner, heard, actor=coordinator, contact=foreign)
    row = await database.fetchrow("select confirmed_on, doubted_at from contact where id = $1", foreign)
    assert tuple(row) == (None, None)


async def test_all_of_a_call_or_nothing(database: asyncpg.Connection) -> None:
    partner = await with_address()
    offer = await old_number(partner, 3, "Nocleg")
    coordinator = await actor_for(await club(), "coordinator")
    numbers = {offer: 4, await make_offer(partner): -1}
    with pytest.raises(Refused):
        await note_call(partner, "new_number", actor=coordinator, numbers=numbers)
    assert await database.fetchval("select free from offer_places where offer = $1", offer) == 3
    assert await database.fetchval("select count(*) from call_note") == 0


async def test_only_those_who_moderate_see_the_list(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    await sign_in_as(web, institution, "partner_editor")
    for path in ("/calls", "/calls/outside"):
        assert (await web.get(path)).status_code == 403
    assert (await web.post(f"/calls/{institution}", data={"heard": "no_change"})).status_code == 403


async def test_the_coordinator_mails_a_link(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    partner = await with_address()
    await make_offer(partner)
    await sign_in_as(web, await club(), "coordinator")
    assert "link jest w drodze" in (await web.post(f"/calls/{partner}/link", follow_redirects=True)).text
    assert "nie wysłano linku" in (await web.post(f"/calls/{partner}/link", follow_redirects=True)).text
    assert len(await mails(database)) == 1


async def test_the_list_is_paged_the_longest_silent_first(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    with clock.at(WEDNESDAY):
        for number in range(23):
            partner = await make_institution(f"Cicha {number:02d}")
            offer = await make_offer(partner)
            as_of = WEDNESDAY - timedelta(days=100 + number)
            await report_reading(offer, Said(free=1, as_of=as_of), actor=SYSTEM_ACTOR)
        await ask_everybody_due()
        await sign_in_as(web, await club(), "coordinator")
        first, second, beyond = [(await web.get(f"/calls?page={page}")).text for page in (1, 2, 99)]
    assert "Cicha 22" in first
    assert "Cicha 02" not in first
    assert "Cicha 00" in second
    assert "Cicha 00" in beyond


async def test_who_never_took_part_stands_apart_and_a_call_takes_it_in(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    with clock.at(WEDNESDAY):
        partner = await with_address("Nigdy Dotąd")
        offer = await make_offer(partner)
        await sign_in_as(web, await club(), "coordinator")
        page = await web.get("/calls")
        assert f'id="partner-{partner}"' not in page.text
        assert "jeszcze nie bierze udziału" in page.text
        assert f'id="partner-{partner}"' in (await web.get("/calls/outside")).text
        data = {"heard": "new_number", "offer": str(offer), f"free-{offer}": "4"}
        assert (await web.post(f"/calls/{partner}", data=data)).status_code == 303
        assert f'id="partner-{partner}"' not in (await web.get("/calls/outside")).text


async def test_the_replacement_and_todays_hours_stand_beside_the_number(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    with clock.at(WEDNESDAY):
        partner = await with_address()
        await add_contact(partner, "phone", "146213456")
        await old_number(partner, 3, "Nocleg")
        await call_task(partner)
        week = '[{"days": [3], "from": "07:30", "to": "15:30"}]'
        await _insert(
            "site", {"institution": partner, "hours_text": "śr. 7.30–15.30", "hours": week, "updated_at": WEDNESDAY}
        )
        await _insert(
            "absence",
            {
                "institution": partner,
                "from_on": WEDNESDAY.date(),
                "until_on": date(2026, 11, 30),
                "replacement": "sekretariat",
                "phone": "601123456",
                "made_at": WEDNESDAY,
            },
        )
        await sign_in_as(web, await club(), "coordinator")
        page = (await web.get("/calls")).text
    assert "7:30–15:30" in page
    assert "sekretariat" in page
    assert 'href="tel:601123456"' in page


async def test_ten_rounds_at_one_moment_leave_one_rung(database: asyncpg.Connection) -> None:
    institution = await with_address()
    await make_account(institution, "partner_editor")
    await make_offer(institution)
    with clock.at(WEDNESDAY):
        for _ in range(10):
            await ask_everybody_due()
    assert await database.fetchval("select count(*) from asking where institution = $1", institution) == 1
