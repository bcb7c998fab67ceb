"""What a referral teaches of a partner: nobody answers there, or no places; each said as little as possible."""

import re

import httpx
import pytest

from referral_hub.accounts.links import make_link
from referral_hub.database.transaction import SYSTEM
from referral_hub.institutions.actions import NewContact, set_contacts
from referral_hub.institutions.confirmations import confirm_phone
from referral_hub.referrals.actions import perform
from tests.build import make_institution, sign_in_as
from tests.referral_pages.rows import rows, value
from tests.referral_pages.scenes import a_referral, a_scene, form_with, hidden_fields, text_of, the_receiver

pytestmark = pytest.mark.anyio


async def test_nobody_answers_is_two_clicks_and_doubts_the_dialled_number_only(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    phones = [NewContact(kind="phone", value="146000001"), NewContact(kind="phone", value="146000002")]
    await set_contacts(scene.clinic, phones, by=SYSTEM, source="test")
    task = await a_referral(scene)
    before = await rows("select version, state, access from referral_task")
    events = await value("select count(*) from task_event")
    page = (await web.get(f"/referrals/{task}")).text
    # The first click opens „odpowiedzieli telefonicznie”, the second presses.
    answers = page[page.index("Odpowiedzieli telefonicznie") :]
    fields = hidden_fields(form_with(answers[: answers.index("</details>\n</section>")], "nobody-answered"))
    assert fields["number"] == "14 600 00 01"
    answer = await web.post(f"/referrals/{task}/nobody-answered", data=fields, follow_redirects=True)
    assert "nikt nie odebrał" in answer.text
    assert "14 600 00 02" in answer.text
    assert text_of(answer.text).count("dziś nikt nie odebrał") == 0, "the page dials the other number now"
    doubted = await rows("select value from contact where doubted_at is not null")
    assert [row["value"] for row in doubted] == ["146000001"]
    assert await rows("select version, state, access from referral_task") == before
    assert await value("select count(*) from task_event") == events
    assert await value("select free from offer_places where offer = $1", scene.offer) == 3
    line = (await rows("select subject, facts from audit_event where event = 'contact:doubt'"))[0]
    assert tuple(line) == (scene.clinic, "{}")
    for number in ("600700800", "\x00", "9" * 59, ""):
        wrong = await web.post(f"/referrals/{task}/nobody-answered", data=fields | {"number": number})
        assert wrong.status_code == 422
    assert await value("select count(*) from contact where doubted_at is not null") == 1


async def test_only_the_sender_says_that_nobody_answers(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    await set_contacts(scene.clinic, [NewContact(kind="phone", value="146000001")], by=SYSTEM, source="test")
    task = await a_referral(scene)
    stranger = await make_institution("Inny klub")
    for institution, role, status in ((scene.clinic, "partner_intake", 403), (stranger, "caseworker", 404)):
        await sign_in_as(web, institution, role)
        answer = await web.post(f"/referrals/{task}/nobody-answered", data={"number": "146000001"})
        assert answer.status_code == status
    assert await value("select count(*) from contact where doubted_at is not null") == 0


async def test_a_guest_who_has_no_places_is_asked_once_and_says_so_by_one_tap(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    secret, _ = await make_link(
        "a", by=SYSTEM, institution=scene.clinic, subject=task, address="biuro@poradnia.example"
    )
    web.cookies.clear()
    web.headers.pop("X-CSRF-Token", None)
    page = (await web.get(f"/a/{secret}", follow_redirects=True)).text
    data = hidden_fields(form_with(page, 'name="verb" value="decline"')) | {"decline-self-reason": "no_capacity"}
    assert "/a/places" not in page
    confirmed = await web.post("/a/moves", data=data, follow_redirects=True)
    assert confirmed.status_code == 200
    assert "W zgłoszeniu odpowiedzieli Państwo: brak miejsc." in text_of(confirmed.text)
    assert await value("select free from offer_places where offer = $1", scene.offer) == 3
    fields = hidden_fields(form_with(confirmed.text, "/a/places"))
    wrong = await web.post("/a/places", data=fields | {"act": "set", "free": "-1", "key": "a"})
    assert wrong.status_code == 422
    assert 'value="-1"' in wrong.text
    assert (await web.post("/a/places", data={"act": "zero"})).status_code == 403
    done = await web.post("/a/places", data=fields | {"act": "zero"}, follow_redirects=True)
    assert "/a/places" not in done.text
    reading = (
        await rows("select free, source, account, note from capacity_reading order by recorded_at desc limit 1")
    )[0]
    assert tuple(reading) == (0, "declared", None, "")
    proposal = (await rows("select * from reading_proposal"))[0]
    assert proposal["answer"] == "confirmed"
    assert set(dict(proposal)) == {"id", "offer", "free", "why", "made_at", "answer", "answered_at", "reading"}
    again = await web.post("/a/places", data=fields | {"act": "zero", "key": "later"})
    assert again.status_code == 422


@pytest.mark.parametrize(("pressed", "free", "answer"), [("set", 1, "other"), ("dismiss", 3, "dismissed")])
async def test_who_answers_signed_in_says_another_number_or_none(
    web: httpx.AsyncClient, pressed: str, free: int, answer: str
) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    await perform(task, actor=await the_receiver(scene), verb="decline", version=2, fields={"reason": "no_capacity"})
    assert "/places" not in (await web.get(f"/referrals/{task}")).text, "not the sender's to say"
    assert (await web.post(f"/referrals/{task}/places", data={"act": "zero"})).status_code == 403
    await sign_in_as(web, scene.clinic, "partner_intake")
    fields = hidden_fields(form_with((await web.get(f"/referrals/{task}")).text, "/places"))
    answered = await web.post(f"/referrals/{task}/places", data=fields | {"act": pressed, "free": "1"})
    assert answered.status_code == 303
    assert await value("select free from offer_places where offer = $1", scene.offer) == free
    assert await value("select answer from reading_proposal") == answer
    assert "/places" not in (await web.get(f"/referrals/{task}")).text


async def test_the_senders_note_of_a_phoned_answer_proposes_too_and_other_reasons_do_not(
    web: httpx.AsyncClient,
) -> None:
    scene = await a_scene(web)
    first, second = await a_referral(scene), await a_referral(scene)
    await perform(first, actor=await the_receiver(scene), verb="decline", version=2, fields={"reason": "out_of_area"})
    assert await value("select count(*) from reading_proposal") == 0
    page = (await web.get(f"/referrals/{second}")).text
    fields = hidden_fields(form_with(page, 'name="decline-phone-reason" value="no_capacity"'))
    assert (await web.post(f"/referrals/{second}/moves", data=fields)).status_code == 303
    assert await value("select count(*) from reading_proposal") == 1
    assert await value("select free from offer_places where offer = $1", scene.offer) == 3
    facts = await rows("select facts, subject_kind, subject from audit_event where event = 'reading:propose'")
    assert [tuple(row) for row in facts] == [('{"free": 0}', "offer", scene.offer)]
    assert not re.search(str(second), str(await rows("select * from reading_proposal")))


async def test_the_only_number_stays_with_words_until_a_call_reaches_somebody(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    await set_contacts(scene.clinic, [NewContact(kind="phone", value="146000001")], by=SYSTEM, source="test")
    task = await a_referral(scene)
    await web.post(f"/referrals/{task}/nobody-answered", data={"number": "14 600 00 01"})
    assert "dziś nikt nie odebrał" in (await web.get(f"/referrals/{task}")).text
    await confirm_phone(scene.clinic, "14 600 00 01", how="call", by=SYSTEM)
    page = (await web.get(f"/referrals/{task}")).text
    assert "nikt nie odebrał" not in page
    assert "numer potwierdzony telefonicznie dziś" in page
