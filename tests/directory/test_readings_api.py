"""Readings from programs, as the contract says."""

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.database.columns import digest, new_id
from tests.build import make_institution, make_offer, sign_in_as

pytestmark = pytest.mark.anyio


async def test_a_reading_answers_with_the_capacity(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    offer = await make_offer(institution)
    await sign_in_as(web, institution, "partner_editor")
    body = {"free": 4, "maximum": 10, "waiting": 2, "by": {"K": 1, "M": 3}}
    answer = await web.post(f"/api/v1/offers/{offer}/readings", json=body, headers={"Idempotency-Key": "1"})
    assert answer.status_code == 201
    assert answer.json() == {
        "status": "capacity",
        "free": 4,
        "reported_free": 4,
        "held": 0,
        "maximum": 10,
        "waiting": 2,
        "as_of": clock.today().isoformat(),
        "freshness": "fresh",
    }
    again = await web.post(f"/api/v1/offers/{offer}/readings", json=body, headers={"Idempotency-Key": "1"})
    assert again.json() == answer.json()
    assert await database.fetchval("select count(*) from capacity_reading where offer = $1", offer) == 1
    other = await web.post(f"/api/v1/offers/{offer}/readings", json={"free": 5}, headers={"Idempotency-Key": "1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"free"}),
        ({"free": -1, "maximum": 10**9}, {"free", "maximum"}),
        ({"free": "3"}, {"free"}),
        ({"free": 3.5, "colour": "red"}, {"free", "colour"}),
        ({"free": 1, "as_of": "2199-01-01"}, {"as_of"}),
        ({"free": 1, "as_of": "wczoraj"}, {"as_of"}),
        ({"free": 1, "by": {"K": -1}}, {"free_women"}),
        ({"free": 1, "by": {"X": 1}}, {"by.X"}),
    ],
)
async def test_wrong_bodies_name_every_field(
    web: httpx.AsyncClient, database: asyncpg.Connection, body: dict[str, object], fields: set[str]
) -> None:
    institution = await make_institution()
    offer = await make_offer(institution)
    await sign_in_as(web, institution, "partner_editor")
    answer = await web.post(f"/api/v1/offers/{offer}/readings", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert {problem["field"] for problem in answer.json()["problems"]} == fields
    assert await database.fetchval("select count(*) from capacity_reading where offer = $1", offer) == 0


async def test_whose_offer_it_is(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution, other = await make_institution(), await make_institution()
    offer = await make_offer(other)
    assert (await web.post(f"/api/v1/offers/{offer}/readings", json={"free": 1})).status_code == 401
    await sign_in_as(web, institution, "partner_editor")
    assert (await web.post(f"/api/v1/offers/{offer}/readings", json={"free": 1})).status_code == 404
    assert (await web.post(f"/api/v1/offers/{new_id()}/readings", json={"free": 1})).status_code == 404
    await sign_in_as(web, other, "partner_intake")
    assert (await web.post(f"/api/v1/offers/{offer}/readings", json={"free": 1})).status_code == 403
    assert (await web.post("/api/v1/offers/nonsense/readings", json={"free": 1})).status_code == 404


async def test_a_key_of_the_institution_may_report(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await make_institution()
    offer = await make_offer(institution)
    await database.execute(
        """insert into api_key (id, token, institution, role, scopes, made_at)
        values ($1, $2, $3, 'partner_editor', '{reading:report}', $4)""",
        new_id(),
        digest("k" * 40),
        institution,
        clock.now(),
    )
    headers = {"Authorization": f"Bearer {'k' * 40}"}
    answer = await web.post(f"/api/v1/offers/{offer}/readings", json={"free": 0}, headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (201, "no-capacity")
