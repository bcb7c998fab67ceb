"""Whoever takes a person knows whom: the code and the day go in one press; other answers need none."""

from uuid import UUID

import httpx
import pytest

from referral_hub.accounts.spoken_codes import codes_of
from referral_hub.referrals.actions import perform
from tests.answering.test_guest import a_guest, arrive
from tests.referral_pages.rows import rows, value
from tests.referral_pages.scenes import (
    NAME,
    Scene,
    a_plain_scene,
    a_referral,
    a_scene,
    form_with,
    hidden_fields,
    state_of,
    text_of,
    version_of,
)
from tests.referrals.scene import in_days

pytestmark = pytest.mark.anyio
ANSWER = "Tak, mówi po polsku"


async def shut(web: httpx.AsyncClient, free: int = 3) -> tuple[UUID, dict[str, str]]:
    """A referral to a sensitive offer, and the fields of the form of the code."""
    scene = await a_scene(web, free=free)
    task = await a_referral(scene)
    page = await arrive(web, await a_guest(web, scene, task))
    assert 'name="verb" value="accept"' not in page
    form = form_with(page, "/a/code")
    assert form.index("Pokaż") < form.index("accept-self-date"), "Enter only shows"
    return task, hidden_fields(form)


async def the_code(task: UUID) -> str:
    return (await codes_of(task)).spoken


async def test_the_code_and_a_day_take_the_person_in_one_press(web: httpx.AsyncClient) -> None:
    task, fields = await shut(web)
    data = {**fields, "code": await the_code(task), "accept-self-date": in_days(7)}
    for _ in range(2):
        taken = await web.post("/a/code", data=data)
        assert (taken.status_code, taken.headers["location"]) == (303, "/a?done=accept")
    assert await state_of(task) == "accepted"
    assert await value("select count(*) from task_event where verb = 'accept'") == 1
    assert await value("select count(*) from disclosure where kind = 'opened'") == 0, "taken is not yet read"
    page = (await web.get("/a")).text
    assert "/a/code" not in page
    assert NAME in (await web.post("/a/open", data={"csrf": fields["csrf"]})).text


async def test_without_the_code_nobody_is_taken_whatever_is_sent(web: httpx.AsyncClient) -> None:
    task, fields = await shut(web)
    for code in ("", "000 000 000"):
        refused = await web.post("/a/code", data={**fields, "code": code, "accept-self-date": ""})
        assert refused.status_code == 422
    forged = await web.post("/a/moves", data={**fields, "verb": "accept", "accept-self-date": "", "key": "x"})
    assert forged.status_code == 422
    assert "potrzebny jest kod" in text_of(forged.text)
    assert await state_of(task) == "sent"
    assert (await codes_of(task)).wrong == 1


@pytest.mark.parametrize(
    ("verb", "typed", "state"),
    [
        ("ask", {"question": "Od kiedy?"}, "info_needed"),
        ("waitlist", {"position": "2", "review_on": in_days(30)}, "waitlisted"),
        ("decline", {"reason": "out_of_area"}, "declined"),
    ],
)
async def test_the_other_answers_need_no_code(
    web: httpx.AsyncClient, verb: str, typed: dict[str, str], state: str
) -> None:
    task, _ = await shut(web)
    form = form_with((await web.get("/a")).text, f'name="verb" value="{verb}"')
    data = hidden_fields(form) | {f"{verb}-self-{name}": text for name, text in typed.items()}
    assert (await web.post("/a/moves", data=data)).status_code == 303
    assert await state_of(task) == state


async def test_a_right_code_is_kept_where_the_place_has_gone_meanwhile(web: httpx.AsyncClient) -> None:
    task, fields = await shut(web, free=1)
    await rows("update hold set state = 'freed', ended_at = now()")
    await rows("update offer_places set free = 0, held = 0")
    refused = await web.post("/a/code", data={**fields, "code": await the_code(task), "accept-self-date": ""})
    assert refused.status_code == 422
    assert "Teraz nie ma wolnego miejsca" in text_of(refused.text)
    assert await state_of(task) == "sent"
    for page in (refused.text, (await web.get("/a")).text):
        assert "/a/code" not in page
        assert 'value="waitlist"' in page


async def asked(web: httpx.AsyncClient, scene: Scene) -> str:
    """A guest asked, the sender answered; the page of the new link."""
    task = await a_referral(scene)
    form = form_with(await arrive(web, await a_guest(web, scene, task)), 'name="verb" value="ask"')
    await web.post("/a/moves", data={**hidden_fields(form), "ask-self-question": "Czy mówi po polsku?"})
    version = await version_of(task)
    await perform(task, actor=scene.worker, verb="answer", version=version, fields={"answer": ANSWER})
    return await arrive(web, await a_guest(web, scene, task))


NOTED = "select count(*) from disclosure where role = 'guest' and 'words' = any(fields)"


async def test_the_answer_to_a_question_opens_by_a_press_on_the_new_link(web: httpx.AsyncClient) -> None:
    page = await asked(web, await a_plain_scene(web))
    assert ANSWER not in page
    assert await value(NOTED) == 0, "a scanner that follows the link reads nothing"
    opened = await web.post("/a/open", data=hidden_fields(form_with(page, "/a/open")))
    for words in ("Czy mówi po polsku?", ANSWER):
        assert words in opened.text
    assert 'value="accept"' in opened.text, "and it is answered on the same page"
    assert await value(NOTED) == 1
    assert ANSWER not in (await web.get("/a")).text


async def test_behind_a_code_the_answer_opens_with_it(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    page = await asked(web, scene)
    assert ANSWER not in page
    assert "/a/open" not in page
    assert "Otworzy też odpowiedź" in text_of(page)
    task = await value("select id from referral_task")
    code = {**hidden_fields(form_with(page, "/a/code")), "code": await the_code(task)}
    opened = await web.post("/a/code", data=code, follow_redirects=True)
    assert ANSWER in opened.text
    assert await value(NOTED) == 1
    await perform(task, actor=scene.worker, verb="withdraw_consent", version=await version_of(task), channel="person")
    assert ANSWER not in (await web.get("/a", follow_redirects=True)).text
