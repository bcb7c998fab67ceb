"""Once sharing has ended nothing of the person is shown, on any surface, to any holder; and nothing flows after it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.links import COOKIES, make_link, seal_cookie, token
from referral_hub.accounts.sessions import COOKIE
from referral_hub.database.transaction import SYSTEM
from referral_hub.referrals.lapsing import end_run_out_sharing
from referral_hub.referrals.sweep import run_clocks
from tests.build import sign_in_as
from tests.referrals.scene import CONSENT, LABEL, Scene, fetch_as, in_days, make_scene, row_of, rows, value

pytestmark = pytest.mark.anyio
QUESTION, NOTE, PHONE = "Czy umie cyrylicę?", "prosi o popołudnie", "600 700 800"
MARKERS = (LABEL, QUESTION, NOTE, PHONE)


async def shared(web: httpx.AsyncClient, **changes: Any) -> tuple[Scene, UUID]:
    """A person accepted by the partner, with a note and a question answered."""
    scene = await make_scene()
    task = await scene.sent(note=NOTE, **changes)
    await scene.move(task, "ask", {"question": QUESTION}, by=scene.intake)
    await scene.move(task, "answer", {"answer": "tak"})
    await scene.move(task, "accept", by=scene.intake)
    return scene, task


async def surfaces(web: httpx.AsyncClient, task: UUID) -> dict[str, str]:
    """What a signed-in receiver can ask for: page, opened page, list, API."""
    return {
        "page": (await web.get(f"/referrals/{task}")).text,
        "opened": (await web.post(f"/referrals/{task}/open")).text,
        "list": (await web.get("/referrals?box=under-way")).text + (await web.get("/referrals?box=closed")).text,
        "api": (await web.get(f"/api/v1/referrals/{task}")).text,
        "api list": (await web.get("/api/v1/referrals?box=under-way")).text,
        "api closed": (await web.get("/api/v1/referrals?box=closed")).text,
    }


def shown(texts: dict[str, str], *markers: str) -> set[str]:
    return {name for name, text in texts.items() if any(marker in text for marker in markers)}


@pytest.mark.parametrize("how", ["withdrawn", "run_out", "run_out_before_the_round"])
async def test_after_the_end_a_signed_in_receiver_is_shown_nothing_anywhere(web: httpx.AsyncClient, how: str) -> None:
    scene, task = await shared(web, basis={**CONSENT, "until": in_days(3)})
    await sign_in_as(web, scene.partner, "partner_intake")
    before = await surfaces(web, task)
    assert {"opened", "api"} <= shown(before, LABEL, PHONE)
    assert "page" in shown(before, QUESTION)
    if how == "withdrawn":
        await scene.move(task, "withdraw_consent", by=await scene.participant())
        after = await surfaces(web, task)
    else:
        with clock.at(clock.now() + timedelta(days=4)):
            if how == "run_out":
                assert await end_run_out_sharing() == 1
            await sign_in_as(web, scene.partner, "partner_intake")
            after = await surfaces(web, task)
    assert shown(after, LABEL, PHONE, NOTE) == set()
    assert scene.case_code not in after["page"] + after["opened"] + after["api"]
    if how != "run_out_before_the_round":
        assert shown(after, scene.case_code) == set()


async def test_a_guest_link_stops_at_once_and_so_does_the_page_that_is_open(web: httpx.AsyncClient) -> None:
    scene, task = await shared(web)
    _, link = await make_link("a", by=SYSTEM, institution=scene.partner, subject=task)
    web.cookies.set(COOKIES["a"], seal_cookie(link), path="/a")
    web.headers["X-CSRF-Token"] = token(link)
    assert "/a" in str((await web.get("/a")).url)
    await scene.move(task, "withdraw_consent", by=await scene.participant())
    for answer in (await web.get("/a"), await web.post("/a/open"), await web.post("/a/moves", data={"verb": "start"})):
        assert answer.status_code in (303, 404, 410)
        assert shown({"": answer.text}, *MARKERS, scene.case_code) == set()


async def test_nothing_flows_to_the_receiver_after_the_end(web: httpx.AsyncClient) -> None:
    scene, task = await shared(web)
    await scene.move(task, "withdraw_consent", by=await scene.participant())
    await scene.move(task, "deliver", {"outcome": "brak_informacji", "date": in_days(0)}, channel="person")
    told = await scene.seen(task, scene.intake)
    assert (told.state, told.ending, told.reason) == ("accepted", None, "")
    assert told.timeline[-1].verb == "withdraw_consent"
    assert (told.person, told.need, told.basis) == ({}, "", None)
    assert (await scene.seen(task)).state == "delivered"
    await sign_in_as(web, scene.partner, "partner_intake")
    listed = (await web.get("/api/v1/referrals?box=closed")).text
    assert "delivered" not in listed


async def test_a_withdrawal_is_one_transaction_with_its_line(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    await scene.move(task, "withdraw_consent", by=await scene.participant())
    row = await row_of(task)
    assert (row["access"], row["sharing_ended"], row["state"]) == ("none", True, "accepted")
    (line,) = await rows("select * from disclosure where task = $1 and kind = 'ended'", task)
    assert line["institution"] == scene.partner
    assert set(CONSENT["fields"]) <= set(line["fields"])  # type: ignore[call-overload]
    assert await value("select withdrawn_at is not null from legal_basis where id = $1", row["basis"])
    assert await fetch_as(scene.intake, "select 1 from participant") == []
    assert await fetch_as(scene.intake, "select 1 from legal_basis") == []


async def test_a_basis_that_runs_out_leaves_the_same_traces_once(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.accepted(basis={**CONSENT, "until": in_days(1)})
    assert (await run_clocks())["basis_ended"] == 0
    with clock.at(clock.now() + timedelta(days=2)):
        assert (await run_clocks())["basis_ended"] == 1
        assert (await run_clocks())["basis_ended"] == 0
    row = await row_of(task)
    assert (row["access"], row["sharing_ended"], row["state"], row["clock"]) == ("none", True, "accepted", "SND")
    assert await value("select count(*) from disclosure where task = $1 and kind = 'ended'", task) == 1
    assert await value("select count(*) from audit_event where event = 'basis:end'") == 1
    assert await value("select verb from task_event where task = $1 order by at desc limit 1", task) == "basis_ended"


async def test_a_person_who_waits_keeps_the_place_when_the_basis_runs_out(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent(basis={**CONSENT, "until": in_days(1)})
    await scene.move(task, "waitlist", {"position": 1, "review_on": in_days(60)}, by=scene.intake)
    with clock.at(clock.now() + timedelta(days=2)):
        assert await end_run_out_sharing() == 1
    row = await row_of(task)
    assert (row["state"], row["access"], row["clock"]) == ("waitlisted", "none", "SND")
    assert (await scene.seen(task, scene.intake)).person == {}


async def test_where_a_statute_is_the_basis_withdrawing_consent_ends_nothing(web: httpx.AsyncClient) -> None:
    statute = {"kind": "statute", "ground": "pomoc_spoleczna", "fields": ["label"]}
    scene, task = await shared(web, basis=statute)
    person = await scene.participant()
    told = await scene.seen(task, person)
    assert "withdraw_consent" not in [move.row.verb for move in told.moves]
    _, link = await make_link("p", by=SYSTEM, subject=scene.person)
    web.cookies.delete(COOKIE)
    web.cookies.set(COOKIES["p"], seal_cookie(link), path="/p")
    page = (await web.get("/p")).text
    assert "ustawa o pomocy społecznej" in page
    assert "Możesz wnieść sprzeciw" in page


async def test_the_same_key_sent_again_shows_nothing_of_the_person_after_the_end(web: httpx.AsyncClient) -> None:
    scene, task = await shared(web)
    await sign_in_as(web, scene.partner, "partner_intake")
    version = (await row_of(task))["version"]
    body = {"verb": "start", "version": version, "date": in_days(0)}
    first = await web.post(f"/api/v1/referrals/{task}/moves", json=body, headers={"Idempotency-Key": "k"})
    assert LABEL in first.text
    await scene.move(task, "withdraw_consent", by=await scene.participant())
    again = await web.post(f"/api/v1/referrals/{task}/moves", json=body, headers={"Idempotency-Key": "k"})
    assert again.status_code == 200
    assert shown({"": again.text}, LABEL, NOTE, PHONE, scene.case_code) == set()


async def test_lists_of_many_say_a_number_only_once_the_basis_has_run_out(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    task = await scene.sent(basis={**CONSENT, "until": in_days(1)})
    await scene.move(task, "waitlist", {"position": 1, "review_on": in_days(60)}, by=scene.intake)
    number = (await row_of(task))["number"]
    paths = (f"/api/v1/offers/{scene.offer}/line", "/referrals/intake")
    await sign_in_as(web, scene.partner, "partner_intake")
    for path in paths:
        assert scene.case_code in (await web.get(path)).text, path
    with clock.at(clock.now() + timedelta(days=2)):
        await sign_in_as(web, scene.partner, "partner_intake")
        for path in paths:
            text = (await web.get(path)).text
            assert number in text, path
            assert scene.case_code not in text, path
