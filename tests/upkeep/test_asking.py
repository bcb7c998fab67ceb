"""Partners are asked by one message for what is due, at the ladder's times; then by telephone."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.accounts.links import link_of_secret
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM
from referral_hub.directory.actions import Said, report_reading
from referral_hub.directory.queries import offers_of
from referral_hub.errors import NotFound
from referral_hub.mail.actions import compose, facts_of
from referral_hub.upkeep.asking_actions import ask_everybody_due, send_capacity_link
from referral_hub.upkeep.jobs import ask_for_readings
from referral_hub.upkeep.queries import call_list
from referral_hub.web.formats import short_day
from referral_hub.web.wording import speaking
from tests.build import actor_for, make_account, make_institution, make_offer

pytestmark = pytest.mark.anyio
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def with_address(name: str = "Dobry Adres", language: str = "pl", **values: object) -> UUID:
    institution = await make_institution(name, language=language, **values)
    await add_contact(institution, "email", f"biuro{institution.hex[-6:]}@ngo.example")
    return institution


async def add_contact(institution: UUID, kind: str, value: str, **values: object) -> UUID:
    from tests.build import _insert

    return await _insert("contact", {"institution": institution, "kind": kind, "value": value, **values})


async def taking_part(rhythm: str = "week", **values: object) -> tuple[UUID, UUID]:
    """(institution with an address and an editor, its offer without a number)."""
    institution = await with_address(**values)
    await make_account(institution, "partner_editor")
    return institution, await make_offer(institution, rhythm=rhythm)


async def mails(sql: asyncpg.Connection) -> list[dict[str, object]]:
    rows = await sql.fetch("select payload from job where name = 'send_mail' order by run_at, id")
    return [msgspec.json.decode(row["payload"]) for row in rows]


async def rungs(sql: asyncpg.Connection, institution: UUID) -> list[tuple[int, str, datetime]]:
    # A message and what goes instead of it may be of one moment; the number tells which was made first.
    asked = "select rung, channel, at from asking where institution = $1 order by at, rung, id"
    rows = await sql.fetch(asked, institution)
    return [tuple(row) for row in rows]


async def climb_until(last: datetime, begin: datetime = MONDAY) -> int:
    """Run the job every hour, as the worker does."""
    moment, sent = begin, 0
    while moment <= last:
        if 5 <= moment.hour <= 17:
            with clock.at(moment):
                sent += await ask_everybody_due()
        moment += timedelta(hours=1)
    return sent


async def test_one_mail_lists_what_is_due_and_its_link_works(database: asyncpg.Connection) -> None:
    institution = await with_address()
    await make_account(institution, "partner_editor")
    for title in ("Mieszkanie", "Kurs"):
        await make_offer(institution, title=title)
    with clock.at(MONDAY):
        await make_offer(institution, title="Świeża", free=2)
        assert await ask_everybody_due() == 1
        assert await ask_everybody_due() == 0
        (mail,) = await mails(database)
        facts = facts_of(mail)
        assert [offer["title"] for offer in facts["offers"]] == ["Kurs", "Mieszkanie"]
        link = await link_of_secret("c", facts["link"].rsplit("/", 1)[1])
        assert link is not None
        assert (link.institution, link.state) == (institution, "open")
        assert link.ends_at == MONDAY + timedelta(days=14)
    row = await database.fetchrow("select rung, channel, offers, link from asking where institution = $1", institution)
    assert tuple(row) == (0, "email", 2, link.id)
    assert await database.fetchval("select count(*) from audit_event where event = 'places:ask'") == 1
    for language in ("pl", "en", "uk"):
        message = compose(mail["to"], "capacity_due", language, facts)
        body = message.get_body(("plain",))
        assert body is not None
        assert facts["link"] in body.get_content()
        assert "Dobry Adres" in message["Subject"]
        assert "rzypomnienie" not in message["Subject"]


async def test_a_reminder_says_so_and_names_the_day_from_which_others_ask_first(database: asyncpg.Connection) -> None:
    institution, offer = await taking_part()
    with clock.at(MONDAY):
        await report_reading(offer, Said(free=3), actor=await actor_for(institution, "partner_editor"))
    await climb_until(MONDAY + timedelta(days=7))
    first, reminder = await mails(database)
    assert [rung for rung, _, _ in await rungs(database, institution)] == [0, 1]
    message = compose("x@y.example", "capacity_due", "pl", facts_of(reminder))
    assert message["Subject"].startswith("Przypomnienie:")
    body = message.get_body(("plain",))
    assert body is not None
    with speaking("pl"):
        day = short_day(date(2026, 12, 1))
    assert f"od {day} z dopiskiem „najpierw zapytaj”" in " ".join(body.get_content().split())
    assert facts_of(first)["rung"] == 0


async def test_who_never_took_part_and_who_is_fresh_is_left_in_peace(database: asyncpg.Connection) -> None:
    await make_offer(await with_address("Nigdy"))
    fresh = await with_address("Świeży")
    await make_account(fresh, "partner_editor")
    with clock.at(MONDAY):
        await make_offer(fresh, free=2)
        assert await ask_everybody_due() == 0
        assert await call_list() == ([], [])


async def test_a_draft_or_an_offer_that_is_not_yet_visible_is_not_asked_about(database: asyncpg.Connection) -> None:
    institution = await with_address()
    await make_account(institution, "partner_editor")
    await make_offer(institution, status="draft")
    await make_offer(institution, status="closed")
    await make_offer(institution, visible_from=date(2026, 12, 1))
    with clock.at(MONDAY):
        assert await ask_everybody_due() == 0
    with clock.at(MONDAY + timedelta(days=8)):
        assert await ask_everybody_due() == 1


async def test_mails_then_one_call_task_and_an_answer_ends_both(database: asyncpg.Connection) -> None:
    institution, offer = await taking_part()
    assert await climb_until(MONDAY + timedelta(days=40)) == 5
    assert [rung for rung, _, _ in await rungs(database, institution)] == [0, 1, 2, 3, 4]
    with clock.at(MONDAY + timedelta(days=41)):
        now, _ = await call_list()
        assert [(one.id, one.task.why if one.task else "") for one in now] == [(institution, "silent")]
        await report_reading(offer, Said(free=1), actor=await actor_for(institution, "partner_editor"))
        assert await ask_everybody_due() == 0
        assert await call_list() == ([], [])
    task = await database.fetchrow("select heard, done_at, done_by from call_task where institution = $1", institution)
    assert (task["heard"], task["done_by"]) == ("told", None)
    later = MONDAY + timedelta(days=41)
    assert await climb_until(later + timedelta(days=8), later + timedelta(hours=1)) == 3
    assert [rung for rung, _, _ in await rungs(database, institution)][5:] == [0, 1, 2]


async def test_the_ladder_keeps_office_hours(database: asyncpg.Connection) -> None:
    await taking_part()
    for moment in (MONDAY.replace(hour=3), MONDAY.replace(hour=19), MONDAY - timedelta(days=1)):
        with clock.at(moment):
            await ask_for_readings({})
    assert await mails(database) == []
    with clock.at(MONDAY):
        await ask_for_readings({})
    assert len(await mails(database)) == 1


async def test_an_absence_sends_the_mail_to_the_replacement_or_waits(database: asyncpg.Connection) -> None:
    from tests.build import _insert

    replaced, _ = await taking_part(name="Zastępstwo")
    waited, _ = await taking_part(name="Urlop")
    dates = {"from_on": MONDAY.date(), "until_on": MONDAY.date() + timedelta(days=11), "made_at": MONDAY}
    await _insert("absence", {"institution": replaced, "replacement": "sekretariat", "email": "s@ngo.example", **dates})
    await _insert("absence", {"institution": waited, **dates})
    with clock.at(MONDAY):
        assert await ask_everybody_due() == 1
    assert [mail["to"] for mail in await mails(database)] == ["s@ngo.example"]
    assert await rungs(database, waited) == []
    with clock.at(datetime(2026, 12, 7, 9, tzinfo=UTC)):
        await ask_everybody_due()
    assert len(await rungs(database, waited)) == 1


async def test_an_imported_number_confirms_only_its_own_offer(database: asyncpg.Connection) -> None:
    institution, first = await taking_part()
    second = await make_offer(institution, title="Druga", rhythm="week")
    with clock.at(MONDAY):
        await ask_everybody_due()
        await report_reading(first, Said(free=2), actor=SYSTEM_ACTOR, source="imported")
    with clock.at(MONDAY + timedelta(days=1)):
        await ask_everybody_due()
    # No answer of the partner: the reminder comes, and only for the offer the import was silent about.
    assert [rung for rung, _, _ in await rungs(database, institution)] == [0, 1]
    last = facts_of((await mails(database))[-1])
    assert [offer["title"] for offer in last["offers"]] == ["Druga"]
    assert second


async def test_no_address_and_those_who_prefer_the_phone_become_call_tasks(database: asyncpg.Connection) -> None:
    nowhere = await make_institution("Bez adresu")
    offer = await make_offer(nowhere)
    await report_reading(offer, Said(free=1, as_of=MONDAY - timedelta(days=60)), actor=SYSTEM_ACTOR)
    phone, _ = await taking_part(name="Telefon", reached_by="phone")
    with clock.at(MONDAY):
        assert await ask_everybody_due() == 0
        assert await ask_everybody_due() == 0
        now, _ = await call_list()
    assert {(one.id, one.task.why if one.task else "") for one in now} == {
        (nowhere, "no_address"),
        (phone, "prefers_phone"),
    }
    assert await database.fetchval("select count(*) from audit_event where event = 'call:wish'") == 2


async def test_an_editors_own_address_serves_where_the_office_has_none(database: asyncpg.Connection) -> None:
    institution = await make_institution()
    email = await make_account(institution, "partner_editor")
    await make_offer(institution)
    with clock.at(MONDAY):
        assert await ask_everybody_due() == 1
    assert [mail["to"] for mail in await mails(database)] == [email]


async def test_a_link_is_not_sent_to_nobody(database: asyncpg.Connection) -> None:
    with pytest.raises(NotFound):
        await send_capacity_link(new_id(), by=SYSTEM)
    assert not await send_capacity_link(await with_address(), by=SYSTEM)


async def test_an_exchange_of_services_is_not_asked_for_a_number(database: asyncpg.Connection) -> None:
    institution = await with_address()
    await make_account(institution, "partner_editor")
    await make_offer(institution, "barter", rhythm="week")
    with clock.at(MONDAY):
        assert [offer.due for offer in await offers_of(institution)] == [False]
        assert await ask_everybody_due() == 0
