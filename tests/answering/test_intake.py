"""Several incoming referrals are answered at once, each by itself, by those who answer for their institution."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from referral_hub import clock
from referral_hub.participants.actions import register
from referral_hub.referrals.actions import draft, perform
from tests.build import make_institution, sign_in_as
from tests.referral_pages.rows import rows, value
from tests.referral_pages.scenes import (
    CONSENT,
    NAME,
    Scene,
    a_referral,
    a_scene,
    form_with,
    hidden_fields,
    state_of,
    text_of,
)

pytestmark = pytest.mark.anyio
INTAKE = "/referrals/intake"


async def three(web: httpx.AsyncClient, free: int = 3) -> tuple[Scene, list[UUID]]:
    """Three people sent to the clinic, whose intake is signed in."""
    scene = await a_scene(web, free=free)
    tasks = [await a_referral(scene)]
    for name in ("Druga Osoba", "Trzecia Osoba"):
        person = await register(actor=scene.worker, label=name, sex="K", gmina="126301")
        task = await draft(actor=scene.worker, person=person.id, offer=scene.offer, need="uzaleznienie", basis=CONSENT)
        await perform(task, actor=scene.worker, verb="send", version=1, fields={"text": "po rozmowie"})
        tasks.append(task)
    await sign_in_as(web, scene.clinic, "partner_intake")
    return scene, tasks


async def fields_of(web: httpx.AsyncClient) -> dict[str, str]:
    return hidden_fields(form_with((await web.get(INTAKE)).text, 'name="act"'))


async def test_ticked_ones_are_accepted_with_one_day_and_a_repeat_changes_nothing(web: httpx.AsyncClient) -> None:
    _, tasks = await three(web)
    page = (await web.get(INTAKE)).text
    assert NAME not in page
    day = (clock.today() + timedelta(days=3)).isoformat()
    data = {**(await fields_of(web)), "act": "accept", "accept-date": day, "task": [str(tasks[0]), str(tasks[2])]}
    first = await web.post(INTAKE, data=data)
    assert first.status_code == 200
    assert [await state_of(task) for task in tasks] == ["accepted", "sent", "accepted"]
    assert {row[0] for row in await rows("select appointment_at from referral_task where state = 'accepted'")} == {day}
    again = await web.post(INTAKE, data=data)
    assert text_of(again.text) == text_of(first.text)
    assert await value("select count(*) from task_event where verb = 'accept'") == 2


async def test_a_row_that_cannot_be_done_is_told_why_and_the_others_are_done(web: httpx.AsyncClient) -> None:
    scene, tasks = await three(web)
    fields = await fields_of(web)
    await perform(tasks[1], actor=scene.worker, verb="withdraw", version=2, fields={"reason": "need_met_elsewhere"})
    foreign = await value("select id from participant limit 1")
    data = {**fields, "act": "accept", "task": [*map(str, tasks), str(foreign)], f"version-{foreign}": "2"}
    text = text_of((await web.post(INTAKE, data=data)).text)
    assert [await state_of(task) for task in tasks] == ["accepted", "withdrawn", "accepted"]
    assert text.count("zapisano") == 2
    assert text.count("bez zmian") >= 2
    assert "Zgłoszenie, które nie jest do Państwa" in text


async def test_the_last_place_is_given_once_and_the_others_may_wait(web: httpx.AsyncClient) -> None:
    _, tasks = await three(web, free=3)
    await rows("update hold set state = 'freed', ended_at = now()")
    await rows("update offer_places set free = 1, held = 0")
    await web.post(INTAKE, data={**(await fields_of(web)), "act": "accept", "task": [*map(str, tasks)]})
    assert sorted([await state_of(task) for task in tasks]) == ["accepted", "sent", "sent"]
    later = (clock.today() + timedelta(days=20)).isoformat()
    left = [str(task) for task in tasks if await state_of(task) == "sent"]
    data = {**(await fields_of(web)), "act": "waitlist", "task": left, "waitlist-date": later}
    missing = await web.post(INTAKE, data=data)
    assert missing.status_code == 422
    assert 'id="waitlist-review_on-problem"' in missing.text
    assert missing.text.count(" checked") == 2, "what was ticked stays ticked"
    await web.post(INTAKE, data={**data, "waitlist-review_on": later})
    assert sorted([await state_of(task) for task in tasks]) == ["accepted", "waitlisted", "waitlisted"]


async def test_one_reason_declines_all_that_are_ticked_with_its_effects_for_each(web: httpx.AsyncClient) -> None:
    scene, tasks = await three(web)
    fields = await fields_of(web)
    await perform(tasks[1], actor=scene.worker, verb="withdraw", version=2, fields={"reason": "need_met_elsewhere"})
    ticked = {**fields, "act": "decline", "task": [*map(str, tasks)]}
    for wrong, beside in (
        ({}, "reason"),
        ({"decline-reason": "x"}, "reason"),
        ({"decline-reason": "other"}, "text"),
        ({"decline-reason": "no_capacity", "decline-text": "remont"}, "text"),
    ):
        refused = await web.post(INTAKE, data={**ticked, **wrong})
        assert refused.status_code == 422, wrong
        assert f'id="decline-{beside}-problem"' in refused.text
    assert await value("select count(*) from referral_task where state = 'declined'") == 0
    answers = [await web.post(INTAKE, data={**ticked, "decline-reason": "no_capacity"}) for _ in range(2)]
    assert [await state_of(task) for task in tasks] == ["declined", "withdrawn", "declined"]
    for answer in answers:
        assert text_of(answer.text).count("zapisano") == 2
        assert text_of(answer.text).count("bez zmian") >= 1
        assert answer.text.count("Prosimy powiedzieć, czy zmienić liczbę") == 1
        assert f'href="/referrals/{min(tasks[0], tasks[2])}"' in answer.text
    assert await value("select count(*) from task_event where verb = 'decline'") == 2
    assert await value("select count(*) from unmet_need where why = 'no_places'") == 2
    assert await value("select count(*) from reading_proposal where answer = ''") == 1, "one question for one offer"
    assert await value("select count(*) from audit_event where event = 'referral:decline'") == 2
    body = {"act": "decline", "tasks": [{"id": str(tasks[1]), "version": 3}], "fields": {"reason": "out_of_area"}}
    assert (await web.post("/api/v1/intake", json=body)).json()["answered"][0]["code"] == "move_is_not_open"


async def test_marked_as_read_and_reported_together(web: httpx.AsyncClient) -> None:
    _, tasks = await three(web)
    ticked = {"task": [*map(str, tasks)]}
    await web.post(INTAKE, data={**(await fields_of(web)), **ticked, "act": "seen"})
    assert await value("select count(*) from referral_task where seen_at is not null") == 3
    await web.post(INTAKE, data={**(await fields_of(web)), **ticked, "act": "accept", "accept-date": ""})
    today = clock.today().isoformat()
    report = {"act": "deliver", "deliver-outcome": "leczenie", "deliver-date": today}
    await web.post(INTAKE, data={**(await fields_of(web)), **ticked, **report})
    assert {tuple(row) for row in await rows("select state, outcome from referral_task")} == {("delivered", "leczenie")}


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"act": "void"},
        {"act": "accept"},
        {"act": "accept", "task": "x"},
        {"act": "accept", "task": ["\x00"] * 400, "version-\x00": "9" * 400},
        {
            "act": "schedule",
            "task": "00000000-0000-0000-0000-000000000000",
            "version-00000000-0000-0000-0000-000000000000": "1",
        },
    ],
)
async def test_nothing_ticked_or_nonsense_is_a_plain_answer(web: httpx.AsyncClient, bad: dict[str, object]) -> None:
    await three(web)
    answer = await web.post(INTAKE, data={**(await fields_of(web)), **bad})
    assert answer.status_code in (400, 422)
    if not bad:
        assert "Zgłoszenia: Wybierz" in answer.text
        assert "Odpowiedź: Wybierz" in answer.text
    assert await value("select count(*) from referral_task where state = 'sent'") == 3


async def test_only_those_who_answer_and_only_their_own(web: httpx.AsyncClient) -> None:
    scene, tasks = await three(web)
    number = await value("select number from referral_task where id = $1", tasks[0])
    await sign_in_as(web, await make_institution("Inna", kind="ngo"), "partner_intake")
    assert number not in (await web.get(INTAKE)).text
    body = {"act": "accept", "tasks": [{"id": str(tasks[0]), "version": 2}]}
    told = await web.post("/api/v1/intake", json=body)
    assert told.json()["answered"][0] == {"id": str(tasks[0]), "number": "", "code": "not_found", "facts": {}}
    for role in ("caseworker", "partner_editor"):
        await sign_in_as(web, scene.club, role)
        assert (await web.get(INTAKE)).status_code == 403
        assert (await web.post("/api/v1/intake", json=body)).status_code == 403
    assert await state_of(tasks[0]) == "sent"
    await sign_in_as(web, scene.clinic, "partner_intake")
    assert (await web.post("/api/v1/intake", json={**body, "act": "x"})).status_code == 422
    done = await web.post("/api/v1/intake", json={**body, "fields": {"date": clock.today().isoformat()}})
    assert done.json()["answered"][0]["code"] == ""


async def test_without_a_basis_only_numbers_are_listed_and_nothing_is_answered(web: httpx.AsyncClient) -> None:
    scene, tasks = await three(web)
    await rows("delete from data_agreement where institution = $1", scene.clinic)
    text = text_of((await web.get(INTAKE)).text)
    codes = [row[0] for row in await rows("select case_code from participant")]
    assert not [code for code in codes if code in text]
    await web.post(INTAKE, data={**(await fields_of(web)), "act": "accept", "task": str(tasks[0])})
    assert await state_of(tasks[0]) == "sent"


async def test_a_repeat_after_sharing_has_ended_shows_no_case_code_again(web: httpx.AsyncClient) -> None:
    scene, tasks = await three(web)
    code = str(
        await value(
            "select q.case_code from referral_request q join referral_task t on t.request = q.id"
            f" where t.id = '{tasks[0]}'"
        )
    )
    data = {**(await fields_of(web)), "act": "accept", "task": [str(tasks[0]), str(tasks[2])]}
    assert code in (await web.post(INTAKE, data=data)).text
    version = int(await value(f"select version from referral_task where id = '{tasks[0]}'"))
    await perform(tasks[0], actor=scene.worker, verb="withdraw_consent", version=version, channel="person")
    again = await web.post(INTAKE, data=data)
    assert again.status_code == 200
    assert text_of(again.text).count("zapisano") == 2
    assert code not in again.text
