"""Somebody is away: the institution's pages say whom to ask, an account's mail goes to a colleague, and no further."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.absences import (
    NewAbsence,
    absence_problems,
    absent_now,
    add_absence,
    end_absence,
    names_somebody,
)
from referral_hub.database.transaction import SYSTEM
from referral_hub.errors import NotFound, Refused
from referral_hub.mail.actions import facts_of
from referral_hub.referrals.actions import perform
from tests.build import actor_for, make_institution, make_offer
from tests.referral_pages.scenes import a_referral, a_scene

pytestmark = pytest.mark.anyio
TODAY = date(2026, 11, 23)


def away(first: int = 0, last: int = 7, **more: Any) -> NewAbsence:
    today = more.pop("today", clock.today())
    given = {"replacement": "sekretariat", "phone": "14 600 00 01", **more}
    return NewAbsence(from_on=today + timedelta(days=first), until_on=today + timedelta(days=last), **given)


@pytest.mark.parametrize(
    ("facts", "problems"),
    [
        (away(today=TODAY), []),
        (away(0, 0, today=TODAY), []),
        (away(-1, -1, today=TODAY), [("until_on", "date_too_early")]),
        (away(5, 2, today=TODAY), [("until_on", "days_reversed")]),
        (away(0, 3 * 365, today=TODAY), [("until_on", "absence_too_long")]),
        (away(-40, 1, today=TODAY), [("from_on", "date_too_early")]),
        (away(400, 401, today=TODAY), [("from_on", "date_too_late")]),
        (away(today=TODAY, replacement=""), [("replacement", "required")]),
        (away(today=TODAY, replacement="x" * 81), [("replacement", "too_long")]),
        (away(today=TODAY, replacement="Anna Nowak"), [("replacement", "function_not_name")]),
        (away(today=TODAY, phone="12"), [("replacement_phone", "phone_not_known")]),
        (away(today=TODAY, phone="14 600 00 01, 14 600 00 02"), [("replacement_phone", "phone_not_known")]),
        (away(today=TODAY, phone=""), [("replacement_phone", "phone_or_email")]),
        (away(today=TODAY, phone="", email="dyżur"), [("replacement_email", "email_not_known")]),
        (
            away(9, 2, today=TODAY, replacement="pani Kowalska", phone="x", email="@"),
            [
                ("until_on", "days_reversed"),
                ("replacement", "function_not_name"),
                ("replacement_phone", "phone_not_known"),
                ("replacement_email", "email_not_known"),
            ],
        ),
    ],
)
def test_everything_wrong_is_said_at_once(facts: NewAbsence, problems: list[tuple[str, str]]) -> None:
    assert [(one.field, one.code) for one in absence_problems(facts, TODAY)] == problems


@pytest.mark.parametrize(
    "text", ["sekretariat", "Dyżurny pracownik", "Dom Matki i Dziecka Maria", "recepcja II piętro"]
)
def test_a_function_is_no_name(text: str) -> None:
    assert not names_somebody(text)


async def test_between_its_days_the_replacement_stands_on_card_offer_and_institution(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution("Ośrodek Świąteczny")
    offer = await make_offer(institution, title="Porady świąteczne")
    made = await add_absence(institution, away(2, 4, phone="14 600 00 01 wew. 12"), by=SYSTEM)
    first, last = (f"{clock.today() + timedelta(days=days):%d.%m.%Y}" for days in (2, 4))
    pages = ("/?q=porady+świąteczne", f"/offers/{offer}", f"/institutions/{institution}")
    for days, seen in ((0, False), (2, True), (4, True), (5, False)):
        with clock.at(clock.now() + timedelta(days=days)):
            for address in pages:
                page = (await web.get(address)).text
                assert (f"W dniach od {first} do {last} kontakt:" in page) == seen, (days, address)
                assert ("sekretariat" in page) == seen
            assert ((await absent_now(institution)) is not None) == seen
    with clock.at(clock.now() + timedelta(days=2)):
        assert 'href="tel:146000001,12"' in (await web.get(pages[1])).text
        await end_absence(made, institution=institution, by=SYSTEM)
        assert "sekretariat" not in (await web.get(pages[1])).text
    history = await database.fetch("select field, source from field_source where subject = $1", institution)
    assert [tuple(row) for row in history] == [("absence", "partner")] * 2
    events = await database.fetch("select event from audit_event where event like 'absence:%' order by id")
    assert [row["event"] for row in events] == ["absence:add", "absence:end"]


async def test_the_same_days_are_announced_once_and_nobody_ends_what_is_not_theirs(
    database: asyncpg.Connection,
) -> None:
    institution, other = await make_institution(), await make_institution()
    made = await add_absence(institution, away(0, 5), by=SYSTEM)
    with pytest.raises(Refused) as refusal:
        await add_absence(institution, away(5, 9), by=SYSTEM)
    assert [(one.field, one.code) for one in refusal.value.problems] == [("from_on", "absence_overlaps")]
    await add_absence(institution, away(6, 9), by=SYSTEM)
    with pytest.raises(NotFound):
        await end_absence(made, institution=other, by=SYSTEM)


async def mailed(sql: asyncpg.Connection, template: str) -> list[tuple[str, str]]:
    """(to, link) of the letters of a kind that wait in the queue."""
    import msgspec

    rows = await sql.fetch("select payload from job where name = 'send_mail' order by id")
    letters = [msgspec.json.decode(row["payload"]) for row in rows]
    return [(one["to"], facts_of(one)["link"]) for one in letters if one["template"] == template]


async def test_mail_to_an_account_that_is_away_goes_to_its_colleague_until_it_is_back(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    scene = await a_scene(web)
    intake, colleague = await actor_for(scene.clinic, "partner_intake"), await actor_for(scene.clinic, "partner_editor")
    emails = dict(await database.fetch("select id, email from account"))
    facts = away(0, 3, replacement="", phone="", email=emails[colleague.account].upper(), account=intake.account)
    await add_absence(scene.clinic, facts, by=intake.scope)
    await a_referral(scene)
    assert [to for to, _ in await mailed(database, "referral_new")] == [emails[colleague.account]]
    with clock.at(clock.now() + timedelta(days=4)):
        await a_referral(scene)
    assert [to for to, _ in await mailed(database, "referral_new")][1:] == [emails[intake.account]]
    keeper = scene.worker.account
    other = await actor_for(scene.club, "coordinator")
    email = emails.get(other.account) or await database.fetchval(
        "select email from account where id = $1", other.account
    )
    gone = away(0, 3, replacement="", phone="", email=email, account=keeper)
    await add_absence(scene.club, gone, by=scene.worker.scope)
    task = await a_referral(scene)
    await perform(task, actor=intake, verb="accept", version=2, fields={"date": clock.today().isoformat()})
    assert (await mailed(database, "referral_news"))[-1][0] == email


@pytest.mark.parametrize("whose", ["stranger", "own", "nobody"])
async def test_an_accounts_mail_never_leaves_its_institution(database: asyncpg.Connection, whose: str) -> None:
    institution = await make_institution()
    mine = await actor_for(institution, "partner_intake")
    stranger = await actor_for(await make_institution("Obca"), "partner_intake")
    emails: dict[UUID, str] = dict(await database.fetch("select id, email from account"))
    email = {"stranger": emails[stranger.account], "own": emails[mine.account], "nobody": "x@gmail.example"}[whose]
    with pytest.raises(Refused) as refusal:
        await add_absence(institution, away(email=email, account=mine.account), by=mine.scope)
    assert [(one.field, one.code) for one in refusal.value.problems] == [("replacement_email", "replacement_not_ours")]
    assert await database.fetchval("select count(*) from absence") == 0
