"""Forms keep what was typed and every problem; JSON bodies name every wrong field; bad bytes are refused plainly."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar, Request, post

from referral_hub.errors import Problem, Refused
from referral_hub.web.body import HubRequest, read_json
from referral_hub.web.errors import EXCEPTION_HANDLERS
from referral_hub.web.forms import Form

AN_ID = "0192f0c0-0000-7000-8000-000000000001"


def codes(form: Form) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in form.problems]


def test_all_problems_are_kept_and_raised_together() -> None:
    form = Form({"name": "", "free": "dużo", "on": "31.02.2026", "kind": "x", "who": "1"})
    form.text("name")
    form.whole("free")
    form.date("on")
    form.choice("kind", {"a"})
    form.id("who")
    with pytest.raises(Refused) as caught:
        form.check()
    assert [(problem.field, problem.code) for problem in caught.value.problems] == [
        ("name", "required"),
        ("free", "not_a_number"),
        ("on", "not_a_date"),
        ("kind", "not_a_choice"),
        ("who", "not_a_choice"),
    ]
    assert form.value("free") == "dużo"


def test_good_values_come_out_in_their_types() -> None:
    form = Form({"a": "  Ala   ma\tkota ", "n": "1 000", "on": "5.11.2026", "iso": "2026-11-05", "id": AN_ID, "b": "1"})
    assert form.text("a") == "Ala ma kota"
    assert form.whole("n") == 1000
    assert form.date("on") == form.date("iso") == date(2026, 11, 5)
    assert form.id("id") == UUID(AN_ID)
    assert form.flag("b")
    assert not form.flag("absent")
    assert form.problems == []


def test_lines_stay_where_they_are_wanted() -> None:
    form = Form({"note": " raz \r\n dwa "})
    assert form.text("note", lines=True) == "raz \n dwa"
    assert form.text("note") == "raz dwa"


def test_limits_are_said_with_their_numbers() -> None:
    form = Form({"a": "x" * 11, "n": "7", "on": "2026-01-01"})
    form.text("a", most=10)
    form.whole("n", least=1, most=5)
    form.date("on", earliest=date(2026, 2, 1))
    assert form.problems == [
        Problem("a", "too_long", {"most": 10, "length": 11}),
        Problem("n", "out_of_range", {"least": 1, "most": 5}),
        Problem("on", "date_too_early", {"earliest": date(2026, 2, 1), "latest": None}),
    ]


def test_many_takes_each_code_once() -> None:
    form = Form({"g": ["a", "b", "a", ""]})
    assert form.many("g", {"a", "b"}) == ["a", "b"]
    assert form.many("none", {"a"}, required=True) == []
    assert codes(form) == [("none", "choose_some")]


def test_an_actions_refusal_is_shown_on_the_form_once() -> None:
    form = Form({})
    form.add("date", "required")
    form.take(Refused("invalid", [Problem("date", "required"), Problem("reason", "choose_one")]))
    form.take(Refused("no_place"))
    assert codes(form) == [("date", "required"), ("reason", "choose_one"), ("", "no_place")]
    assert form.problem("reason") == Problem("reason", "choose_one")


def test_a_form_starts_from_values() -> None:
    form = Form({"roles": ["a", "b"], "active": True, "closed": False, "on": date(2026, 1, 2), "note": None})
    assert form.values("roles") == ["a", "b"]
    assert form.value("active") == "1"
    assert form.value("closed") == form.value("note") == ""
    assert form.value("on") == "2026-01-02"


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_a_form(first: str, second: str) -> None:
    form = Form({"a": first, "b": second})
    text = form.text("a", required=False, lines=True)
    assert "\x00" not in text
    form.whole("b")
    form.date("b")
    form.id("b")
    form.choice("b", {"x"})


class Inner(msgspec.Struct):
    women: int
    men: int = 0


class Body(msgspec.Struct, rename={"second": "2"}):
    name: Annotated[str, msgspec.Meta(max_length=5)]
    free: Annotated[int, msgspec.Meta(ge=0)]
    by: Inner | None = None
    words: list[str] = []
    second: str = ""


@post("/api/form")
async def take_form(request: Request[Any, Any, Any]) -> dict[str, str]:
    form = Form(await request.form())
    return {"a": form.text("a")}


@post("/api/json")
async def take_json(request: Request[Any, Any, Any]) -> Body:
    return await read_json(request, Body)


@pytest.fixture
async def client(anyio_backend: str) -> Any:
    app = Litestar([take_form, take_json], exception_handlers=EXCEPTION_HANDLERS, request_class=HubRequest)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://hub.test") as made:  # type: ignore[arg-type]
        yield made


pytestmark = pytest.mark.anyio
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json", "accept-language": "en"}


async def test_polish_letters_arrive(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/form", data={"a": "Łódź"})
    assert answer.json() == {"a": "Łódź"}


@pytest.mark.parametrize("body", [b"a=%ff%fe", b"a=\xb1\xe6", b"a=%", b"&".join(b"a=%d" % n for n in range(3000))])
async def test_bytes_that_are_no_form_are_refused_or_read_but_never_break(
    client: httpx.AsyncClient, body: bytes
) -> None:
    answer = await client.post("/api/form", content=body, headers=FORM)
    assert answer.status_code in (201, 400)
    if answer.status_code == 400:
        assert answer.json()["code"] == "bad_request"


async def test_another_kind_of_body_is_415(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/form", content=b"{}", headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media")
    answer = await client.post("/api/json", data={"a": "b"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media")


async def test_a_broken_multipart_body_is_400(client: httpx.AsyncClient) -> None:
    kind = {"content-type": "multipart/form-data; boundary=x"}
    answer = await client.post("/api/form", content=b"--x\r\nnonsense", headers=kind)
    assert answer.status_code == 400


async def test_every_wrong_field_of_a_json_body_is_named(client: httpx.AsyncClient) -> None:
    sent = {"name": "too long", "free": -1, "by": {"women": "2", "men": 1, "other": 1}, "words": ["a", 3], "x": 1}
    answer = await client.post("/api/json", json=sent, headers=JSON)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["code"] == "invalid"
    assert {(problem["field"], problem["code"]) for problem in told["problems"]} == {
        ("x", "unknown_field"),
        ("name", "too_long"),
        ("free", "out_of_bounds"),
        ("by.other", "unknown_field"),
        ("by.women", "wrong_type"),
        ("words[1]", "wrong_type"),
    }
    assert all(problem["text"] and "…" not in problem["text"] for problem in told["problems"])


async def test_a_missing_field_is_required(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/json", json={}, headers=JSON)
    assert {problem["field"] for problem in answer.json()["problems"]} == {"name", "free"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[1]", b"null", b'"x"', b'{"name":"\\u0000","free":1}'])
async def test_a_body_that_is_no_object_is_422(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/api/json", content=body, headers=JSON)
    assert answer.status_code == 422


async def test_a_good_body_is_taken(client: httpx.AsyncClient) -> None:
    sent = {"name": "Ala", "free": 3, "by": {"women": 1}, "words": [], "2": "b"}
    answer = await client.post("/api/json", json=sent, headers=JSON)
    assert answer.json() == {"name": "Ala", "free": 3, "by": {"women": 1, "men": 0}, "words": [], "2": "b"}


async def test_no_body_stays_in_a_cache_of_the_process(client: httpx.AsyncClient) -> None:
    from litestar._parsers import parse_url_encoded_form_data

    parse_url_encoded_form_data.cache_clear()
    await client.post("/api/form", data={"a": "tajne"})
    assert parse_url_encoded_form_data.cache_info().currsize == 0
