"""The network sets its own answer times: on a page, by priority and kind, for clocks that start afterwards, audited."""

import re
from datetime import UTC, date, datetime

import asyncpg
import httpx
import msgspec
import pytest

from referral_hub import clock
from referral_hub.directory.business_days import add_business_days, is_business_day
from referral_hub.errors import Refused
from referral_hub.referrals.clock_settings import PARTS, clock_row, clock_table, reset_clocks, set_clocks
from referral_hub.referrals.clocks import DEFAULT, Times, times_for
from referral_hub.referrals.line_queries import line_of
from tests.build import actor_for, make_institution, sign_in_as
from tests.referrals.scene import make_scene, row_of, rows, value

pytestmark = pytest.mark.anyio
QUICK = {"ordinary": Times(2, 4, 8, 4, 1, 2), "priority": Times(1, 2, 4), "urgent": Times(1, 1, 2)}


def test_the_nearest_setting_counts() -> None:
    own = {"pup": Times(7, 8, 9), "slow": Times(4, 5, 6), "": Times(1, 2, 3)}
    assert times_for(own, "ordinary", "pup", slow=True) == Times(7, 8, 9)
    assert times_for(own, "ordinary", "wup", slow=True) == Times(4, 5, 6)
    assert times_for(own, "ordinary", "ngo", slow=False) == Times(1, 2, 3)
    assert times_for({"": Times(1, 2, 3)}, "ordinary", "pup", slow=True) == DEFAULT.slow["ordinary"]
    assert times_for({}, "urgent", "ngo", slow=False) == DEFAULT.usual["urgent"]


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (date(2026, 4, 2), 2, date(2026, 4, 7)),  # Maundy Thursday: Friday works, Easter Monday does not
        (date(2026, 4, 30), 1, date(2026, 5, 4)),  # 1 May is a Friday, 3 May a Sunday
        (date(2027, 4, 30), 1, date(2027, 5, 4)),  # 3 May is a Monday
        (date(2025, 12, 23), 1, date(2025, 12, 29)),  # Christmas Eve is a holiday since 2025
        (date(2024, 12, 23), 1, date(2024, 12, 24)),
    ],
)
def test_clocks_jump_over_polish_holidays(start: date, days: int, due: date) -> None:
    assert add_business_days(start, days) == due
    assert is_business_day(due)


async def test_a_change_holds_for_clocks_that_start_afterwards(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=9)
    coordinator = await actor_for(scene.club, "coordinator")
    with clock.at(datetime(2026, 4, 2, 9, tzinfo=UTC)):  # over Easter
        before = await scene.sent()
        await set_clocks("", QUICK, actor=coordinator)
        after = await scene.sent()
    assert (await row_of(before))["due_on"] == date(2026, 4, 10)
    kept = await row_of(after)
    assert (kept["due_on"], kept["escalate_on"], kept["expire_on"]) == (
        date(2026, 4, 7),
        date(2026, 4, 9),
        date(2026, 4, 15),
    )
    line = (await rows("select facts, account from audit_event where event = 'clock:set'"))[0]
    facts = msgspec.json.decode(line["facts"])
    assert (facts["before"]["ordinary"], facts["after"]["ordinary"]) == ("5/10/20/3/3/5", "2/4/8/4/1/2")
    assert line["account"] == coordinator.account


async def test_one_kind_has_its_own_and_goes_back(database: asyncpg.Connection) -> None:
    coordinator = await actor_for(await make_institution("Klub", club=True), "coordinator")
    await set_clocks("pup", QUICK, actor=coordinator)
    assert [row.kind for row in await clock_table()] == ["", "slow", "pup"]
    assert (await clock_row("pup")).times["ordinary"] == QUICK["ordinary"]
    scene = await make_scene(kind="pup")
    sent = await row_of(await scene.sent())
    assert add_business_days(clock.today(), 2) == sent["due_on"]
    await reset_clocks("pup", actor=coordinator)
    assert not (await clock_row("pup")).own
    assert (await clock_row("pup")).times["ordinary"] == DEFAULT.slow["ordinary"]
    with pytest.raises(Refused):
        await set_clocks("", {**QUICK, "urgent": Times(5, 4, 3)}, actor=coordinator)


async def test_times_are_set_on_a_page_by_coordinator_and_administrator_only(web: httpx.AsyncClient) -> None:
    club = await make_institution("Klub", kind="kis", club=True)
    typed = {f"{priority}_{part}": str(getattr(times, part)) for priority, times in QUICK.items() for part in PARTS}
    for role, allowed in (("caseworker", 403), ("partner_intake", 403), ("coordinator", 200), ("admin", 200)):
        await sign_in_as(web, club, role)
        assert (await web.get("/settings")).status_code == allowed, role
        saved = await web.post("/settings/clocks", data={"kind": "", **typed})
        assert saved.status_code == (303 if allowed == 200 else 403), role
    shown = (await web.get("/settings")).text
    assert re.findall(r'data-label="[^"]*" class="number">(\d+)<', shown)[:6] == ["2", "4", "8", "4", "1", "2"]
    edit = await web.get("/settings/clocks?kind=slow")
    assert 'name="ordinary_answer"' in edit.text
    assert (await web.get("/settings/clocks?kind=nie_ma")).status_code == 404
    for wrong in (
        {"ordinary_answer": "0"},
        {"urgent_expire": "1", "urgent_escalate": "3"},
        {"ordinary_answer": "9" * 30},
        {"ordinary_kept": ""},
        {"priority_cancel_escalate": "6", "priority_cancel_expire": "5"},
    ):
        answer = await web.post("/settings/clocks", data={"kind": "", **typed, **wrong})
        assert answer.status_code == 422, wrong
        assert "-problem" in answer.text
    both = {"ordinary_answer": "0", "priority_cancel_expire": "1", "priority_cancel_escalate": "2"}
    told = (await web.post("/settings/clocks", data={"kind": "", **typed, **both})).text
    assert "Zwykła, Czas na odpowiedź: " in told, "which of three is wrong is said above them all"
    assert 'id="ordinary_answer-problem"' in told
    assert 'id="priority_cancel_expire-problem"' in told
    reset = await web.post("/settings/clocks/reset", data={"kind": ""})
    assert reset.status_code == 303
    assert await value("select count(*) from clock_setting") == 0


async def test_a_place_and_a_request_to_cancel_wait_as_the_network_says(database: asyncpg.Connection) -> None:
    with clock.at(datetime(2026, 4, 30, 9, tzinfo=UTC)):  # a Thursday before three free days
        scene = await make_scene(free=1, kind="pup")
        coordinator = await actor_for(scene.club, "coordinator")
        taken, first = await scene.accepted(), await scene.draft()
        await scene.move(first, "send", {"text": "poczeka"})
        await scene.move(first, "waitlist", {"position": 1, "review_on": "2026-06-30"}, by=scene.intake)
        await scene.move(taken, "request_cancel", {"reason": "declined_by_person"})
        assert ((row := await row_of(taken))["escalate_on"], row["expire_on"]) == (date(2026, 5, 6), date(2026, 5, 8))
        await set_clocks("pup", QUICK, actor=coordinator)
        assert await row_of(taken) == row, "what runs goes on as it was"
        await scene.move(taken, "keep")
        await scene.move(taken, "request_cancel", {"reason": "declined_by_person"})
        assert ((row := await row_of(taken))["escalate_on"], row["expire_on"]) == (date(2026, 5, 4), date(2026, 5, 5))
        await scene.move(taken, "agree_cancel", by=scene.intake)
        assert await value("select ends_on from place_offered") == date(2026, 5, 7)
        line = await line_of(scene.offer, scene.intake)
        assert line.kept_days == {"ordinary": 4, "priority": 3, "urgent": 3}
        await reset_clocks("pup", actor=coordinator)
        assert (await line_of(scene.offer, scene.intake)).kept_days == {"ordinary": 3, "priority": 2, "urgent": 1}
        assert await value("select ends_on from place_offered") == date(2026, 5, 7)


async def test_programs_read_set_and_take_back_with_the_right_of_the_page(web: httpx.AsyncClient) -> None:
    club = await make_institution("Klub", kind="kis", club=True)
    times = {priority: dict(zip(PARTS, (2, 4, 8, 4, 1, 2), strict=True)) for priority in QUICK}
    body = {"kind": "pup", "times": times}
    await sign_in_as(web, club, "caseworker")
    assert (await web.get("/api/v1/clocks")).status_code == 403
    assert (await web.put("/api/v1/clocks", json=body)).status_code == 403
    await sign_in_as(web, club, "coordinator")
    for _ in range(2):
        done = await web.put("/api/v1/clocks", json=body, headers={"Idempotency-Key": "clocks"})
        assert (done.status_code, done.json()) == (200, {"kind": "pup", "times": times, "own": True})
    assert await value("select count(*) from audit_event where event = 'clock:set'") == 1
    told = (await web.get("/api/v1/clocks")).json()["clocks"]
    assert [one["kind"] for one in told] == ["", "slow", "pup"]
    assert told[0]["times"]["urgent"] == dict(zip(PARTS, (1, 2, 5, 1, 3, 5), strict=True))
    wrong = {**times, "ordinary": {**times["ordinary"], "escalate": 1, "cancel_expire": 0}}
    refused = await web.put("/api/v1/clocks", json={"kind": "pup", "times": wrong})
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json()["problems"]] == ["times.ordinary.cancel_expire"]
    wrong["ordinary"]["cancel_expire"] = 1
    refused = await web.put("/api/v1/clocks", json={"kind": "pup", "times": wrong})
    assert [one["field"] for one in refused.json()["problems"]] == ["times.ordinary.escalate"]
    assert (await web.put("/api/v1/clocks", json={**body, "kind": "nie_ma"})).status_code == 404
    gone = await web.delete("/api/v1/clocks?kind=pup")
    assert (gone.status_code, gone.json()["own"]) == (200, False)
    assert await value("select count(*) from clock_setting") == 0
