"""The caseworker's list: found without names in the address, filtered, printed, and worked on many at once."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest

from referral_hub import clock
from referral_hub.referrals.actions import perform
from tests.build import actor_for, make_account, make_institution, make_offer, sign_in_as
from tests.referral_pages.rows import value
from tests.referral_pages.scenes import (
    NAME,
    Scene,
    a_referral,
    a_scene,
    form_with,
    hidden_fields,
    state_of,
    text_of,
    the_receiver,
    version_of,
)

pytestmark = pytest.mark.anyio
MONDAY = datetime(2026, 11, 16, 10, tzinfo=clock.WARSAW)


async def marks(*tasks: UUID) -> list[str]:
    return [f"{task}:{await version_of(task)}" for task in tasks]


async def number_of(task: UUID) -> str:
    return str(await value("select number from referral_task where id = $1", task))


async def find(web: httpx.AsyncClient, words: str) -> httpx.Response:
    return await web.post("/referrals/find", data={"q": words})


async def test_drafts_and_slips_of_the_pen_are_in_no_count_of_referrals(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web, free=9)
    draft, slip = await a_referral(scene, sent=False), await a_referral(scene)
    await perform(slip, actor=scene.worker, verb="void", version=2)
    page = (await web.get("/referrals?box=drafts")).text
    assert f"/referrals/{draft}/check" in page
    assert str(slip) not in page + (await web.get("/referrals?box=closed")).text
    told = (await web.get("/api/v1/referrals?box=closed")).json()
    assert told["counts"] == {"todo": 0, "waiting": 0, "under-way": 0, "closed": 0, "drafts": 1}
    # What was voided is still found by its number.
    found = await find(web, await number_of(slip))
    assert str(slip) in (await web.get(found.headers["location"])).text


@pytest.mark.parametrize("words", ["poradnia nadzieja", "NADZIEJA", "terapia uzaleznien", "Uzależnienie"])
async def test_words_find_folded_in_institution_offer_and_need(web: httpx.AsyncClient, words: str) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    other = await make_offer(await make_institution("Bank Żywności"), "zywnosc", "Paczki")
    assert str(task) in (await web.get(f"/referrals?box=all&q={words}")).text
    assert other
    found = await find(web, words)
    assert found.status_code == 303
    assert str(task) in (await web.get(found.headers["location"])).text


async def test_a_label_finds_exactly_is_logged_and_never_stands_in_an_address(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    found = await find(web, f" {NAME.upper()} ")
    assert found.status_code == 303
    address = found.headers["location"]
    assert "Zenobia" not in address
    assert "ZENOBIA" not in address
    page = (await web.get(address)).text
    assert str(task) in page
    assert NAME not in page
    assert await value("select count(*) from disclosure where participant = $1 and purpose = 'search'", scene.person)
    assert await value("select count(*) from audit_event where event = 'person:find'") == 1
    # Half a name finds nobody, is told on the page, and stands in no address either.
    half = await find(web, "Zenobia")
    assert half.status_code == 303 or half.status_code == 200
    assert "location" not in half.headers
    assert "Nic nie znaleziono" in half.text


async def test_others_find_neither_the_case_nor_the_person(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    number = await number_of(task)
    await sign_in_as(web, await make_institution("Obca"), "caseworker")
    for words in (number, NAME, "Nadzieja"):
        assert (await find(web, words)).status_code == 200
    assert str(task) not in (await web.get(f"/referrals?box=all&person={scene.person}")).text
    # The receiver's intake finds its own referral by the number, and nobody by a label.
    await sign_in_as(web, scene.clinic, "partner_intake")
    assert (await find(web, number)).status_code == 303
    assert (await find(web, NAME)).status_code == 200
    assert str(task) not in (await web.get(f"/referrals?box=all&person={scene.person}")).text


async def test_filters_and_order_stand_in_the_address(web: httpx.AsyncClient) -> None:
    with clock.at(MONDAY):
        scene = await a_scene(web, free=9)
        old, new = await a_referral(scene), await a_referral(scene)
    with clock.at(MONDAY + timedelta(days=21)):
        await sign_in_as(web, scene.club, "caseworker")
        fresh = await a_referral(scene)
        page = (await web.get("/referrals?box=waiting&late=1&need=uzaleznienie&sort=newest")).text
        assert str(fresh) not in page
        assert page.index(str(new)) < page.index(str(old))
        assert 'class="count">2<' in page
        assert "box=closed" in page and "late=1" in page  # noqa: PT018 -- one address
        assert "Usuń filtr" in text_of(page)
        assert (await web.get("/referrals?box=waiting&side=incoming")).text.count('<th scope="row"') == 0
        paper = (await web.get("/referrals/print?box=waiting&late=1")).text
        assert paper.count('<th scope="row"') == 2
        assert NAME not in paper
        # Silent: the row says so, with one button for what is likeliest.
        assert "przypomnij albo zadzwoń" in text_of(page)
        assert form_with(page, f"/referrals/{old}/remind")


async def test_reminding_goes_out_once_a_business_day_and_each_row_is_told(web: httpx.AsyncClient) -> None:
    with clock.at(MONDAY):
        scene = await a_scene(web, free=9)
        late, draft = await a_referral(scene), await a_referral(scene, sent=False)
        receiver = await the_receiver(scene)
        accepted = await a_referral(scene)
        await perform(accepted, actor=receiver, verb="accept", version=2)
        foreign = await make_institution("Obca")
    with clock.at(MONDAY + timedelta(days=3)):
        await sign_in_as(web, scene.club, "caseworker")
        just = await a_referral(scene)
        body = {"act": "remind", "task": await marks(late, draft, accepted, just), "key": "k1"}
        mails = "select count(*) from job where name = 'send_mail'"
        before = await value(mails)
        page = text_of((await web.post("/referrals/bulk", data=body)).text)
        assert await value(mails) == before + 1
        assert "Zrobione: 1 z 4" in page
        assert page.count("nie ma teraz na co odpowiadać") == 2
        assert "wysłano mniej niż dzień roboczy temu" in page
        # The same press again repeats the answer; another press says that it was done lately.
        assert "Zrobione: 1 z 4" in text_of((await web.post("/referrals/bulk", data=body)).text)
        one = await web.post(f"/referrals/{late}/remind", data={"key": "k2"})
        assert one.headers["location"].endswith("done=reminded_lately")
        assert await value(mails) == before + 1
        payload = await value("select payload::text from job where name = 'send_mail' order by id desc limit 1")
        assert NAME not in payload
        assert "uzaleznien" not in payload.lower()
        await sign_in_as(web, foreign, "caseworker")
        strange = await web.post("/referrals/bulk", data={"act": "remind", "task": await marks(late)})
        assert "to nie jest zgłoszenie Twojej instytucji" in text_of(strange.text)


async def test_handing_over_goes_to_colleagues_only_and_can_be_undone(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    colleague = await actor_for(scene.club, "caseworker")
    intake = await make_account(scene.club, "partner_intake")
    chosen = await marks(task)
    page = (await web.post("/referrals/bulk", data={"act": "hand_over", "task": chosen})).text
    assert str(colleague.account) in page
    assert intake not in page
    stranger = await actor_for(scene.clinic, "caseworker")
    body = {"act": "hand_over_to", "task": chosen, "to": str(stranger.account), "key": "a"}
    assert (await web.post("/referrals/bulk", data=body)).status_code == 422
    body |= {"to": str(colleague.account), "key": "b"}
    done = (await web.post("/referrals/bulk", data=body)).text
    keeper = "select keeper from referral_task where id = $1"
    assert await value(keeper, task) == colleague.account
    assert await value("select count(*) from referral_request where keeper = $1", colleague.account) == 1
    back = re.findall(r'name="back" value="([^"]+)"', done)
    assert (await web.post("/referrals/bulk", data={"act": "hand_back", "back": back, "key": "c"})).status_code == 200
    assert await value(keeper, task) == scene.worker.account


async def test_several_are_closed_with_one_reason_each_by_its_own_move(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web, free=9)
    receiver = await the_receiver(scene)
    draft, sent, accepted = await a_referral(scene, sent=False), await a_referral(scene), await a_referral(scene)
    await perform(accepted, actor=receiver, verb="accept", version=2)
    chosen = await marks(draft, sent, accepted)
    body: dict[str, object] = {"act": "close_with", "task": chosen, "key": "a", "reason": ""}
    refused = await web.post("/referrals/bulk", data=body)
    assert refused.status_code == 422
    assert "Powód dla wszystkich" in text_of(refused.text)
    body |= {"reason": "other", "key": "b"}
    assert (await web.post("/referrals/bulk", data=body)).status_code == 422
    body |= {"reason": "need_met_elsewhere", "key": "c"}
    told = text_of((await web.post("/referrals/bulk", data=body)).text)
    assert "Zrobione: 3 z 3" in told
    states = [await state_of(task) for task in (draft, sent, accepted)]
    assert states == ["void", "withdrawn", "cancel_requested"]
    stale = {"act": "close_with", "task": [f"{sent}:1", "nonsense", f"{draft}:99999999999"], "key": "d"}
    again = text_of((await web.post("/referrals/bulk", data={**stale, "reason": "need_met_elsewhere"})).text)
    assert "już zakończone" in again


async def test_a_list_of_marked_ones_on_paper_and_nothing_marked_is_said(web: httpx.AsyncClient) -> None:
    scene: Scene = await a_scene(web)
    task = await a_referral(scene)
    paper = (await web.post("/referrals/bulk", data={"act": "print", "task": await marks(task)})).text
    assert await number_of(task) in paper
    assert NAME not in paper
    empty = (await web.post("/referrals/bulk", data={"act": "hand_over"})).text
    assert "Nic nie zaznaczono" in text_of(empty)
    for query in ("person=x&box=all", "q=%00&box=all", "q=%25_&box=all", "need=nothing", "sort=;drop", "side=x"):
        assert (await web.get(f"/referrals?{query}")).status_code == 200
    one_time = hidden_fields(form_with((await web.get("/referrals?box=waiting")).text, "/referrals/bulk"))
    assert one_time["key"]


async def test_programs_ask_with_the_same_filters(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web, free=9)
    task, draft = await a_referral(scene), await a_referral(scene, sent=False)
    found = (await web.get("/api/v1/referrals?box=all&q=nadzieja")).json()
    assert {one["id"] for one in found["items"]} == {str(task), str(draft)}
    assert found["total"] == 2
    late = (await web.get("/api/v1/referrals?box=waiting&late=1&per_page=5000")).json()
    assert late["total"] == 0
    assert late["counts"]["waiting"] == 0
    assert (await web.get("/api/v1/referrals?box=drafts&need=uzaleznienie&sort=oldest")).json()["total"] == 1
    assert (await web.get("/api/v1/referrals?box=drafts&need=praca")).json()["total"] == 0


async def test_a_program_takes_a_sending_back_and_reminds(web: httpx.AsyncClient) -> None:
    with clock.at(MONDAY):
        scene = await a_scene(web, free=9)
        await the_receiver(scene)
        silent, held = await a_referral(scene), await a_referral(scene, sent=False)
        await perform(held, actor=scene.worker, verb="send", version=1, hold_back=30)
        made = await web.post(f"/api/v1/referrals/{held}/undo", json={"version": 2})
        assert made.status_code == 201
        assert await state_of(UUID(made.json()["id"])) == "draft"
        again = await web.post(f"/api/v1/referrals/{silent}/undo", json={"version": 2})
        assert (again.status_code, again.json()["code"]) == (422, "has_left")
    with clock.at(MONDAY + timedelta(days=2)):
        await sign_in_as(web, scene.club, "caseworker")
        body = {"tasks": [str(silent), str(held), str(scene.person)]}
        told = (await web.post("/api/v1/referrals/remind", json=body)).json()
        assert [one["code"] for one in told] == ["reminded", "nobody_waits", "not_yours"]
        assert (await web.post("/api/v1/referrals/remind", json={"tasks": [str(silent)] * 101})).status_code == 422
        await sign_in_as(web, scene.clinic, "partner_intake")
        assert (await web.post("/api/v1/referrals/remind", json=body)).status_code == 403
