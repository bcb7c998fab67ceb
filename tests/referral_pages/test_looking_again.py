"""A question that tells too much is asked about once; sent all the same, it goes; a PESEL never does."""

import httpx
import pytest

from tests.build import sign_in_as
from tests.referrals.scene import make_scene, state_of, version_of

pytestmark = pytest.mark.anyio


async def test_a_question_that_tells_a_diagnosis_goes_only_after_a_second_look(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await sign_in_as(web, scene.partner, "partner_intake")
    move = {"verb": "ask", "version": str(await version_of(task))}
    words = {**move, "ask-self-question": "Czy to schizofrenia? Proszę o PESEL."}
    asked = await web.post(f"/referrals/{task}/moves", data=words)
    assert asked.status_code == 422
    assert 'name="ask-self-looked"' in asked.text
    assert "Czy to schizofrenia?" in asked.text
    assert await state_of(task) == "sent"
    pesel = {**move, "ask-self-question": "44051401359", "ask-self-looked": "1"}
    assert (await web.post(f"/referrals/{task}/moves", data=pesel)).status_code == 422
    assert (await web.post(f"/referrals/{task}/moves", data={**words, "ask-self-looked": "1"})).status_code == 303
    assert await state_of(task) == "info_needed"


async def test_an_answer_beyond_what_was_agreed_is_asked_about(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await scene.move(task, "ask", {"question": "Czy osoba przyjdzie?"}, by=scene.intake)
    await sign_in_as(web, scene.club, "caseworker")
    move = {"verb": "answer", "version": str(await version_of(task))}
    # Groups are not among the fields of the consent; name and contact are.
    told = await web.post(f"/referrals/{task}/moves", data={**move, "answer-self-answer": "Tak, to osoba bezdomna."})
    assert told.status_code == 422
    plain = {**move, "answer-self-answer": "Tak, Żaneta Próbna, tel. 600 700 800."}
    assert (await web.post(f"/referrals/{task}/moves", data=plain)).status_code == 303
