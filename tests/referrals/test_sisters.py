"""Several receivers asked side by side: each on its own, and nothing closes by itself."""

from uuid import UUID

import httpx
import pytest

from referral_hub.errors import NotFound, Refused
from referral_hub.referrals.actions import ask_also, perform
from referral_hub.referrals.sisters import close_others, keep_others, others_of, waiting_to_decide
from tests.build import make_agreement, make_institution, make_offer, sign_in_as
from tests.referrals.scene import CONSENT, Scene, make_scene, places_of, row_of, state_of, value

pytestmark = pytest.mark.anyio


@pytest.fixture
async def scene(database: None) -> Scene:
    return await make_scene()


async def another(name: str = "Druga Fundacja") -> UUID:
    partner = await make_institution(name, kind="ngo")
    await make_agreement(partner)
    return await make_offer(partner, free=2)


async def asked_too(scene: Scene, task: UUID, offer: UUID, *, send: bool = True) -> UUID:
    """Another receiver for the task's request, sent on a consent of its own."""
    request = (await row_of(task))["request"]
    made = await ask_also(request, actor=scene.caseworker, offer=offer, basis=CONSENT if send else None, together=True)
    if send:
        await scene.move(made, "send")
    return made


async def test_a_second_receiver_is_refused_by_name_unless_they_are_asked_side_by_side(scene: Scene) -> None:
    task, other = await scene.sent(), await another()
    request = (await row_of(task))["request"]
    with pytest.raises(Refused, match="nobody_else_is_asked"):
        await ask_also(request, actor=scene.caseworker, offer=other, basis=CONSENT)
    assert await value("select count(*) from referral_task where request = $1", request) == 1
    assert await asked_too(scene, task, other)


async def test_each_of_them_has_its_own_basis_hold_and_clock(scene: Scene) -> None:
    task, other = await scene.sent(), await another()
    draft = await asked_too(scene, task, other, send=False)
    assert (await row_of(draft))["basis"] is None
    with pytest.raises(Refused, match="basis_is_valid"):
        await scene.move(draft, "send")
    await scene.move(draft, "send", {"basis": CONSENT})
    first, second = await row_of(task), await row_of(draft)
    assert first["basis"] != second["basis"]
    assert (await places_of(scene.offer), await places_of(other)) == ((2, 1, 0), (2, 1, 0))
    assert second["due_on"] is not None


async def test_the_same_offer_is_asked_once(scene: Scene) -> None:
    with pytest.raises(Refused, match="offer_is_asked_already"):
        await asked_too(scene, await scene.sent(), scene.offer)


async def test_a_request_of_another_institution_is_not_there(scene: Scene) -> None:
    task, elsewhere = await scene.sent(), await make_scene()
    with pytest.raises(NotFound):
        await asked_too(elsewhere, task, await another())
    with pytest.raises(NotFound):
        await others_of(elsewhere.caseworker, task)


async def test_nothing_closes_when_one_accepts_and_the_sender_is_told(scene: Scene) -> None:
    task = await scene.sent()
    other = await asked_too(scene, task, await another())
    await scene.move(task, "accept", by=scene.intake)
    assert await state_of(other) == "sent"
    assert (await others_of(scene.caseworker, task)).asks
    assert not (await others_of(scene.caseworker, other)).asks
    mail = await value("select count(*) from job where payload->>'template' = 'referral_others'")
    assert mail == 1
    (waiting,) = await waiting_to_decide(scene.caseworker)
    assert (waiting.id, waiting.others) == (task, 1)


async def test_one_press_closes_each_by_its_own_move(scene: Scene) -> None:
    task = await scene.sent()
    waiting, accepted, draft = [
        await asked_too(scene, task, await another(f"Fundacja {number}"), send=number < 3) for number in (1, 2, 3)
    ]
    await scene.move(accepted, "accept", channel="phone")
    await scene.move(task, "accept", by=scene.intake)
    assert await close_others(task, actor=scene.caseworker) == []
    assert [await state_of(one) for one in (task, waiting, accepted, draft)] == [
        "accepted",
        "withdrawn",
        "cancel_requested",
        "void",
    ]
    assert (await row_of(waiting))["reason"] == "need_met_elsewhere"
    with pytest.raises(Refused, match="nothing_to_decide"):
        await close_others(task, actor=scene.caseworker)
    assert await value("select count(*) from audit_event where event = 'referral:others'") == 1


async def test_kept_on_purpose_is_not_asked_again_until_another_accepts(scene: Scene) -> None:
    task = await scene.sent()
    other = await asked_too(scene, task, await another())
    await scene.move(task, "accept", by=scene.intake)
    await keep_others(task, actor=scene.caseworker)
    assert not (await others_of(scene.caseworker, task)).asks
    assert await waiting_to_decide(scene.caseworker) == []
    await scene.move(other, "accept", channel="phone")
    assert (await others_of(scene.caseworker, other)).asks


async def test_after_a_decline_another_is_asked_one_at_a_time(scene: Scene) -> None:
    task, other = await scene.sent(), await another()
    await scene.move(task, "decline", {"reason": "no_capacity"}, by=scene.intake)
    new = await scene.move(task, "reroute", {"offer": str(other)})
    assert (await row_of(new))["basis"] is None
    assert not any(move.row.verb == "reroute" for move in (await scene.seen(task)).moves)
    with pytest.raises(Refused, match="nobody_else_is_asked"):
        await scene.move(task, "reroute", {"offer": str(await another("Trzecia"))})


async def test_the_receiver_sees_nothing_of_the_others(scene: Scene) -> None:
    task = await scene.sent()
    await asked_too(scene, task, await another())
    assert not (await scene.seen(task, scene.intake)).together


async def test_pages_ask_and_close(scene: Scene, web: httpx.AsyncClient) -> None:
    await sign_in_as(web, scene.club, "caseworker")
    task, other = await scene.sent(), await another()
    page = (await web.get(f"/referrals/{task}/also")).text
    assert str(other) in page
    assert f'value="{scene.offer}"' not in page
    assert (await web.post(f"/referrals/{task}/also", data={"key": "a"})).status_code == 422
    made = await web.post(f"/referrals/{task}/also", data={"key": "a", "offer": str(other)})
    assert made.headers["location"].endswith("/check")
    assert (await web.post(f"/referrals/{task}/also", data={"key": "a", "offer": str(other)})).headers == made.headers
    await scene.move(task, "accept", by=scene.intake)
    assert "Ta instytucja przyjęła" in (await web.get(f"/referrals/{task}")).text
    assert "przyjęte" in (await web.get("/referrals")).text
    done = await web.post(f"/referrals/{task}/others", data={"act": "close", "reason": "need_met_elsewhere"})
    assert done.headers["location"].endswith("?done=others_closed")
    assert await value("select count(*) from referral_task where state = 'void'") == 1
    again = await web.post(f"/referrals/{task}/others", data={"act": "close"})
    assert again.headers["location"].endswith(str(task))


async def test_a_program_asks_side_by_side_and_decides(scene: Scene, web: httpx.AsyncClient) -> None:
    await sign_in_as(web, scene.club, "caseworker")
    body = {"person": str(scene.person), "offer": str(scene.offer), "need": "prawo", "priority": "ordinary"}
    first = (await web.post("/api/v1/referrals", json={**body, "basis": CONSENT, "together": True})).json()
    assert (first["together"], first["called"]) == (True, "zgłoszenie")
    more = {**body, "offer": str(await another()), "basis": CONSENT, "request_id": first["request_id"]}
    wrong = await web.post("/api/v1/referrals", json={**more, "need": "praca"})
    assert [one["field"] for one in wrong.json()["problems"]] == ["need"]
    second = (await web.post("/api/v1/referrals", json=more)).json()
    assert second["request_id"] == first["request_id"]
    for one in (first, second):
        await perform(UUID(one["id"]), actor=scene.caseworker, verb="send", version=1)
    await scene.move(UUID(first["id"]), "accept", channel="phone")
    told = (await web.get(f"/api/v1/referrals/{first['id']}")).json()
    assert (told["others_ask"], [one["state"] for one in told["others"]]) == (True, ["sent"])
    address = f"/api/v1/referrals/{first['id']}/others"
    assert (await web.post(address, json={"decision": "perhaps"})).status_code == 422
    assert (await web.post(address, json={"decision": "close"})).json()["others"][0]["state"] == "withdrawn"
