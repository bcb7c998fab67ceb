"""The coordinator takes institutions into the network and looks after their entries."""

import re

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.links import link_of_secret, make_link
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM
from tests.build import make_institution, make_offer, sign_in_as

pytestmark = pytest.mark.anyio
GOOD = {
    "name": "Fundacja Most",
    "short_name": "Most",
    "kind": "ngo",
    "area": "Tarnów",
    "phone": "14 621-34-56, 601 123 456",
    "email": "biuro@most.example",
    "www": "most.example",
    "nip": "526-104-08-28",
}


async def made(web: httpx.AsyncClient, sql: asyncpg.Connection) -> str:
    answer = await web.post("/institutions/new", data=GOOD)
    assert answer.status_code == 303, answer.text
    return str(await sql.fetchval("select id from institution where name = 'Fundacja Most'"))


async def test_a_new_institution_with_its_numbers(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
    assert (await web.get("/institutions/new")).status_code == 200
    institution = await made(web, database)
    page = (await web.get(f"/institutions/{institution}/edit")).text
    for shown in ('value="Fundacja Most"', "14 621 34 56, 601 123 456", "5261040828", 'value="Tarnów"'):
        assert shown in page
    assert await database.fetchval("select terc from institution where id = $1::uuid", institution) == "126301"


async def test_every_problem_is_said(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
    data = {"kind": "brak", "area": "Nibylandia", "phone": "x", "email": "x", "www": "no dots", "short_name": "y" * 90}
    answer = await web.post("/institutions/new", data=data)
    assert answer.status_code == 422
    fields = set(re.findall(r'<li><a href="#(\w+)">', answer.text))
    assert fields == {"name", "kind", "area", "phone", "email", "www", "short_name"}
    answer = await web.post("/institutions/new", data=GOOD | {"nip": "1234567890"})
    assert answer.status_code == 422
    assert "suma kontrolna" in answer.text


async def test_an_edit_keeps_what_no_field_shows(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
    institution = await made(web, database)
    await database.execute(
        "insert into contact (id, institution, kind, value, position) values ($1, $2::uuid, 'fax', '14 621 34 57', 9)",
        new_id(),
        institution,
    )
    await database.execute("update contact set label = 'sekretariat' where value = '14 621 34 56'")
    data = GOOD | {
        "version": "1",
        "status": "published",
        "name": "Fundacja Most II",
        "email": "jan.kowalski@most.example",
    }
    answer = await web.post(f"/institutions/{institution}/edit", data=data, follow_redirects=True)
    assert "Zapisane." in answer.text
    assert "wygląda na imienny" in answer.text
    rows = await database.fetch("select kind, value, label from contact where institution = $1::uuid", institution)
    assert ("fax", "14 621 34 57", "") in {tuple(row) for row in rows}
    assert ("phone", "14 621 34 56", "sekretariat") in {tuple(row) for row in rows}
    stale = await web.post(f"/institutions/{institution}/edit", data=data | {"name": "Zła nazwa"})
    assert stale.status_code == 409
    assert 'value="Zła nazwa"' in stale.text
    assert (
        await database.fetchval("select name from institution where id = $1::uuid", institution) == "Fundacja Most II"
    )


async def test_agreements_are_recorded_and_shown(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
    institution = await made(web, database)
    url = f"/institutions/{institution}/agreements"
    today = clock.today().isoformat()
    wrong = await web.post(url, data={"agreement_kind": "x", "signed_on": "2199-01-01"})
    assert wrong.status_code == 422
    assert "Podpisano: " in wrong.text, "the list above the form names its fields"
    crossed = {"agreement_kind": "agreement", "signed_on": today, "valid_until": "2001-01-01"}
    assert (await web.post(url, data=crossed)).status_code == 422
    data = {"agreement_kind": "agreement", "signed_on": today, "reference": "KIS/7/2026"}
    answer = await web.post(url, data=data, follow_redirects=True)
    assert "KIS/7/2026" in answer.text
    assert "obowiązuje" in answer.text


async def test_the_coordinator_edits_and_adds_offers_of_others(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
    institution = await made(web, database)
    page = await web.get("/my-offers/new", params={"institution": institution})
    assert "Fundacja Most" in page.text
    data = {
        "institution": institution,
        "title": "Prawnik",
        "form": "por_prawne",
        "needs": "zadluzenie",
        "everybody": "1",
        "first_step": "Zadzwoń",
        "intake_mode": "phone",
        "remote": "1",
        "act": "publish",
    }
    answer = await web.post("/my-offers/new", data=data)
    assert answer.headers["location"] == f"/institutions/{institution}/edit?saved=1"
    row = await database.fetchrow("select id, institution from offer where title = 'Prawnik'")
    assert str(row["institution"]) == institution
    closed = await web.post(f"/my-offers/{row['id']}/status", data={"verb": "close"})
    assert closed.headers["location"].startswith(f"/institutions/{institution}/edit")
    assert (await web.get("/my-offers/new", params={"institution": "x"})).status_code == 404
    assert (await web.get("/my-offers/new", params={"institution": str(new_id())})).status_code == 404


async def test_a_partner_cannot_name_another_institution(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    own, other = await make_institution(), await make_institution()
    await sign_in_as(web, own, "partner_editor")
    data = {"institution": str(other), "title": "Moja", "form": "por_prawne", "intake_mode": "open", "act": "draft"}
    assert (await web.post("/my-offers/new", data=data)).status_code == 303
    assert await database.fetchval("select institution from offer where title = 'Moja'") == own
    for url in ("/institutions/new", f"/institutions/{other}/edit"):
        assert (await web.get(url)).status_code == 403
        assert (await web.post(url, data=GOOD)).status_code == 403
    assert (await web.post(f"/institutions/{other}/agreements", data={})).status_code == 403


async def test_an_unknown_institution_is_not_found(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
    for url in (f"/institutions/{new_id()}/edit", "/institutions/nonsense/edit"):
        assert (await web.get(url)).status_code == 404
    data = {"agreement_kind": "agreement", "signed_on": "2026-01-01"}
    assert (await web.post(f"/institutions/{new_id()}/agreements", data=data)).status_code == 404
    offer = await make_offer(await make_institution("Wpisana"))
    institution = await database.fetchval("select institution from offer where id = $1", offer)
    public = await web.get(f"/institutions/{institution}")
    assert f"/institutions/{institution}/edit" in public.text


async def test_links_that_are_out_are_taken_back(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "coordinator")
    partner, other = await make_institution(), await make_institution()
    secrets = [(await make_link("c", by=SYSTEM, institution=one))[0] for one in (partner, other)]
    assert (await web.post(f"/institutions/{partner}/links/revoke")).status_code == 303
    states = [link.state for secret in secrets if (link := await link_of_secret("c", secret))]
    assert states == ["revoked", "open"]
    assert (await web.post(f"/institutions/{new_id()}/links/revoke")).status_code == 404


async def test_who_may_change_an_offer_is_led_there_from_its_page(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    offer = await make_offer(institution)
    link = f'href="/my-offers/{offer}"'
    assert link not in (await web.get(f"/offers/{offer}")).text
    await sign_in_as(web, await make_institution(), "partner_editor")
    assert link not in (await web.get(f"/offers/{offer}")).text
    await sign_in_as(web, institution, "partner_editor")
    assert link in (await web.get(f"/offers/{offer}")).text
