"""Partners are asked by one mail for all their offers, not too often, not for ever; then by telephone."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import httpx
import msgspec
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.links import link_of_secret
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM
from referral_hub.directory.actions import Said, report_reading
from referral_hub.directory.queries import silent_partners
from referral_hub.errors import NotFound, Refused
from referral_hub.mail.actions import compose, facts_of
from referral_hub.upkeep.asking_actions import UNANSWERED, ask_everybody_due, note_call, send_capacity_link
from referral_hub.upkeep.jobs import ask_for_readings
from tests.build import actor_for, make_account, make_institution, make_offer, sign_in_as

pytestmark = pytest.mark.anyio
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def with_address(sql: asyncpg.Connection, name: str = "Dobry Adres", language: str = "pl") -> UUID:
    institution = await make_institution(name, language=language)
    await sql.execute(
        "insert into contact (id, institution, kind, value) values ($1, $2, 'email', $3)",
        new_id(),
        institution,
        f"biuro{institution.hex[-6:]}@ngo.example",
    )
    return institution


async def mails(sql: asyncpg.Connection) -> list[dict[str, object]]:
    rows = await sql.fetch("select payload from job where name = 'send_mail' order by run_at, id")
    return [msgspec.json.decode(row["payload"]) for row in rows]


async def test_one_mail_lists_all_offers_and_its_link_works(database: asyncpg.Connection) -> None:
    institution = await with_address(database)
    await make_account(institution, "partner_editor")
    for title in ("Mieszkanie", "Kurs"):
        await make_offer(institution, title=title)
    with clock.at(MONDAY):
        assert await ask_everybody_due() == 1
        assert await ask_everybody_due() == 0
        (mail,) = await mails(database)
        facts = facts_of(mail)
        assert [offer["title"] for offer in facts["offers"]] == ["Kurs", "Mieszkanie"]
        link = await link_of_secret("c", facts["link"].rsplit("/", 1)[1])
        assert link is not None
        assert (link.institution, link.state) == (institution, "open")
        assert link.ends_at == MONDAY + timedelta(days=14)
    for language in ("pl", "en", "uk"):
        message = compose(mail["to"], "capacity_due", language, facts)
        body = message.get_body(("plain",))
        assert body is not None
        assert facts["link"] in body.get_content()
        assert "Dobry Adres" in message["Subject"]


async def test_who_never_took_part_and_who_is_fresh_is_left_in_peace(database: asyncpg.Connection) -> None:
    await make_offer(await with_address(database, "Nigdy"))
    fresh = await with_address(database, "Świeży")
    await make_account(fresh, "partner_editor")
    await make_offer(fresh, free=2)
    without = await make_institution("Bez adresu")
    await make_account(without, "partner_editor")
    await make_offer(without)
    with clock.at(clock.now()):
        assert await ask_everybody_due() == 0


async def test_after_four_unanswered_mails_only_the_telephone_is_left(database: asyncpg.Connection) -> None:
    institution = await with_address(database)
    await make_account(institution, "partner_editor")
    offer = await make_offer(institution, rhythm="week")
    sent = 0
    for week in range(UNANSWERED + 3):
        with clock.at(MONDAY + timedelta(days=7 * week)):
            sent += await ask_everybody_due()
    assert sent == UNANSWERED
    assert institution in {partner.id for partner in (await silent_partners())[0]}
    with clock.at(MONDAY + timedelta(days=60)):
        await report_reading(offer, Said(free=1), actor=await actor_for(institution, "partner_editor"))
    with clock.at(MONDAY + timedelta(days=70)):
        assert await ask_everybody_due() == 1


async def test_mails_go_out_in_office_hours_of_working_days(database: asyncpg.Connection) -> None:
    institution = await with_address(database)
    await make_account(institution, "partner_editor")
    await make_offer(institution)
    for moment in (MONDAY.replace(hour=3), MONDAY.replace(hour=19), MONDAY - timedelta(days=1)):
        with clock.at(moment):
            await ask_for_readings({})
    assert await mails(database) == []
    with clock.at(MONDAY):
        await ask_for_readings({})
    assert len(await mails(database)) == 1


async def test_a_link_is_not_sent_to_nobody(database: asyncpg.Connection) -> None:
    with pytest.raises(NotFound):
        await send_capacity_link(new_id(), by=SYSTEM)
    assert not await send_capacity_link(await with_address(database), by=SYSTEM)


async def old_number(institution: UUID, free: int, title: str) -> UUID:
    offer = await make_offer(institution, title=title)
    with clock.at(clock.now() - timedelta(days=100)):
        await report_reading(offer, Said(free=free), actor=Actor(kind="system", role="system"))
    return offer


async def test_the_coordinator_notes_no_change_in_one_tap(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    partner = await with_address(database, "Cicha Przystań")
    await database.execute(
        "insert into contact (id, institution, kind, value) values ($1, $2, 'phone', '14 621 34 56')", new_id(), partner
    )
    first, second = await old_number(partner, 3, "Nocleg"), await old_number(partner, 0, "Obiady")
    coordinator = await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
    page = await web.get("/calls")
    assert 'href="tel:146213456"' in page.text
    assert "Cicha Przystań" in page.text
    answer = await web.post(f"/calls/{partner}", data={"heard": "no_change", "key": "k1"}, follow_redirects=True)
    assert "zapisane: bez zmian" in answer.text
    assert f'id="partner-{partner}"' not in answer.text
    rows = await database.fetch(
        """select free, source, account from capacity_reading
        where offer = any($1) and source = 'reported' order by free""",
        [first, second],
    )
    assert [tuple(row) for row in rows] == [(0, "reported", coordinator.account), (3, "reported", coordinator.account)]
    again = await web.post(f"/calls/{partner}", data={"heard": "no_change", "key": "k1"})
    assert again.status_code == 303
    assert await database.fetchval("select count(*) from call_note where institution = $1", partner) == 1


async def test_another_number_and_nobody_answered(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    partner = await with_address(database)
    offer = await old_number(partner, 3, "Nocleg")
    never = await make_offer(partner, title="Odzież")
    await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
    data = {"heard": "new_number", "offer": [str(offer), str(never)], f"free-{offer}": "5", f"free-{never}": ""}
    wrong = await web.post(f"/calls/{partner}", data=data | {f"free-{offer}": "-5"})
    assert wrong.status_code == 422
    assert "Wpisz liczbę od 0" in wrong.text
    assert 'value="-5"' in wrong.text
    assert (await web.post(f"/calls/{partner}", data=data)).status_code == 303
    assert await database.fetchval("select free from offer_places where offer = $1", offer) == 5
    answer = await web.post(f"/calls/{partner}", data={"heard": "nobody_answered"}, follow_redirects=True)
    assert "odłożone do jutra" in answer.text
    now, later = await silent_partners()
    assert partner not in {one.id for one in now}
    assert partner in {one.id for one in later}
    with clock.at(clock.now() + timedelta(days=1)):
        assert partner in {one.id for one in (await silent_partners())[0]}


async def test_wrong_calls_are_refused(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    partner = await with_address(database)
    await make_offer(partner)
    other = await make_offer(await make_institution())
    await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
    for data, status in (
        ({"heard": "no_change"}, 422),
        ({"heard": "new_number"}, 422),
        ({"heard": "gossip"}, 422),
        ({"heard": "nobody_answered", "again_on": "1999-01-01"}, 422),
        ({"heard": "new_number", "offer": str(other), f"free-{other}": "3"}, 404),
    ):
        assert (await web.post(f"/calls/{partner}", data=data)).status_code == status, data
    assert (await web.post(f"/calls/{new_id()}", data={"heard": "no_change"})).status_code == 404
    assert await database.fetchval("select count(*) from call_note") == 0
    assert (await web.get("/calls", params={"page": "²"})).status_code == 200
    assert (await web.get("/calls", params={"told": "link", "about": "x"})).status_code == 200


async def test_all_of_a_call_or_nothing(database: asyncpg.Connection) -> None:
    partner = await with_address(database)
    offer = await old_number(partner, 3, "Nocleg")
    coordinator = await actor_for(await make_institution(kind="kis"), "coordinator")
    with pytest.raises(Refused):
        await note_call(
            partner,
            "new_number",
            actor=coordinator,
            numbers={offer: 4, await make_offer(partner): -1},
            again_on=date(2030, 1, 1),
        )
    assert await database.fetchval("select free from offer_places where offer = $1", offer) == 3
    assert await database.fetchval("select count(*) from call_note") == 0


async def test_only_those_who_moderate_see_the_list(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    await sign_in_as(web, institution, "partner_editor")
    assert (await web.get("/calls")).status_code == 403
    assert (await web.post(f"/calls/{institution}", data={"heard": "no_change"})).status_code == 403


async def test_the_coordinator_mails_a_link(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    partner = await with_address(database)
    await make_offer(partner)
    await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
    assert "link jest w drodze" in (await web.post(f"/calls/{partner}/link", follow_redirects=True)).text
    assert "nie wysłano linku" in (await web.post(f"/calls/{partner}/link", follow_redirects=True)).text
    assert len(await mails(database)) == 1
