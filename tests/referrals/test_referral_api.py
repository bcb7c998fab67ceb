"""The contract's staff calls over HTTP: people, referrals, moves, feedback; every refusal a problem with a code."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.build import make_agreement, make_institution, make_offer, sign_in_as
from tests.referrals.scene import in_days, places_of, value

pytestmark = pytest.mark.anyio
JSON = dict[str, Any]


class Desk:
    """A caseworker at a club, over HTTP."""

    def __init__(self, web: httpx.AsyncClient) -> None:
        self.web = web
        self.club: Any = None
        self.partner: Any = None
        self.offer: Any = None
        self.person: JSON = {}

    async def open(self, *roles: str, free: int | None = 2) -> "Desk":
        self.club = await make_institution("Klub Próbny", kind="kis", club=True)
        self.partner = await make_institution("Fundacja Próbna")
        await make_agreement(self.club)
        await make_agreement(self.partner)
        self.offer = await make_offer(self.partner, free=free)
        await sign_in_as(self.web, self.club, *(roles or ("caseworker",)))
        answer = await self.web.post(
            "/api/v1/people",
            json={"label": "Żaneta Próbna", "sex": "K", "gmina": "126301", "groups": ["bezdomne"], "needs": ["prawo"]},
        )
        assert answer.status_code == 201, answer.text
        self.person = answer.json()
        return self

    def body(self, **changes: Any) -> JSON:
        return {
            "person": self.person["id"],
            "offer": str(self.offer),
            "need": "prawo",
            "priority": "ordinary",
            "basis": {"kind": "consent", "ground": "zgoda", "given_how": "spoken", "fields": ["label"]},
            **changes,
        }

    async def draft(self, **changes: Any) -> JSON:
        answer = await self.web.post("/api/v1/referrals", json=self.body(**changes))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def move(self, referral: JSON, verb: str, **fields: Any) -> httpx.Response:
        body = {"verb": verb, "version": referral["version"], **fields}
        return await self.web.post(f"/api/v1/referrals/{referral['id']}/moves", json=body)

    async def moved(self, referral: JSON, verb: str, **fields: Any) -> JSON:
        answer = await self.move(referral, verb, **fields)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture
async def desk(web: httpx.AsyncClient) -> Desk:
    return await Desk(web).open()


def problem(answer: httpx.Response, status: int, code: str) -> list[str]:
    """Check the problem document; its fields."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    told = answer.json()
    assert told["code"] == code
    assert told["detail"]
    assert "error." not in answer.text
    return [one["field"] for one in told.get("problems", [])]


async def test_a_person_is_registered_and_listed_by_case_code(desk: Desk) -> None:
    assert set(desk.person) == {"id", "case_code", "same_label"}
    page = (await desk.web.get("/api/v1/people")).json()
    assert [item["case_code"] for item in page["items"]] == [desk.person["case_code"]]
    assert "Żaneta" not in str(page)


async def test_a_name_in_the_address_finds_nobody(desk: Desk) -> None:
    """Addresses end in logs and histories, so a label there is no question: the answer is the same for any."""
    plain, by_any = await desk.web.get("/api/v1/people"), await desk.web.get("/api/v1/people?label=Nikt+Taki")
    assert by_any.json()["total"] == plain.json()["total"] == 1


async def test_every_problem_of_a_person_comes_at_once(desk: Desk) -> None:
    answer = await desk.web.post(
        "/api/v1/people",
        json={"label": "PESEL 44051401359", "sex": "X", "gmina": "999999", "groups": ["kosmici"], "needs": ["x"]},
    )
    assert problem(answer, 422, "invalid") == ["label", "sex", "gmina", "groups", "needs"]
    answer = await desk.web.post("/api/v1/people", json={"sex": 5, "surname": "x"})
    assert set(problem(answer, 422, "invalid")) == {"label", "sex", "gmina", "surname"}


async def test_a_referral_goes_the_whole_way_by_phone(desk: Desk) -> None:
    made = await desk.draft(note="Proszę dzwonić po południu.")
    assert (made["state"], made["version"]) == ("draft", 1)
    assert made["request_id"] != made["id"]
    assert {move["verb"] for move in made["moves"]} == {"send", "void"}
    sent = await desk.moved(made, "send")
    assert sent["clock"]["on"] == "RCV"
    by_channel = {(move["verb"], channel) for move in sent["moves"] for channel in move["channels"]}
    assert {("accept", "phone"), ("withdraw", "self"), ("withdraw_consent", "person")} <= by_channel
    accepted = await desk.moved(sent, "accept", channel="phone", date=in_days(2))
    assert accepted["appointment"]["at"] == in_days(2)
    assert await places_of(desk.offer) == (2, 0, 1)
    done = await desk.moved(accepted, "deliver", channel="person", outcome="dlugi", date=in_days(0))
    assert done["outcome"]["source"] == "person"
    assert done["loop_closed"]
    assert [line["verb"] for line in done["timeline"]] == ["create", "send", "accept", "deliver"]
    assert done["timeline"][1]["saw"] == ["case_code", "need", "priority"]


async def test_needs_name_the_fields_and_their_codes(desk: Desk) -> None:
    sent = await desk.moved(await desk.draft(), "send")
    decline = next(move for move in sent["moves"] if move["verb"] == "decline")
    assert decline["label"]
    fields = {need["name"]: need for need in decline["needs"]}
    assert set(fields) == {"reason", "text", "criterion", "other_offer"}
    assert (fields["reason"]["type"], fields["reason"]["required"]) == ("code", True)
    assert {"no_capacity", "not_eligible", "other"} <= set(fields["reason"]["codes"])
    assert "expired_no_answer" not in fields["reason"]["codes"]
    refused = await desk.move(sent, "decline", channel="phone", reason="because", text=5, pogoda="x")
    assert problem(refused, 422, "invalid") == ["pogoda", "reason", "text"]


async def test_refusals_have_their_own_status_and_code(desk: Desk) -> None:
    sent = await desk.moved(await desk.draft(), "send")
    assert problem(await desk.move(sent, "accept"), 403, "move_belongs_to_others") == []
    assert problem(await desk.move(sent, "expire"), 403, "move_belongs_to_clock") == []
    assert problem(await desk.move({**sent, "version": 1}, "withdraw", reason="other"), 409, "stale") == []
    assert problem(await desk.move(sent, "send"), 422, "move_is_not_open") == []
    assert problem(await desk.move(sent, "dance"), 422, "invalid") == ["verb"]
    assert problem(await desk.move(sent, "withdraw"), 422, "invalid") == ["reason"]
    described = await desk.move(sent, "withdraw", reason="other")
    assert problem(described, 422, "other_reason_is_described") == ["text"]


async def test_a_basis_that_does_not_hold_stops_the_draft(desk: Desk) -> None:
    basis = {"kind": "consent", "ground": "", "until": "2001-01-01", "fields": ["pesel"]}
    answer = await desk.web.post("/api/v1/referrals", json=desk.body(basis=basis, need="x", priority="now"))
    assert problem(answer, 422, "invalid") == [
        "need",
        "priority",
        "basis.ground",
        "basis.fields",
        "basis.until",
    ]
    missing = desk.body()
    del missing["basis"]
    assert problem(await desk.web.post("/api/v1/referrals", json=missing), 422, "invalid") == ["basis"]


async def test_an_offer_with_no_places_is_refused_by_name(web: httpx.AsyncClient) -> None:
    desk = await Desk(web).open(free=0)
    made = await desk.draft()
    assert problem(await desk.move(made, "send"), 422, "offer_is_sendable") == ["text"]
    assert (await desk.moved(made, "send", text="Dzwoniłam: wezmą."))["state"] == "sent"


async def test_what_is_not_there_or_not_mine_is_404(desk: Desk) -> None:
    made = await desk.draft()
    for task in (uuid4(), "nie-id"):
        assert (await desk.web.get(f"/api/v1/referrals/{task}")).status_code == 404
    problem(await desk.web.post("/api/v1/referrals", json=desk.body(person=str(uuid4()))), 404, "not_found")
    problem(await desk.web.post("/api/v1/referrals", json=desk.body(offer=str(uuid4()))), 404, "not_found")
    await sign_in_as(desk.web, await make_institution("Obca", kind="kis"), "caseworker", "partner_intake")
    problem(await desk.web.get(f"/api/v1/referrals/{made['id']}"), 404, "not_found")
    problem(await desk.move(made, "send"), 404, "not_found")
    problem(await desk.web.post("/api/v1/referrals", json=desk.body()), 404, "not_found")
    feedback = {"got_help": "yes", "treated_well": "yes"}
    problem(await desk.web.post(f"/api/v1/referrals/{made['id']}/feedback", json=feedback), 404, "not_found")


async def test_who_may_not_is_told_so(desk: Desk) -> None:
    await sign_in_as(desk.web, desk.partner, "partner_editor")
    problem(await desk.web.get("/api/v1/people"), 403, "not_allowed")
    problem(await desk.web.post("/api/v1/referrals", json=desk.body()), 403, "not_allowed")
    await sign_in_as(desk.web, desk.club, "coordinator")
    problem(await desk.web.get("/api/v1/people"), 403, "not_allowed")
    desk.web.cookies.clear()
    problem(await desk.web.get("/api/v1/people"), 401, "not_signed_in")


async def test_the_same_key_repeats_the_first_answer(desk: Desk) -> None:
    headers = {"Idempotency-Key": "raz"}
    first = await desk.web.post("/api/v1/referrals", json=desk.body(), headers=headers)
    again = await desk.web.post("/api/v1/referrals", json=desk.body(), headers=headers)
    assert (again.status_code, again.content) == (201, first.content)
    assert await value("select count(*) from referral_task") == 1
    other = await desk.web.post("/api/v1/referrals", json=desk.body(need="praca"), headers=headers)
    problem(other, 422, "idempotency_key_reused")


async def test_a_replayed_move_is_made_once(desk: Desk) -> None:
    made = await desk.draft()
    url, body = f"/api/v1/referrals/{made['id']}/moves", {"verb": "send", "version": 1}
    headers = {"Idempotency-Key": "wyślij"}
    headers = {"Idempotency-Key": "send-1"}
    first = await desk.web.post(url, json=body, headers=headers)
    again = await desk.web.post(url, json=body, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert await places_of(desk.offer) == (2, 1, 0)
    assert await value("select count(*) from task_event where verb = 'send'") == 1


async def test_reroute_answers_with_the_new_referral(desk: Desk) -> None:
    sent = await desk.moved(await desk.draft(), "send")
    declined = await desk.moved(sent, "decline", channel="phone", reason="out_of_area")
    offer = await make_offer(await make_institution("Druga"), free=1)
    basis = {"kind": "consent", "ground": "zgoda", "given_how": "spoken"}
    new = await desk.moved(declined, "reroute", offer=str(offer), basis=basis)
    assert (new["state"], new["replaces"]) == ("draft", sent["id"])
    assert (await desk.moved(new, "send"))["state"] == "sent"


async def test_the_receiver_sees_by_stage_and_answers(desk: Desk) -> None:
    sent = await desk.moved(await desk.draft(), "send")
    await sign_in_as(desk.web, desk.partner, "partner_intake")
    seen = (await desk.web.get(f"/api/v1/referrals/{sent['id']}")).json()
    assert set(seen["person"]) == {"case_code", "need", "priority"}
    assert {move["verb"] for move in seen["moves"]} == {"ask", "waitlist", "accept", "decline"}
    accepted = await desk.moved(sent, "accept", date=in_days(1))
    assert accepted["person"]["label"] == "Żaneta Próbna"
    box = (await desk.web.get("/api/v1/referrals?box=under-way")).json()
    assert [item["id"] for item in box["items"]] == [sent["id"]]
    assert "Żaneta" not in str(box)
    declined = await desk.moved(accepted, "decline", reason="needs_exceed_service")
    assert declined["person"] == {"case_code": desk.person["case_code"]}


async def test_feedback_is_written_down(desk: Desk) -> None:
    made = await desk.draft()
    url = f"/api/v1/referrals/{made['id']}/feedback"
    good = {"got_help": "partly", "treated_well": "yes", "words": "było miło"}
    problem(await desk.web.post(url, json=good), 422, "nothing_was_sent")
    await desk.moved(made, "send")
    assert (await desk.web.post(url, json=good)).status_code == 201
    bad = await desk.web.post(url, json={"got_help": "meh", "treated_well": "x", "words": "44051401359"})
    assert problem(bad, 422, "invalid") == ["got_help", "treated_well", "words"]
    shown = (await desk.web.get(f"/api/v1/referrals/{made['id']}")).json()
    assert shown["feedback"] == {"got_help": "partly", "treated_well": "yes"}


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b'{"verb": "send"}', b'{"verb": 5, "version": "x"}'])
async def test_a_broken_move_is_a_problem_and_never_an_error(desk: Desk, body: bytes) -> None:
    made = await desk.draft()
    answer = await desk.web.post(
        f"/api/v1/referrals/{made['id']}/moves", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_wrong_kind_of_body_is_415(desk: Desk) -> None:
    made = await desk.draft()
    answer = await desk.web.post(f"/api/v1/referrals/{made['id']}/moves", data={"verb": "send"})
    problem(answer, 415, "unsupported_media")


async def test_looking_at_a_person_leaves_a_disclosure_line(desk: Desk) -> None:
    made = await desk.draft()
    before = await value("select count(*) from disclosure where kind = 'opened'")
    await desk.web.get(f"/api/v1/referrals/{made['id']}")
    assert await value("select count(*) from disclosure where kind = 'opened'") == before + 1
