"""An Idempotency-Key: the same again hears the same, another body is refused, a refusal is not kept."""

import asyncio
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, Response, post

from referral_hub.database.columns import new_id
from referral_hub.database.pool import close_pool, open_pool
from referral_hub.database.transaction import Scope, connection
from referral_hub.errors import Refused
from referral_hub.web.errors import EXCEPTION_HANDLERS
from referral_hub.web.once import once
from tests.conftest import make_database

pytestmark = pytest.mark.anyio

SCOPE = Scope(kind="account", account=new_id())
done: list[str] = []


@post("/api/v1/act")
async def act(request: Request[Any, Any, Any]) -> Response[Any]:
    async def work() -> Response[Any]:
        body = (await request.body()).decode()
        if body == "no":
            raise Refused("no_place")
        await asyncio.sleep(0.02)
        done.append(body)
        return Response(f"zażółć {len(done)}".encode(), status_code=201, headers={"Location": "/x"})

    return await once(request, SCOPE, work)


def client() -> httpx.AsyncClient:
    app = Litestar([act], exception_handlers=EXCEPTION_HANDLERS, openapi_config=None)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://hub.test")


async def ask(web: httpx.AsyncClient, body: str, key: str) -> httpx.Response:
    return await web.post("/api/v1/act", content=body, headers={"Idempotency-Key": key} if key else {})


async def test_the_same_key_repeats_the_first_answer(database: object) -> None:
    done.clear()
    async with client() as web:
        first, again = await ask(web, "a", "k1"), await ask(web, "a", "k1")
        assert (first.status_code, first.text, first.headers["location"]) == (201, "zażółć 1", "/x")
        assert (again.status_code, again.text, again.headers["location"]) == (201, "zażółć 1", "/x")
        other = await ask(web, "b", "k1")
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        assert (await ask(web, "a", "x" * 300)).json()["code"] == "idempotency_key_long"
        await ask(web, "a", "")
    assert done == ["a", "a"]


async def test_a_refusal_is_not_kept(database: object) -> None:
    async with client() as web:
        assert (await ask(web, "no", "k2")).json()["code"] == "no_place"
        assert (await ask(web, "yes", "k2")).status_code == 201


async def test_what_is_kept_cannot_be_read_in_the_database(database: object) -> None:
    async with client() as web:
        await ask(web, "a", "k3")
    async with connection() as sql:
        kept = await sql.fetchval("select answer from idempotent_answer")
    assert kept
    assert "zażółć".encode() not in kept


@pytest.fixture
async def committed(pool: None, worker_id: str) -> Any:
    """A database of its own, where many connections can race."""
    from referral_hub.database.pool import ENGINE

    before, ENGINE.pool = ENGINE.pool, None
    await open_pool(await make_database(f"hub_once_{worker_id}"), largest=8)
    yield
    await close_pool()
    ENGINE.pool = before


async def test_racers_with_one_key_act_once(committed: None) -> None:
    done.clear()
    async with client() as web:
        answers = await asyncio.gather(*(ask(web, "a", "k4") for _ in range(8)))
    assert {answer.text for answer in answers} == {"zażółć 1"}
    assert done == ["a"]
