"""The person's own pages: neutral until the code is given, an end to sharing at once, three questions."""

import re
from uuid import UUID

import httpx
import pytest

from referral_hub.accounts.actor import Actor
from referral_hub.own_page import own_link_pages
from referral_hub.referrals.actions import give_feedback, perform
from referral_hub.referrals.queries import referral
from referral_hub.referrals.worklist import worklist
from referral_hub.web.page import network
from tests.own_page.own_page import by_link
from tests.referral_pages.rows import rows
from tests.referral_pages.scenes import (
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


@pytest.mark.parametrize(("word", "told"), [("waiting", "już wie, że czekasz"), ("did_not_go", "Nic złego")])
async def test_two_answers_say_what_follows_before_and_after(web: httpx.AsyncClient, word: str, told: str) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    await by_link(web, scene)
    page = (await web.get(f"/p/feedback/{task}")).text
    assert "Powiemy o tym osobie, która Cię zgłosiła" in page
    answer = await web.post(
        f"/p/feedback/{task}", data={**hidden_fields(form_with(page, "got_help")), "got_help": word}
    )
    assert told in (await web.get(answer.headers["location"])).text
    assert [tuple(row) for row in await rows("select kind, verdict from discrepancy")] == [(word, "")]
    (listed,) = (await worklist(scene.worker, box="todo")).items
    assert (listed.id, listed.disputed) == (task, True)
    assert (await referral(scene.worker, task)).opinion is None, "the rest of the answer is not shared"


async def test_what_the_caseworker_writes_down_says_so(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    page = (await web.get(f"/referrals/{task}")).text
    fields = hidden_fields(form_with(page, f"/referrals/{task}/feedback"))
    answer = {**fields, "got_help": "yes", "treated_well": "no_answer"}
    assert (await web.post(f"/referrals/{task}/feedback", data=answer)).status_code == 303
    assert [row["by_sender"] for row in await rows("select by_sender from participant_feedback")] == [True]
    person = Actor(kind="participant", role="participant", participant=scene.person)
    await give_feedback(task, actor=person, got_help="no", treated_well="no")
    refused = await web.post(f"/referrals/{task}/feedback", data=answer)
    assert refused.status_code == 422
    assert "Osoba odpowiedziała sama" in refused.text


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
