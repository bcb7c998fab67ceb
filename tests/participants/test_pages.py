"""The pages of one's own people: duplicates are asked about, words looked at again, names leave a line."""

import httpx
import pytest

from referral_hub.participants.actions import open_person, register
from tests.build import make_institution, sign_in_as
from tests.referrals.scene import LABEL, make_scene, rows, value

pytestmark = pytest.mark.anyio
NEW = {"label": "Jan Kowal", "sex": "M", "language": "pl"}


async def test_somebody_known_is_asked_about_before_a_second_entry(web: httpx.AsyncClient) -> None:
    club = await make_institution("Klub", club=True)
    worker = await sign_in_as(web, club, "caseworker")
    known = await register(actor=worker, label="Jan Kowal", sex="M")
    asked = await web.post("/people/new", data=NEW)
    assert asked.status_code == 422
    assert known.case_code in asked.text
    same = await web.post("/people/new", data={**NEW, "same": str(known.id)})
    assert same.headers["Location"] == f"/people/{known.id}?done=known"
    other = await web.post("/people/new", data={**NEW, "same": "other"})
    assert other.status_code == 303
    assert await value("select count(*) from participant") == 2


async def test_a_diagnosis_warns_once_and_a_pesel_is_refused(web: httpx.AsyncClient) -> None:
    await sign_in_as(web, await make_institution(), "caseworker")
    told = {**NEW, "safe_words": "ma schizofrenię, dzwonić do brata", "safe_channel": "through_other"}
    first = await web.post("/people/new", data=told)
    assert first.status_code == 422
    assert 'name="checked"' in first.text
    assert (await web.post("/people/new", data={**told, "checked": "1"})).status_code == 303
    for field in ("label", "contact", "safe_words", "safe_hours"):
        refused = await web.post("/people/new", data={**NEW, field: "44051401359", "checked": "1"})
        assert refused.status_code == 422
    assert await value("select count(*) from participant") == 1


async def test_safe_contact_is_sealed_and_comes_back_to_the_form(web: httpx.AsyncClient) -> None:
    worker = await sign_in_as(web, await make_institution(), "caseworker")
    safe = {"safe_channel": "sms", "safe_hours": "tylko rano", "safe_neutral": "1", "safe_words": "nie dzwonić"}
    made = (await web.post("/people/new", data={**NEW, **safe})).headers["Location"].partition("?")[0]
    row = (await rows("select * from participant"))[0]
    assert "tylko rano" not in str({name: value for name, value in dict(row).items() if not isinstance(value, bytes)})
    shown = (await web.post(f"{made}/open", data={})).text
    for text in ('value="sms" selected', "tylko rano", "nie dzwonić"):
        assert text in shown
    opened = await open_person(row["id"], actor=worker)
    assert opened.safe_contact.neutral_sender


async def test_the_list_hands_over_ticked_people_and_the_merge_shows_both_first(web: httpx.AsyncClient) -> None:
    club = await make_institution("Klub", club=True)
    worker = await sign_in_as(web, club, "caseworker")
    first = await register(actor=worker, label="Jan Kowal", sex="M", contact="600 100 200")
    second = await register(actor=worker, label="J. Kowal", sex="M")
    lines = await value("select count(*) from disclosure")
    pair = await web.post(f"/people/{first.id}/merge", data={"code": second.case_code})
    assert "J. Kowal" in pair.text
    assert await value("select count(*) from disclosure") == lines + 2
    # What the page shows of both is what the lines say was read.
    read = await rows("select fields from disclosure where purpose = 'merge'")
    assert sorted(list(line["fields"]) for line in read) == [["contact", "label"], ["label"]]
    await web.post("/people", data={"open": str(first.id)})
    assert await value("select fields from disclosure where purpose = 'list'") == ["label"]
    done = await web.post(f"/people/{first.id}/merge", data={"code": second.case_code, "act": "merge"})
    assert done.headers["Location"] == f"/people/{first.id}?done=merged"
    led = await web.get(f"/people/{second.id}")
    assert (led.status_code, led.headers["Location"]) == (303, f"/people/{first.id}")
    worker2 = await sign_in_as(web, club, "caseworker")
    web.headers["X-CSRF-Token"] = worker2.csrf
    given = await web.post("/people/hand-over", data={"person": str(first.id), "to": str(worker.account)})
    assert given.status_code == 303
    for wrong, status in (("nic", 422), ("00000000-0000-7000-8000-000000000000", 404)):
        answer = await web.post("/people/hand-over", data={"person": wrong, "to": str(worker.account)})
        assert answer.status_code == status
    assert (await web.post("/people/hand-over", data={"to": ""})).status_code == 422
    page = await web.get(f"/people/{first.id}")
    assert "600 100 200" not in page.text
    assert (await web.get("/people/keepers")).status_code == 200
    assert (await web.post(f"/people/{first.id}/close", data={"why": ""})).status_code == 422
    assert (await web.post(f"/people/{first.id}/close", data={"why": "other"})).status_code == 303
    assert (await web.get("/people?closed=1")).text.count(first.case_code) > 0
    assert (await web.post(f"/people/{first.id}/reopen", data={})).status_code == 303


async def test_the_composer_asks_the_same_before_a_second_entry(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    await sign_in_as(web, scene.club, "caseworker")
    typed = {"act": "check", "person": "new", "p_label": LABEL, "need": "prawo", "offer": str(scene.offer)}
    typed |= {"basis.kind": "preset", "basis.fields": "label", "basis.given_how": "signed"}
    asked = await web.post("/referrals/new", data=typed)
    assert asked.status_code == 422
    assert scene.case_code in asked.text
    kept = await web.post("/referrals/new", data={**typed, "p_same": str(scene.person)})
    assert kept.status_code == 303
    assert await value("select participant from referral_task") == scene.person
    assert await value("select count(*) from participant") == 1
