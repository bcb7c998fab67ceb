"""What hostile callers send: each gets a plain answer with all protecting headers, and never a 500."""

from typing import Any

import httpx
import pytest

from referral_hub.accounts.links import COOKIES, open_cookie
from referral_hub.web.read_to_end import ReadToEnd
from referral_hub.web.security import HEADERS
from tests.build import make_institution, make_offer, sign_in_as

pytestmark = pytest.mark.anyio

_SIGNED_LIKE = "AAAAAAAAAAAAAAAAAAAAAA"


@pytest.mark.parametrize("path", ["/no-such-page", "/referrals/not-an-id", "/api/v1/nothing", "/sign-out", "/help"])
async def test_every_answer_is_protected_also_where_there_is_no_route(web: httpx.AsyncClient, path: str) -> None:
    answer = await web.get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers["cache-control"]


@pytest.mark.parametrize("kind", sorted(COOKIES))
@pytest.mark.parametrize("signature", ["é", "ż", "\ud800", ""])
def test_a_signature_that_is_not_ascii_does_not_fit(kind: str, signature: str) -> None:
    assert open_cookie(kind, f"{_SIGNED_LIKE}.{signature}") is None


@pytest.mark.parametrize("path", ["/a", "/c", "/p", "/sign-in/set"])
async def test_a_strange_cookie_is_no_link(web: httpx.AsyncClient, path: str) -> None:
    cookie = "; ".join(f"{name}={_SIGNED_LIKE}.é" for name in COOKIES.values()).encode("latin-1")
    assert (await web.get(path, headers={b"cookie": cookie})).status_code in (200, 404)


async def test_json_nested_without_end_is_refused_in_a_sentence(web: httpx.AsyncClient) -> None:
    institution = await make_institution()
    offer = await make_offer(institution)
    actor = await sign_in_as(web, institution, "caseworker", "partner_editor")
    headers = {"X-CSRF-Token": actor.csrf, "Content-Type": "application/json"}
    paths = ("people", "referrals", f"referrals/{offer}/moves", f"offers/{offer}/readings")
    for path in paths:
        for body in (b"[" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000):
            answer = await web.post(f"/api/v1/{path}", content=body, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (422, "not_json"), path


@pytest.mark.parametrize("sign", ["\\u0000", "\\u0007", "\\u001b", "\\u007f"])
async def test_a_program_sends_no_sign_that_a_form_refuses(web: httpx.AsyncClient, sign: str) -> None:
    actor = await sign_in_as(web, await make_institution(), "caseworker")
    headers = {"X-CSRF-Token": actor.csrf, "Content-Type": "application/json"}
    body = f'{{"label": "a{sign}b", "sex": "K", "gmina": "126301"}}'
    answer = await web.post("/api/v1/people", content=body, headers=headers)
    assert [(one["field"], one["code"]) for one in answer.json()["problems"]] == [("label", "bad_characters")]


async def _answer_at_once(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 403, "headers": []})
    await send({"type": "http.response.body", "body": b"no"})


async def test_a_body_nobody_read_is_read_to_its_end_before_the_answer() -> None:
    left = [{"type": "http.request", "body": b"x" * 1000, "more_body": number < 9} for number in range(10)]
    told: list[tuple[str, int]] = []

    async def receive() -> Any:
        return left.pop(0)

    async def send(message: Any) -> None:
        told.append((message["type"], len(left)))

    await ReadToEnd(_answer_at_once)({"type": "http", "method": "POST"}, receive, send)  # type: ignore[arg-type]
    assert told == [("http.response.start", 0), ("http.response.body", 0)]


@pytest.mark.parametrize("host", ["x:y", "x:99999999", "x:None", "[", "x@y", ":80", "x:0"])
async def test_a_host_that_is_no_address_is_not_our_mistake(web: httpx.AsyncClient, host: str) -> None:
    for path, status in (("/help", 200), ("/no-such-page", 404), ("/referrals", 303)):
        assert (await web.get(path, headers={"Host": host})).status_code == status, path


@pytest.mark.parametrize(
    "origin", ["http://[", "http://x:y", "é", "file://", "http://hub.test@evil.example", "http://"]
)
async def test_an_origin_that_is_not_ours_is_refused(web: httpx.AsyncClient, origin: str) -> None:
    answer = await web.post("/appearance", headers=[(b"Origin", origin.encode("latin-1"))])
    assert answer.status_code == 403
