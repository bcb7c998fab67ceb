"""A referral is put together on one page without script: nothing personal in an address, nothing typed lost."""

import httpx
import pytest

from referral_hub.referrals.actions import perform
from tests.build import make_account, make_institution, make_offer, sign_in_as
from tests.referral_pages.rows import rows, value
from tests.referral_pages.scenes import NAME, Scene, a_referral, a_scene, text_of

pytestmark = pytest.mark.anyio
FIELDS = ["label", "contact"]


def filled(scene: Scene, **changes: object) -> dict[str, object]:
    return {
        "key": "k-1",
        "person": str(scene.person),
        "need": "uzaleznienie",
        "place": "Tarnów",
        "offer": str(scene.offer),
        "priority": "ordinary",
        "basis.kind": "preset",
        "basis.fields": FIELDS,
        "basis.given_how": "signed",
        "note": "prosi o popołudnie",
        **changes,
    }


async def test_an_offer_from_the_directory_brings_its_need_phone_hours_places_and_reasons(
    web: httpx.AsyncClient,
) -> None:
    scene = await a_scene(web)
    page = (await web.get(f"/referrals/new?offer={scene.offer}&place=Tarn%C3%B3w")).text
    assert '<option value="uzaleznienie" selected' in page
    assert f'value="{scene.offer}" checked' in page
    assert "Poradnia Nadzieja" in page
    assert "pn–pt 8–18" in page
    assert 'class="why short"' in page


async def test_recent_people_stand_first_under_their_case_codes(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    page = (await web.get("/referrals/new")).text
    assert str(scene.person) in page
    assert NAME not in page


async def test_a_name_opens_in_place_and_what_was_typed_stays(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    page = (await web.post("/referrals/new", data=filled(scene, open=str(scene.person)))).text
    assert NAME in page
    assert "prosi o popołudnie" in page
    assert await value("select count(*) from disclosure where participant = $1 and kind = 'opened'", scene.person) == 1


async def test_offers_are_shown_for_the_need_without_sending_anything(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    await make_offer(await make_institution("Grupa AA"), "gr_samopomocowa", "Mityng")
    answer = await web.post(
        "/referrals/new", data=filled(scene, act="match", offer="", person="new", p_label="Wpisana")
    )
    assert answer.status_code == 200
    assert "Mityng" in answer.text
    assert 'value="Wpisana"' in answer.text
    assert await value("select count(*) from referral_task") == 0
    assert await value("select count(*) from participant") == 1


async def test_a_replayed_composer_makes_one_draft(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    first = await web.post("/referrals/new", data=filled(scene, act="check"))
    again = await web.post("/referrals/new", data=filled(scene, act="check"))
    assert first.headers["location"] == again.headers["location"]
    assert await value("select count(*) from referral_task") == 1


async def test_everything_missing_is_told_at_once_and_the_typed_values_stay(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    data = filled(
        scene, act="check", person="new", p_label="", p_contact="kept", need="", offer="", p_gmina="Nigdzieburg Dolny"
    )
    answer = await web.post("/referrals/new", data=data)
    assert answer.status_code == 422
    for field in ("need", "offer", "p_label", "p_gmina"):
        assert f'id="{field}-problem"' in answer.text, field
    assert 'value="kept"' in answer.text
    assert "prosi o popołudnie" in answer.text
    assert await value("select count(*) from participant") == 1
    # The same page is put right and sent again under the same key.
    answer = await web.post("/referrals/new", data=filled(scene, act="check"))
    assert answer.status_code == 303


async def test_a_new_person_is_registered_with_the_draft_or_not_at_all(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    data = filled(scene, act="check", person="new", p_label="Nowa Osoba", p_sex="M", p_gmina="Ryglice")
    assert (await web.post("/referrals/new", data={**data, "note": "PESEL 44051401359"})).status_code == 422
    assert await value("select count(*) from participant") == 1
    assert (await web.post("/referrals/new", data=data)).status_code == 303
    assert await value("select count(*) from participant") == 2
    assert await value("select needs from participant order by made_at desc, id desc limit 1") == ["uzaleznienie"]


async def test_a_person_goes_alone_in_one_press_and_the_clinic_receives_nothing(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    await make_account(scene.clinic, "partner_intake")
    answer = await web.post("/referrals/new", data=filled(scene, act="alone"))
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/card")
    (task,) = await rows("select id, state, no_data, access from referral_task")
    assert (task["state"], task["no_data"], task["access"]) == ("sent", True, "none")
    assert await value("select count(*) from job where name = 'send_mail'") == 0
    assert await value("select count(*) from disclosure where kind = 'passed'") == 0
    card = (await web.get(answer.headers["location"])).text
    assert "<svg" in card
    assert "pn–pt 8–18" in card
    for told in (NAME, "Nadzieja", "uzależni", "Terapia"):
        assert told not in card.split("printed-card")[1], told
    await a_referral(scene)
    assert await value("select count(*) from job where name = 'send_mail'") == 1


async def test_the_last_referral_is_repeated_without_the_person(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    await a_referral(scene)
    page = (await web.get("/referrals/new?repeat=1")).text
    assert f'value="{scene.offer}" checked' in page
    assert '<option value="uzaleznienie" selected' in page
    assert f'name="person" value="{scene.person}" checked' not in page
    assert 'value="consent" checked' in page


async def test_repeating_without_a_last_one_is_an_empty_page(web: httpx.AsyncClient) -> None:
    await a_scene(web)
    assert (await web.get("/referrals/new?repeat=1")).status_code == 200


async def test_a_need_that_nobody_meets_is_noted_without_a_person(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    page = (await web.post("/referrals/new", data=filled(scene, need="transport", offer="", act="match"))).text
    assert 'value="unmet"' in page
    answer = await web.post("/referrals/new", data=filled(scene, need="transport", offer="", act="unmet"))
    assert answer.headers["location"] == "/referrals?noted=1"
    (line,) = await rows("select need, gmina, why, task from unmet_need")
    assert (line["need"], line["gmina"], line["why"], line["task"]) == ("transport", "126301", "no_offer", None)


@pytest.mark.parametrize("field", ["person", "offer", "basis.kind", "priority", "need", "open"])
async def test_nonsense_is_told_and_never_breaks(web: httpx.AsyncClient, field: str) -> None:
    scene = await a_scene(web)
    answer = await web.post("/referrals/new", data=filled(scene, act="check", **{field: "\u0007<script>"}))
    assert answer.status_code in (200, 422)
    assert "<script>" not in answer.text
    assert await value("select count(*) from referral_task") == 0


async def test_a_person_of_another_institution_cannot_be_referred(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    other = await make_institution("Inny klub", kind="kis")
    await sign_in_as(web, other, "caseworker")
    answer = await web.post("/referrals/new", data=filled(scene, act="check"))
    assert answer.status_code == 404
    assert await value("select count(*) from referral_task") == 0


@pytest.mark.parametrize("role", ["coordinator", "partner_intake", "dpo"])
async def test_only_caseworkers_compose(web: httpx.AsyncClient, role: str) -> None:
    await sign_in_as(web, await make_institution(), role)
    assert (await web.get("/referrals/new")).status_code == 403


async def test_another_caseworker_of_the_club_sees_plan_b_after_a_decline(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    second = await make_offer(await make_institution("Druga Poradnia"), "terapia_uzaleznien", "Terapia druga", free=2)
    task = await a_referral(scene)
    await perform(
        task, actor=scene.worker, verb="decline", version=2, fields={"reason": "no_capacity"}, channel="phone"
    )
    page = (await web.get(f"/referrals/{task}")).text
    assert "Druga Poradnia" in text_of(page)
    answer = await web.post(
        f"/referrals/{task}/moves", data={"verb": "reroute", "version": "3", "reroute-self-offer": str(second)}
    )
    assert answer.headers["location"].endswith("/check")
    assert str(task) not in answer.headers["location"]
    assert (await web.get(answer.headers["location"])).status_code == 200


async def test_all_referrals_of_a_person_stand_on_one_page_for_their_own_institution_only(
    web: httpx.AsyncClient,
) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    page = (await web.get(f"/people/{scene.person}/referrals")).text
    assert f"/referrals/{task}" in page
    assert NAME not in page
    await sign_in_as(web, await make_institution("Obca"), "caseworker")
    assert (await web.get(f"/people/{scene.person}/referrals")).status_code == 404


async def test_consent_is_not_assumed_the_page_asks_how_it_was_given(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    page = (await web.get(f"/referrals/new?offer={scene.offer}&person={scene.person}")).text
    assert 'name="basis.given_how" value="signed"' in page
    assert 'value="signed" checked' not in page
    answer = await web.post("/referrals/new", data=filled(scene, act="check", **{"basis.given_how": ""}))
    assert answer.status_code == 422
    assert "basis.given_how" in answer.text
    assert await value("select count(*) from referral_task") == 0
