"""An institution says how it wants to be asked; the coordinator may say it for it; what was asked is seen."""

from collections.abc import Iterator
from datetime import UTC, datetime

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.database.columns import new_id
from referral_hub.settings import settings
from referral_hub.upkeep.asking_actions import ask_everybody_due
from tests.build import make_institution, make_offer, sign_in_as
from tests.upkeep.test_asking import add_contact

pytestmark = pytest.mark.anyio
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def with_gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("REFERRAL_HUB_SMS_URL", "http://127.0.0.1:9/send")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


async def test_an_editor_sees_what_was_asked_and_the_days_to_come(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    with clock.at(MONDAY):
        institution = await make_institution("Dobry Adres")
        await add_contact(institution, "email", "biuro@ngo.example")
        await sign_in_as(web, institution, "partner_editor")
        await make_offer(institution, title="Bez liczby")
        await make_offer(institution, title="Z liczbą", rhythm="week", free=2)
        await ask_everybody_due()
        page = (await web.get("/my-offers/asking")).text
    assert "prośba, e-mail, 1 oferta" in page
    for day in ("1.12.2026", "8.12.2026", "22.12.2026"):
        assert day in page or day.zfill(10) in page
    assert "SMS-em" not in page  # no gateway


async def test_the_choice_is_kept_with_its_history(
    web: httpx.AsyncClient, database: asyncpg.Connection, with_gateway: None
) -> None:
    institution = await make_institution("Dobry Adres")
    await sign_in_as(web, institution, "partner_editor")
    wrong = await web.post("/my-offers/asking", data={"reached_by": "sms"})
    assert wrong.status_code == 422
    assert "Nie znamy numeru komórkowego" in wrong.text
    await add_contact(institution, "phone", "601123456")
    saved = await web.post("/my-offers/asking", data={"reached_by": "sms"}, follow_redirects=True)
    assert "Zapisane." in saved.text
    assert await database.fetchval("select reached_by from institution where id = $1", institution) == "sms"
    row = await database.fetchrow("select value, source from field_source where field = 'reached_by'")
    assert tuple(row) == ('"sms"', "partner")
    for data in ({}, {"reached_by": "pigeon"}):
        assert (await web.post("/my-offers/asking", data=data)).status_code == 422


async def test_the_coordinator_chooses_for_others_and_editors_only_for_themselves(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution, other = await make_institution(), await make_institution()
    await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
    address = f"/my-offers/asking?institution={institution}"
    assert (await web.get(address)).status_code == 200
    assert (await web.post(address, data={"reached_by": "phone"})).status_code == 303
    assert await database.fetchval("select reached_by from institution where id = $1", institution) == "phone"
    for unknown in (new_id(), "x", "%00"):
        assert (await web.get(f"/my-offers/asking?institution={unknown}")).status_code == 404
        answer = await web.post(f"/my-offers/asking?institution={unknown}", data={"reached_by": "phone"})
        assert answer.status_code == 404
    await sign_in_as(web, other, "partner_editor")
    # Somebody else's name in the address changes nothing of theirs.
    await web.post(address, data={"reached_by": "email"})
    assert await database.fetchval("select reached_by from institution where id = $1", institution) == "phone"
    await sign_in_as(web, other, "caseworker")
    assert (await web.get("/my-offers/asking")).status_code == 403


async def test_the_choice_has_words_in_the_history(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
    await web.post(f"/my-offers/asking?institution={institution}", data={"reached_by": "phone"})
    page = await web.get(f"/institutions/{institution}/history")
    assert page.status_code == 200
    assert "jak pytać o miejsca" in page.text
    assert "reached_by" not in page.text
