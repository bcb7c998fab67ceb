"""Pages and calls of taking part: from the referral's button to the certificate, and what others do not get."""

from uuid import UUID

import httpx
import pytest

from referral_hub import clock
from referral_hub.participation.certifying import certificate_for
from tests.build import actor_for, make_institution, sign_in_as
from tests.participation.club import LABEL, make_club
from tests.referrals.scene import value

pytestmark = pytest.mark.anyio
TODAY = clock.today().isoformat()


async def test_a_person_is_taken_in_and_ends_with_a_certificate(web: httpx.AsyncClient) -> None:
    club = await make_club()
    task = await club.sent()
    worker = await sign_in_as(web, club.club, "caseworker")
    page = await web.get(f"/referrals/{task}")
    assert f'action="/referrals/{task}/club"' in page.text
    assert LABEL not in (await web.get(f"/referrals/{task}/club")).text
    opened = await web.post(f"/referrals/{task}/club", data={})
    assert LABEL in opened.text
    person = {"label": LABEL, "sex": "K", "contact": "600 700 800", "started_on": TODAY, "language": "pl"}
    wrong = await web.post(f"/referrals/{task}/club/person", data={**person, "started_on": "31.02.2026"})
    assert wrong.status_code == 422
    assert LABEL in wrong.text
    made = await web.post(f"/referrals/{task}/club/person", data={**person, "contract_number": "KS 1/2026"})
    address = made.headers["Location"].partition("?")[0]
    assert address.startswith("/participations/")
    assert (await web.get(f"/referrals/{task}/club")).headers["Location"].startswith(address)
    effect = {"effect": "zatrudnienie", "reached_on": TODAY, "source": "person", "key": "a"}
    for _ in range(2):
        assert (await web.post(f"{address}/effects", data=effect)).status_code == 303
    assert await value("select count(*) from participation_effect") == 1
    assert (await web.post(f"{address}/certificate", data={})).status_code == 422
    over = {"ended_on": TODAY, "end_reason": "job", "certificate_number": "1/2026", "version": "1"}
    assert (await web.post(f"{address}/end", data={**over, "version": "7"})).status_code == 409
    assert (await web.post(f"{address}/end", data=over)).status_code == 303
    shown = (await web.get(address)).text
    assert "KS 1/2026" in shown
    assert LABEL not in shown
    lines = await value("select count(*) from disclosure where purpose = 'certificate'")
    # The letter itself is set in the browser's test.
    letter = str(await certificate_for(UUID(address.rpartition("/")[2]), actor=worker, language="pl"))
    assert LABEL in letter
    assert "1/2026" in letter
    assert await value("select count(*) from disclosure where purpose = 'certificate'") == lines + 1
    # Where the club keeps initials only, the whole name is typed for the paper; nothing is opened for that, or kept.
    whole = {"actor": worker, "language": "pl", "name": "Jan Całkiem-Inny"}
    typed = str(await certificate_for(UUID(address.rpartition("/")[2]), **whole))
    assert "Zaświadczenie otrzymuje Jan Całkiem-Inny." in typed
    assert LABEL not in typed
    assert await value("select count(*) from disclosure where purpose = 'certificate'") == lines + 1
    assert (await web.post(f"{address}/certificate", data={"name": "44051401359"})).status_code == 422
    for path in ("/participations", "/participations?state=all&year=2026&mine=1", "/participations/year", "/people"):
        answer = await web.get(path)
        assert answer.status_code == 200
        assert LABEL not in answer.text


async def test_the_same_label_is_asked_about_when_somebody_is_taken_in(web: httpx.AsyncClient) -> None:
    club = await make_club()
    task, known = await club.sent(), await club.person(LABEL, "K")
    await sign_in_as(web, club.club, "caseworker")
    person = {"label": LABEL, "sex": "K", "started_on": TODAY}
    asked = await web.post(f"/referrals/{task}/club/person", data=person)
    assert asked.status_code == 422
    assert str(known) in asked.text
    assert (await web.post(f"/referrals/{task}/club/person", data={**person, "same": str(known)})).status_code == 303
    assert await value("select participant from participation") == known


async def test_bad_input_is_answered_plainly(web: httpx.AsyncClient) -> None:
    club = await make_club()
    part = await club.part(await club.person())
    await sign_in_as(web, club.club, "caseworker")
    for data in (
        {"effect": "nic", "reached_on": "9999-12-31"},
        {"effect": "wiezi", "reached_on": "-1"},
        {"effect": "wiezi\x00", "reached_on": "0001-01-01"},
    ):
        assert (await web.post(f"/participations/{part}/effects", data=data)).status_code == 422
    for path in ("?year=-1&page=99999999&state=x", "/year?year=9999", "/year?year=abc"):
        assert (await web.get(f"/participations{path}")).status_code == 200
    assert (await web.post(f"/participations/{part}/groups", data={"offer": "x"})).status_code == 422
    assert (await web.post(f"/participations/{part}", data={"version": "x", "started_on": ""})).status_code == 422


async def test_others_find_nothing_there(web: httpx.AsyncClient) -> None:
    club = await make_club()
    person = await club.person()
    part, task = await club.part(person, main_group="uzal_alkohol"), await club.sent()
    await sign_in_as(web, club.office, "caseworker")
    assert (await web.get(f"/participations/{part}")).status_code == 404
    assert (await web.get(f"/people/{person}/participation")).status_code == 404
    assert (await web.post(f"/referrals/{task}/club", data={})).status_code == 404
    assert (await web.get("/participations/year")).status_code == 403
    assert (await web.get("/api/v1/participations")).json()["total"] == 0
    await sign_in_as(web, club.club, "coordinator")
    seen = await web.get(f"/participations/{part}")
    assert seen.status_code == 200
    assert "uzależnione" not in seen.text
    assert f"/participations/{part}/effects" not in seen.text
    effect = {"effect": "wiezi", "reached_on": TODAY}
    assert (await web.post(f"/participations/{part}/effects", data=effect)).status_code == 403
    await sign_in_as(web, club.office, "partner_editor")
    assert (await web.get(f"/participations/{part}")).status_code == 403


async def test_programs_start_and_count(web: httpx.AsyncClient) -> None:
    club = await make_club()
    person = await club.person()
    await sign_in_as(web, club.club, "caseworker")
    made = await web.post(f"/api/v1/people/{person}/participations", json={"started_on": TODAY})
    assert made.status_code == 201
    part = made.json()["id"]
    again = await web.post(f"/api/v1/people/{person}/participations", json={"started_on": TODAY})
    assert (again.status_code, again.json()["code"]) == (422, "takes_part_already")
    effect = await web.post(f"/api/v1/participations/{part}/effects", json={"effect": "staz", "reached_on": TODAY})
    assert effect.status_code == 201
    told = (await web.get("/api/v1/participations/year")).json()
    assert (told["people"], told["effects"]) == (1, {"staz": 1})
    stranger = await actor_for(await make_institution("Obcy", club=True), "caseworker")
    assert stranger.institution != club.club
