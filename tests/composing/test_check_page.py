"""A draft before it is sent: exactly what the institution will see, on which basis, and what warns or stops."""

from datetime import timedelta

import httpx
import pytest

from referral_hub import clock
from tests.build import make_institution, make_offer, sign_in_as
from tests.composing.test_composer import FIELDS, filled
from tests.referral_pages.rows import rows, value
from tests.referral_pages.scenes import NAME, a_referral, a_scene, hidden_fields, state_of

pytestmark = pytest.mark.anyio


async def test_the_check_page_shows_exactly_what_the_institution_will_see(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    answer = await web.post("/referrals/new", data=filled(scene, act="check"))
    assert answer.status_code == 303, answer.text
    page = (await web.get(answer.headers["location"])).text
    assert NAME in page
    assert "600 700 800" in page
    assert "prosi o popołudnie" not in page.split("<form")[3]
    (task,) = await rows("select state, basis from referral_task")
    assert task["state"] == "draft"
    (basis,) = await rows("select kind, fields from legal_basis")
    assert (basis["kind"], sorted(basis["fields"])) == ("consent", sorted(FIELDS))


async def test_sending_from_the_check_page_holds_a_place_and_comes_back_to_the_referral(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    check = (await web.post("/referrals/new", data=filled(scene, act="check"))).headers["location"]
    form = (await web.get(check)).text
    fields = hidden_fields(form[form.index('value="send"') - 200 : form.index('value="send"') + 400])
    answer = await web.post(check.replace("/check", "/moves"), data={**fields, "verb": "send"})
    assert answer.headers["location"].endswith("?done=send")
    assert await value("select held from offer_places where offer = $1", scene.offer) == 1
    assert (await web.get(answer.headers["location"])).status_code == 200


async def test_an_old_number_is_warned_of_and_sending_needs_a_reason(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    with clock.at(clock.now() + timedelta(days=100)):
        await sign_in_as(web, scene.club, "caseworker")
        check = (await web.post("/referrals/new", data=filled(scene, act="check"))).headers["location"]
        page = (await web.get(check)).text
        assert "send-self-text" in page
        moves = check.replace("/check", "/moves")
        refused = await web.post(moves, data={"verb": "send", "version": "1", "send-self-text": ""})
        assert refused.status_code == 422
        assert 'id="send-self-text-problem"' in refused.text
        sent = await web.post(moves, data={"verb": "send", "version": "1", "send-self-text": "rozmowa telefoniczna"})
        assert sent.status_code == 303


async def test_a_draft_is_changed_before_it_is_sent(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene, sent=False)
    data = {
        "version": "1",
        "basis.kind": "consent",
        "basis.given_how": "spoken",
        "basis.fields": ["label"],
        "priority": "urgent",
        "note": "nowa notatka",
    }
    assert (await web.post(f"/referrals/{task}/draft", data=data)).status_code == 303
    page = (await web.get(f"/referrals/{task}/check")).text
    assert "nowa notatka" in page
    assert "600 700 800" not in page
    stale = await web.post(f"/referrals/{task}/draft", data={**data, "note": "spóźniona"})
    assert stale.status_code == 409
    assert "spóźniona" in stale.text


async def test_a_draft_without_a_basis_says_so_and_does_not_go(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(
        scene,
        basis={"kind": "consent", "ground": "zgoda", "given_how": "signed", "until": clock.today().isoformat()},
        sent=False,
    )
    with clock.at(clock.now() + timedelta(days=3)):
        await sign_in_as(web, scene.club, "caseworker")
        answer = await web.post(f"/referrals/{task}/moves", data={"verb": "send", "version": "1"})
    assert answer.status_code == 422
    assert await state_of(task) == "draft"


async def test_a_sent_referral_has_no_check_page_any_more(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    assert (await web.get(f"/referrals/{task}/check")).headers["location"] == f"/referrals/{task}"


async def test_the_basis_is_preset_by_the_pair_and_stays_when_the_draft_is_changed(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    centre = await make_institution("Centrum Integracji", kind="cis")
    offer = await make_offer(centre, "zatrudnienie_cis", "Miejsce w CIS", free=2)
    data = filled(scene, act="check", need="praca", offer=str(offer))
    check = (await web.post("/referrals/new", data=data)).headers["location"]
    (basis,) = await rows("select kind, ground, article_9_10 from legal_basis")
    assert (basis["kind"], basis["ground"]) == ("statute", "zatrudnienie_socjalne")
    form = (await web.get(check)).text
    assert 'value="preset" checked' in form
    saved = {"version": "1", "basis.kind": "preset", "basis.fields": ["label"], "priority": "ordinary", "note": ""}
    assert (await web.post(check.replace("/check", "/draft"), data=saved)).status_code == 303
    assert (
        await value("select ground from legal_basis order by made_at desc, id desc limit 1") == "zatrudnienie_socjalne"
    )


async def test_a_hint_of_a_diagnosis_in_the_note_warns_before_sending(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    check = (await web.post("/referrals/new", data=filled(scene, act="check", note="ma depresję"))).headers["location"]
    assert "notice careful" in (await web.get(check)).text
