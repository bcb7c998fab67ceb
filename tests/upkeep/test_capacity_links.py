"""Whose link it is and how long: it opens its own institution, ends, is renewed, and no scanner acts by it."""

import re
from datetime import timedelta

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.links import make_link, revoke_links
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM
from tests.build import make_institution, make_offer
from tests.upkeep.by_link import due_offer, form_of, link_for, opened, readings

pytestmark = pytest.mark.anyio


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
