"""A referral made by phone or on paper is written down afterwards: whole, dated as it was, or not at all."""

from datetime import datetime, time, timedelta
from uuid import UUID

import httpx
import pytest

from referral_hub import clock
from referral_hub.composing.afterwards import record_afterwards
from referral_hub.errors import NotFound, Refused
from tests.build import actor_for, make_institution, make_offer, sign_in_as
from tests.referrals.scene import LABEL, Scene, make_scene, places_of, row_of, rows, value

pytestmark = pytest.mark.anyio
SPOKEN = {"kind": "consent", "ground": "zgoda", "given_how": "spoken", "fields": ["label", "contact"]}


@pytest.fixture
async def scene(database: None) -> Scene:
    return await make_scene()


async def recorded(scene: Scene, days_ago: int = 6, **changes: object) -> UUID:
    facts: dict[str, object] = {
        "actor": scene.caseworker,
        "person": scene.person,
        "offer": scene.offer,
        "need": "prawo",
        "made_on": clock.today() - timedelta(days=days_ago),
        "channel": "phone",
        "basis": SPOKEN,
    }
    return await record_afterwards(**{**facts, **changes})  # type: ignore[arg-type]


async def test_it_counts_from_the_day_it_was_made_and_the_trail_from_today(scene: Scene) -> None:
    task = await recorded(scene, answer="accepted", fields={"date": clock.today().isoformat()})
    day = clock.today() - timedelta(days=6)
    row = await row_of(task)
    assert (row["state"], row["sent_at"].astimezone(clock.WARSAW).date()) == ("accepted", day)
    lines = await rows("select verb, channel, at from task_event where task = $1 order by at, version", task)
    assert [(line["verb"], line["channel"]) for line in lines] == [
        ("create", "self"),
        ("send", "phone"),
        ("accept", "phone"),
    ]
    assert {line["at"].astimezone(clock.WARSAW).date() for line in lines} == {day}
    written = await value("select min(at) from audit_event where subject = $1", task)
    assert written.astimezone(clock.WARSAW).date() == clock.today()
    assert await value("select count(*) from audit_event where event = 'referral:record'") == 1
    assert await value("select count(*) from disclosure where task = $1 and kind = 'passed'", task) == 2


async def test_nobody_is_mailed_what_they_know(scene: Scene) -> None:
    await recorded(scene)
    assert await value("select count(*) from job where name = 'send_mail'") == 0
    assert await value("select count(*) from link where kind = 'a'") == 0


async def test_no_answer_yet_waits_with_the_clock_of_that_day(scene: Scene) -> None:
    with clock.at(datetime.combine(datetime(2026, 11, 25), time(9), clock.WARSAW)):
        row = await row_of(await recorded(scene, days_ago=2))
        assert (row["state"], row["clock"], str(row["due_on"])) == ("sent", "RCV", "2026-11-30")


async def test_a_place_that_a_later_number_already_leaves_out_is_not_taken_twice(scene: Scene) -> None:
    """The reading of the scene was saved today, the acceptance was six days ago."""
    await recorded(scene, answer="accepted")
    assert await places_of(scene.offer) == (2, 0, 0)
    await recorded(scene, days_ago=0, answer="accepted")
    assert await places_of(scene.offer) == (2, 0, 1)


async def test_each_answer_is_the_move_it_is(scene: Scene) -> None:
    soon = (clock.today() + timedelta(days=9)).isoformat()
    waits = await recorded(scene, answer="waitlisted", fields={"position": "3", "review_on": soon})
    assert (await row_of(waits))["state"] == "waitlisted"
    no = await recorded(scene, answer="declined", fields={"reason": "out_of_area"})
    assert ((await row_of(no))["state"], (await row_of(no))["reason"]) == ("declined", "out_of_area")


async def test_what_is_refused_leaves_nothing_behind(scene: Scene) -> None:
    outsider = await actor_for(await make_institution("Obca", kind="kis"), "caseworker")
    for changes, error in (
        ({"made_on": clock.today() + timedelta(days=1)}, Refused),
        ({"made_on": clock.today() - timedelta(days=400)}, Refused),
        ({"answered_on": clock.today() - timedelta(days=30)}, Refused),
        ({"channel": "person"}, Refused),
        ({"answer": "perhaps"}, Refused),
        ({"answer": "waitlisted", "fields": {"position": "3"}}, Refused),
        ({"answer": "declined", "fields": {"reason": "because"}}, Refused),
        ({"basis": {"kind": "consent", "ground": "zgoda", "until": "2001-01-01"}}, Refused),
        ({"actor": outsider}, NotFound),
    ):
        with pytest.raises(error):
            await recorded(scene, **changes)
    counts = "select (select count(*) from referral_request), (select count(*) from legal_basis)"
    assert list((await rows(counts))[0].values()) == [0, 0]


async def test_the_page_finds_by_typing_and_asks_what_is_unclear(scene: Scene, web: httpx.AsyncClient) -> None:
    await sign_in_as(web, scene.club, "caseworker")
    await make_offer(await make_institution("Fundacja Próbna Druga"), free=1)
    start = (await web.get(f"/referrals/record?person={scene.person}")).text
    assert f'value="{scene.case_code}"' in start
    assert LABEL not in start
    day = clock.today().isoformat()
    typed = {
        "key": "k",
        "who": scene.case_code,
        "where": "probna",
        "made_on": day,
        "channel": "phone",
        "answer": "none",
    }
    answer = await web.post("/referrals/record", data={**typed, "basis": "usual"})
    assert answer.status_code == 422
    assert str(scene.offer) in answer.text
    chosen = {**typed, "offer": str(scene.offer), "need": "prawo"}
    answer = await web.post("/referrals/record", data={**chosen, "basis": "usual"})
    assert 'id="basis-problem"' in answer.text
    done = await web.post("/referrals/record", data={**chosen, "basis": "spoken"})
    assert done.headers["location"].endswith("?done=recorded")
    again = await web.post("/referrals/record", data={**chosen, "basis": "spoken"})
    assert again.headers["location"] == done.headers["location"]
    assert await value("select given_how from legal_basis") == "spoken"


async def test_a_name_finds_only_if_exact_and_a_stranger_is_registered_only_when_said(
    scene: Scene, web: httpx.AsyncClient
) -> None:
    await sign_in_as(web, scene.club, "caseworker")
    typed = {
        "where": "fundacja", "made_on": clock.today().isoformat(), "channel": "paper", "basis": "signed",
        "answer": "accepted", "need": "prawo",
    }  # fmt: skip
    missing = await web.post("/referrals/record", data={**typed, "who": "Żaneta"})
    assert 'id="who-problem"' in missing.text
    assert await value("select count(*) from participant") == 1
    assert (await web.post("/referrals/record", data={**typed, "who": LABEL})).status_code == 303
    assert await value("select count(*) from audit_event where event = 'person:find'") == 1
    assert (await web.post("/referrals/record", data={**typed, "who": "Nowa Osoba", "new": "1"})).status_code == 303
    assert await value("select count(*) from participant") == 2
    bad = await web.post("/referrals/record", data={**typed, "who": "x\x00y", "made_on": "9999-99-99", "where": "%_"})
    assert bad.status_code == 422
