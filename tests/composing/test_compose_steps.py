"""The composer goes step by step without script: what is not shown is carried along, several are drafts at once."""

import httpx
import pytest

from referral_hub import clock
from tests.build import make_institution, make_offer
from tests.referral_pages.rows import rows, value
from tests.referral_pages.scenes import Scene, a_referral, a_scene

pytestmark = pytest.mark.anyio


def step(scene: Scene, act: str, **changes: object) -> dict[str, object]:
    return {
        "key": "s",
        "act": act,
        "person": str(scene.person),
        "need": "uzaleznienie",
        "note": "po południu",
        **changes,
    }


async def test_each_step_shows_its_part_and_carries_the_rest(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    first = (await web.get("/referrals/new")).text
    assert 'id="matches"' not in first
    assert 'type="radio" name="basis.kind"' not in first
    second = (await web.post("/referrals/new", data=step(scene, "match"))).text
    assert 'type="hidden" name="note" value="po południu"' in second
    assert f'type="hidden" name="person" value="{scene.person}"' in second
    assert 'aria-current="step">Wybór oferty' in second
    nothing = await web.post("/referrals/new", data=step(scene, "content"))
    assert nothing.status_code == 422
    assert 'id="offer-problem"' in nothing.text
    third = (await web.post("/referrals/new", data=step(scene, "content", offer=str(scene.offer)))).text
    assert 'type="radio" name="basis.kind"' in third
    assert 'aria-current="step">Treść i podstawa' in third
    assert await value("select count(*) from referral_request") == 0


async def test_what_is_preset_is_a_sentence_until_it_is_changed_or_wrong(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    usual = {"offer": str(scene.offer), "basis.kind": "preset", "basis.fields": ["label", "contact", "needs", "note"]}
    page = (await web.post("/referrals/new", data=step(scene, "content", **usual))).text
    assert page.count('<details class="preset">') == 3
    changes: list[dict[str, object]] = [
        {"priority": "urgent"},
        {"basis.fields": ["label"]},
        {"basis.kind": "vital_interest"},
        {"act": "check", "basis.until": "2020-01-01", "basis.given_how": "signed"},
    ]
    for change in changes:
        page = (await web.post("/referrals/new", data={**step(scene, "content"), **usual, **change})).text
        folded = page.count('<details class="preset">'), page.count('<details class="preset" open>')
        assert folded == (2, 1), change


async def test_a_problem_opens_its_own_part_and_carries_the_rest(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    chosen = {"offer": str(scene.offer), "basis.kind": "consent", "basis.fields": ["label"]}
    wrong = await web.post("/referrals/new", data=step(scene, "check", **chosen))
    assert wrong.status_code == 422
    assert 'id="basis.given_how-problem"' in wrong.text
    assert 'type="radio" name="person"' not in wrong.text
    assert f'type="hidden" name="person" value="{scene.person}"' in wrong.text
    assert f'type="hidden" name="offer" value="{scene.offer}"' in wrong.text


async def test_several_offers_are_drafts_side_by_side_and_none_has_anothers_basis(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    other = await make_offer(await make_institution("Grupa AA"), "gr_samopomocowa", "Mityng")
    both = step(scene, "content", offer=[str(scene.offer), str(other)])
    made = await web.post("/referrals/new", data=both)
    assert made.headers["location"].endswith("/check")
    tasks = await rows(
        "select t.offer, t.basis, q.together from referral_task t join referral_request q on q.id = t.request"
    )
    assert {task["offer"] for task in tasks} == {scene.offer, other}
    assert {(task["basis"], task["together"]) for task in tasks} == {(None, True)}
    assert await value("select count(*) from referral_request") == 1
    again = await web.post("/referrals/new", data=both)
    assert again.headers["location"] == made.headers["location"]


async def test_the_papers_go_along_and_a_wrong_one_stops_all(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    await make_institution("Ośrodek Pomocy Próbny", kind="ops")
    data = step(
        scene, "check", offer=str(scene.offer), issuer="Ośrodek Pomocy Próbny", issued_on="2999-01-01",
        **{"basis.kind": "consent", "basis.given_how": "signed", "basis.fields": ["label"]},
    )  # fmt: skip
    wrong = await web.post("/referrals/new", data=data)
    assert wrong.status_code == 422
    assert 'id="issued_on-problem"' in wrong.text
    assert await value("select count(*) from referral_request") == 0
    made = await web.post("/referrals/new", data={**data, "issued_on": clock.today().isoformat()})
    assert made.status_code == 303
    assert await value("select issued_on from referral_request") == clock.today()


async def test_the_last_referral_of_a_person_is_repeated_for_that_person(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    await a_referral(scene)
    page = (await web.get(f"/referrals/new?repeat=1&person={scene.person}")).text
    assert f'value="{scene.offer}" checked' in page
    assert str(scene.person) in page
    assert (await web.get("/referrals/new?repeat=1&person=nie-id")).status_code == 200
