"""The person's own pages: neutral until the code is given, an end to sharing at once, three questions."""

import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.links import make_link
from referral_hub.accounts.own_codes import PAUSE
from referral_hub.database.transaction import SYSTEM
from referral_hub.referrals import own_link_pages
from referral_hub.referrals.actions import perform
from referral_hub.web.page import network
from tests.referral_pages.rows import rows, value
from tests.referral_pages.scenes import (
    Scene,
    a_referral,
    a_scene,
    form_with,
    hidden_fields,
    state_of,
    text_of,
    the_receiver,
)

pytestmark = pytest.mark.anyio
PLACE = "Poradnia Nadzieja"


@pytest.fixture(autouse=True)
def nobody_has_tried_codes() -> None:
    own_link_pages.guesses.forget()


async def a_person(web: httpx.AsyncClient, scene: Scene) -> tuple[str, str]:
    """The secret and the code of the person's link; nobody is signed in any more."""
    secret, link = await make_link("p", by=SYSTEM, subject=scene.person, with_code=True)
    web.cookies.clear()
    web.headers.pop("X-CSRF-Token", None)
    return secret, link.code


async def number_of(task: UUID) -> str:
    return str(await value("select number from referral_task where id = $1", task))


async def by_link(web: httpx.AsyncClient, scene: Scene) -> str:
    secret, code = await a_person(web, scene)
    assert (await web.get(f"/p/{secret}")).headers["location"] == "/p?lang=pl"
    return code


async def test_the_link_alone_names_no_institution_and_no_help(
    web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = await a_scene(web)
    await a_referral(scene)
    code = await by_link(web, scene)
    # The frame around every page says whose hub it is; here not even that, until the code is given.
    monkeypatch.setattr(network, "name", "Klub Próbny")
    for path in ("/p", "/p/disclosures"):
        page = (await web.get(path)).text
        for told in (PLACE, "uzależni", "Terapia", "Klub Próbny"):
            assert told not in text_of(page), (path, told)
    await web.post("/p/code", data={"code": code})
    assert "Klub Próbny" in text_of((await web.get("/p")).text)


async def test_the_code_names_the_institution(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    await a_referral(scene)
    code = await by_link(web, scene)
    answer = await web.post("/p/code", data={"code": f" {code[:4].lower()}-{code[4:]} "})
    assert answer.headers["location"] == "/p"
    assert PLACE in (await web.get("/p")).text
    assert PLACE in (await web.get("/p/disclosures")).text


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


async def test_consent_is_withdrawn_at_once(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    await perform(task, actor=await the_receiver(scene), verb="accept", version=2)
    await by_link(web, scene)
    fields = hidden_fields(form_with((await web.get("/p")).text, 'value="withdraw_consent"'))
    answer = await web.post("/p/moves", data=fields)
    assert answer.headers["location"] == "/p?done=withdraw_consent"
    (row,) = await rows("select state, sharing_ended, access from referral_task")
    assert (row["state"], row["sharing_ended"], row["access"]) == ("accepted", True, "none")
    assert "withdraw_consent" not in re.findall(r'name="verb" value="(\w+)"', (await web.get("/p")).text)


async def test_a_referral_is_taken_back_without_a_reason(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    await by_link(web, scene)
    fields = hidden_fields(form_with((await web.get("/p")).text, 'name="verb" value="withdraw"'))
    assert (await web.post("/p/moves", data=fields)).status_code == 303
    assert await state_of(task) == "withdrawn"


async def test_three_questions_are_kept_and_the_words_stay_closed_unless_shared(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    await by_link(web, scene)
    page = (await web.get(f"/p/feedback/{task}")).text
    assert PLACE not in page
    data = {
        **hidden_fields(form_with(page, "got_help")),
        "got_help": "partly",
        "treated_well": "yes",
        "words": "długo czekałam",
    }
    assert (await web.post(f"/p/feedback/{task}", data=data)).headers["location"] == "/p?done=feedback"
    (row,) = await rows("select got_help, treated_well, share_with_sender from participant_feedback")
    assert tuple(row) == ("partly", "yes", False)
    assert (await web.get("/p?done=feedback")).status_code == 200


async def test_an_empty_answer_is_told_and_words_stay(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    await by_link(web, scene)
    fields = hidden_fields(form_with((await web.get(f"/p/feedback/{task}")).text, "got_help"))
    answer = await web.post(f"/p/feedback/{task}", data={**fields, "words": "zostaje"})
    assert answer.status_code == 422
    assert 'id="got_help-problem"' in answer.text
    assert "zostaje" in answer.text


async def test_another_persons_matter_is_not_there(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    other = await a_scene(web)
    task = await a_referral(other)
    await a_referral(scene)
    await by_link(web, scene)
    page = (await web.get("/p")).text
    assert str(task) not in page
    assert (await web.get(f"/p/feedback/{task}")).status_code == 404
    fields = hidden_fields(form_with(page, 'name="verb" value="withdraw"'))
    assert (await web.post("/p/moves", data={**fields, "task": str(task)})).status_code == 404
    assert (await web.post(f"/p/feedback/{task}", data={**fields, "got_help": "yes"})).status_code == 404
    assert await state_of(task) == "sent"


async def test_drafts_are_not_shown_to_the_person(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    await a_referral(scene, sent=False)
    code = await by_link(web, scene)
    await web.post("/p/code", data={"code": code})
    assert PLACE not in (await web.get("/p")).text


@pytest.mark.parametrize(
    "changes", [{"csrf": "wrong"}, {"version": "77"}, {"verb": "deliver"}, {"version": "x"}, {"task": "x"}]
)
async def test_a_wrong_post_changes_nothing(web: httpx.AsyncClient, changes: dict[str, str]) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    await by_link(web, scene)
    fields = hidden_fields(form_with((await web.get("/p")).text, 'name="verb" value="withdraw"'))
    answer = await web.post("/p/moves", data={**fields, **changes})
    assert answer.status_code in (403, 404, 409, 422)
    assert await state_of(task) == "sent"


async def test_without_a_link_nothing_is_shown(web: httpx.AsyncClient) -> None:
    nowhere = UUID(int=7)
    assert (await web.get(f"/p/feedback/{nowhere}")).headers["location"] == "/p"
    assert (await web.get("/p/disclosures")).headers["location"] == "/p"
    assert (await web.post("/p/moves", data={})).status_code == 404
    assert (await web.get("/p/" + "x" * 32)).status_code == 404


@pytest.mark.parametrize(("language", "words"), [("uk", "Ваші справи"), ("en", "Your matters"), ("pl", "Twoje sprawy")])
async def test_the_pages_speak_three_languages_and_have_a_quick_exit(
    web: httpx.AsyncClient, language: str, words: str
) -> None:
    scene = await a_scene(web)
    await a_referral(scene)
    await by_link(web, scene)
    page = (await web.get(f"/p?lang={language}")).text
    assert words in page
    assert "data-quick-exit" in page
    assert "plain" in page
