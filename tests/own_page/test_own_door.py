"""The door to a person's pages: number and code, one neutral answer for whatever fits nobody, a pause after five."""

from datetime import timedelta

import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.links import make_link
from referral_hub.accounts.own_codes import PAUSE
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM
from referral_hub.own_page import own_link_pages
from referral_hub.participants.actions import register
from referral_hub.participants.merging import merge_people
from referral_hub.web.page import network
from tests.own_page.own_page import a_person, by_link, number_of
from tests.referral_pages.rows import rows
from tests.referral_pages.scenes import a_referral, a_scene

pytestmark = pytest.mark.anyio
PLACE = "Poradnia Nadzieja"


@pytest.fixture(autouse=True)
def nobody_has_tried_codes() -> None:
    own_link_pages.guesses.forget()


async def test_number_and_code_open_the_page_without_a_link(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    number = await number_of(await a_referral(scene))
    _, code = await a_person(web, scene)
    assert 'action="/p/code"' in (await web.get("/p")).text
    assert (await web.post("/p/code", data={"code": code})).status_code == 422, "a code alone is nobody's"
    answer = await web.post("/p/code", data={"number": number.replace("/", " "), "code": code.lower()})
    assert answer.status_code == 303
    assert PLACE in (await web.get("/p")).text
    await web.post("/p/leave")
    assert 'action="/p/code"' in (await web.get("/p")).text


async def test_another_card_of_the_same_person_opens_too_and_a_strangers_does_not(web: httpx.AsyncClient) -> None:
    scene, other = await a_scene(web), await a_scene(web)
    await a_referral(scene)
    await by_link(web, scene)
    for person, opens in ((other.person, 422), (scene.person, 303)):
        _, link = await make_link("p", by=SYSTEM, subject=person, with_code=True)
        assert (await web.post("/p/code", data={"code": link.code})).status_code == opens


async def test_whatever_fits_nobody_gets_one_neutral_answer(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    number = await number_of(await a_referral(scene))
    draft = await number_of(await a_referral(scene, sent=False))
    await a_person(web, scene)
    told = set()
    for typed in (number, draft, "2019/0001"):
        own_link_pages.guesses.forget()
        answer = await web.post("/p/code", data={"number": typed, "code": "BCDF2345"})
        assert answer.headers["cache-control"] == "no-store"
        told.add((answer.status_code, answer.text.replace(typed, "").count("Numer i kod nie pasują")))
    assert len(told) == 1
    assert {row["subject_kind"] for row in await rows("select * from audit_event where event = 'link:wrong_code'")}


async def test_five_wrong_tries_close_the_card_for_a_while_whoever_asks(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    number = await number_of(await a_referral(scene))
    _, code = await a_person(web, scene)
    wrong, right = {"number": number, "code": "BCDF2345"}, {"number": number, "code": code}
    for _ in range(5):
        assert (await web.post("/p/code", data=wrong)).status_code == 422
    assert (await web.post("/p/code", data=right)).status_code == 429, "the address has tried too often"
    own_link_pages.guesses.forget()
    closed = await web.post("/p/code", data=right)
    assert closed.status_code == 422, "and so has the card, from wherever one asks"
    assert closed.text.replace(code, "BCDF2345") == (await web.post("/p/code", data=wrong)).text
    with clock.at(clock.now() + PAUSE + timedelta(seconds=1)):
        assert (await web.post("/p/code", data=right)).status_code == 303


async def test_the_database_alone_opens_no_card(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    _, code = await a_person(web, scene)
    (row,) = await rows("select * from link where kind = 'p'")
    assert code not in str(dict(row))


@pytest.mark.parametrize("typed", ["", "x" * 5000, "a\x00b", "２０２６/0001", "2026/99999999999999"])
async def test_odd_numbers_and_codes_are_told_plainly(web: httpx.AsyncClient, typed: str) -> None:
    assert (await web.post("/p/code", data={"number": typed, "code": typed})).status_code in (422, 413)


async def test_title_and_icon_say_nothing_until_the_code_is_given(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    await a_referral(scene)
    code = await by_link(web, scene)
    for _ in range(2):
        page = (await web.get("/p")).text
        assert "<title>Twoje sprawy</title>" in page
        assert "plain" in page.split('rel="icon"')[1].split(">")[0]
        assert page.count("integracji") == 0 or "Klub Próbny" in page
        assert (await web.get("/p")).headers["cache-control"] == "no-store"
        await web.post("/p/code", data={"code": code})


async def test_where_something_failed_the_pages_name_not_even_the_club(
    web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "name", "Klub Pod Lipą")
    scene = await a_scene(web)
    await a_referral(scene)
    await by_link(web, scene)
    for address in (f"/p/feedback/{new_id()}", f"/p/days/{new_id()}", "/p/days/x"):
        answer = await web.get(address)
        assert answer.status_code == 404
        assert "Klub Pod Lipą" not in answer.text
    assert (await web.post("/p/moves", data={"csrf": "x"})).text.count("Klub Pod Lipą") == 0
    assert "Klub Pod Lipą" in (await web.get("/nothing-here")).text


async def test_the_code_on_a_card_opens_also_after_two_entries_became_one(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    number = await number_of(await a_referral(scene))
    _, code = await a_person(web, scene)
    kept = await register(actor=scene.worker, label="Ta Sama", sex="K", gmina="126301")
    await merge_people(kept.id, scene.person, actor=scene.worker)
    assert (await web.post("/p/code", data={"number": number, "code": code[::-1]})).status_code == 422
    assert (await web.post("/p/code", data={"number": number, "code": code})).status_code == 303
    assert PLACE in (await web.get("/p")).text
