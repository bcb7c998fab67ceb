"""What the pages of a path do, programs do: the same actions, refusals by name, and every reading a line."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from referral_hub import clock
from tests.build import make_institution, sign_in_as
from tests.referral_pages.rows import value
from tests.referral_pages.scenes import a_referral, a_scene

pytestmark = pytest.mark.anyio
GOAL = "Chcę znowu pracować jako stolarz"


async def test_a_path_is_begun_changed_walked_and_closed_by_a_program(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    token = {"X-CSRF-Token": scene.worker.csrf}

    async def say(path: str, body: dict[str, Any], status: int = 200, **headers: str) -> Any:
        answer = await web.post(f"/api/v1{path}", json=body, headers={**token, **headers})
        assert answer.status_code == status, (path, answer.text)
        return answer.json()

    there = f"/people/{scene.person}/paths"
    new = {"goal": GOAL, "contract_kind": "kontrakt_socjalny", "contract_number": "KS/7", "example": "uzaleznienie"}
    wrong = await say(there, {"goal": "a" * 601, "contract_on": "2090-01-01", "example": "x"}, 422)
    assert {(one["field"], one["code"]) for one in wrong["problems"]} == {
        ("goal", "too_long"),
        ("contract_on", "date_too_late"),
        ("example", "not_a_choice"),
    }
    begun = await say(there, new, 201, **{"Idempotency-Key": "one"})
    assert (await say(there, new, 201, **{"Idempotency-Key": "one"}))["id"] == begun["id"]
    assert [one["id"] for one in (await web.get(f"/api/v1{there}")).json()] == [begun["id"]]
    path = f"/paths/{begun['id']}"
    assert (begun["goal"], begun["has_words"], begun["next"]) == ("", True, 0)
    assert (await say(f"{path}/open", {}))["goal"] == GOAL
    assert await value("select count(*) from disclosure where fields = '{plan}'") == 1
    first = begun["steps"][0]["id"]
    steps: list[tuple[str, dict[str, Any], int]] = [
        ("", {"contract_number": "KS/8"}, 200),
        ("/review", {"next_on": clock.today().replace(year=clock.today().year + 1).isoformat()}, 200),
        ("/steps", {"form": "szkolenie", "words": "Kurs stolarza", "target_on": clock.today().isoformat()}, 201),
        (f"/steps/{first}", {"form": begun["steps"][0]["form"], "need": "uzaleznienie"}, 200),
        (f"/steps/{first}/move", {"way": "down"}, 200),
        (f"/steps/{first}/referral", {"task": str(await a_referral(scene))}, 200),
        (f"/steps/{first}/state", {"state": "done"}, 200),
        ("/close", {"result": "partly"}, 200),
        ("/reopen", {}, 200),
    ]
    for version, (act, body, status) in enumerate(steps, start=1):
        told = await say(f"{path}{act}", {"version": version, **body}, status)
        assert told["version"] == version + 1, act
        assert (await say(f"{path}{act}", {"version": version, **body}, 409))["code"] == "stale", act
    assert (told["contract_number"], told["closed"], len(told["steps"])) == ("KS/8", False, 6)
    assert (told["steps"][1]["shows"], told["steps"][1]["task"]["state"]) == ("done", "sent")
    assert (await say(f"{path}/open", {}))["goal"] == GOAL, "not typed anew, the words stay"
    late: list[tuple[str, dict[str, Any], str]] = [
        ("/steps", {"words": "PESEL 44051401359"}, "invalid"),
        ("/steps", {}, "invalid"),
        (f"/steps/{first}/move", {"way": "sideways"}, "invalid"),
        (f"/steps/{first}/referral", {"task": str(uuid4())}, "referral_is_not_theirs"),
        ("/review", {"next_on": "2020-01-01"}, "invalid"),
    ]
    for act, body, code in late:
        assert (await say(f"{path}{act}", {"version": 10, **body}, 422))["code"] == code, act
    await say(f"{path}/steps/{uuid4()}/state", {"version": 10, "state": "done"}, 404)

    stranger = await make_institution("Inny klub", kind="kis", club=True)
    token["X-CSRF-Token"] = (await sign_in_as(web, stranger, "caseworker")).csrf
    assert (await web.get(f"/api/v1{path}")).status_code == 404
    assert (await web.get(f"/api/v1{there}")).status_code == 404
    await say(f"{path}/close", {"version": 10, "result": "partly"}, 404)
    token["X-CSRF-Token"] = (await sign_in_as(web, scene.clinic, "partner_intake")).csrf
    await say(f"{path}/open", {}, 403)
