"""A freed place goes along the waiting list, in the transaction that frees it; nobody is passed by unsaid."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient

from referral_hub import clock
from referral_hub.directory.actions import Said, report_reading
from referral_hub.directory.told_places import follow_places
from referral_hub.errors import NotAllowed, NotFound, Refused
from referral_hub.referrals.line_queries import line_of, own_place
from referral_hub.referrals.passing import pass_place
from referral_hub.referrals.standing import keep_told_places
from referral_hub.referrals.sweep import run_clocks
from tests.build import actor_for, sign_in_as
from tests.referrals.scene import LABEL, Scene, in_days, make_scene, places_of, row_of, rows, state_of, value

pytestmark = pytest.mark.anyio
WAIT = {"position": 1, "review_on": in_days(300)}


async def waiting(scene: Scene, *priorities: str) -> list[UUID]:
    """People on the list, in the order they came onto it, a minute apart; no place is free."""
    tasks, start = [], clock.now()
    for number, priority in enumerate(priorities):
        with clock.at(start + timedelta(minutes=number)):
            task = await scene.draft(priority=priority)
            await scene.move(task, "send", {"text": "poczeka"})
            await scene.move(task, "waitlist", WAIT, by=scene.intake)
            tasks.append(task)
    return tasks


async def full_scene() -> tuple[Scene, UUID]:
    """One place, taken."""
    scene = await make_scene(free=1)
    return scene, await scene.accepted()


async def kept_for(offer: UUID) -> list[UUID]:
    return [row["task"] for row in await rows("select task from place_offered where offer = $1 and answer = ''", offer)]


async def test_a_freed_place_is_kept_for_the_most_urgent_who_waits_longest(database: asyncpg.Connection) -> None:
    scene, taken = await full_scene()
    _, _, urgent, _ = await waiting(scene, "ordinary", "priority", "urgent", "urgent")
    await scene.move(taken, "fail", {"reason": "no_show"}, by=scene.intake)
    assert await kept_for(scene.offer) == [urgent]
    assert await places_of(scene.offer) == (1, 1, 0)
    late = await scene.draft()
    with pytest.raises(Refused):
        await scene.move(late, "send")


@pytest.mark.parametrize("end", ["decline", "withdraw", "pass", "lapse"])
async def test_a_place_not_taken_goes_on_to_the_next(database: asyncpg.Connection, end: str) -> None:
    scene, taken = await full_scene()
    first, second, third = await waiting(scene, "ordinary", "ordinary", "ordinary")
    await scene.move(taken, "decline", {"reason": "no_show"}, by=scene.intake)
    assert await kept_for(scene.offer) == [first]
    if end == "decline":
        await scene.move(first, "decline", {"reason": "not_eligible"}, by=scene.intake)
    elif end == "withdraw":
        await scene.move(first, "withdraw", {"reason": "need_met_elsewhere"})
    elif end == "pass":
        kept = await value("select id from place_offered where task = $1", first)
        await pass_place(first, kept, actor=scene.caseworker)
        with pytest.raises(Refused, match="place_has_gone"):
            await pass_place(first, kept, actor=scene.caseworker)
    else:
        with clock.at(clock.now() + timedelta(days=9)):
            await run_clocks()
            assert await kept_for(scene.offer) == [second]
            await run_clocks()
    assert await kept_for(scene.offer) == [second]
    assert await places_of(scene.offer) == (1, 1, 0)
    if end in ("pass", "lapse"):
        assert await state_of(first) == "waitlisted"
        own = await own_place(first, scene.caseworker)
        assert own is not None
        assert own.place is not None
        assert (own.place.position, own.place.of) == (1, 3)
        assert [one.answer for one in own.before] == ["passed" if end == "pass" else "lapsed"]
        told = "select count(*) from audit_event where event = $2 and subject = $1"
        assert await value(told, first, "place:pass" if end == "pass" else "place:lapse") == 1
    assert third is not None


async def test_a_place_nobody_takes_is_free_for_anybody_and_nobody_loses_the_line(database: asyncpg.Connection) -> None:
    scene, taken = await full_scene()
    tasks = await waiting(scene, "ordinary", "ordinary")
    await scene.move(taken, "decline", {"reason": "no_show"}, by=scene.intake)
    for task in tasks:
        await pass_place(task, await value("select id from place_offered where answer = ''"), actor=scene.caseworker)
        assert await state_of(task) == "waitlisted"
    assert await kept_for(scene.offer) == []
    await run_clocks()
    assert await kept_for(scene.offer) == []
    assert await places_of(scene.offer) == (1, 0, 0)
    with clock.at(clock.now() + timedelta(days=9)):
        await run_clocks()
        assert await kept_for(scene.offer) == [tasks[0]]


async def test_accepting_takes_the_kept_place(database: asyncpg.Connection) -> None:
    scene, taken = await full_scene()
    (first,) = await waiting(scene, "ordinary")
    await scene.move(taken, "fail", {"reason": "no_show"}, by=scene.intake)
    await scene.move(first, "accept", by=scene.intake)
    assert await places_of(scene.offer) == (1, 0, 1)
    assert await value("select answer from place_offered where task = $1", first) == "taken"


async def test_taking_somebody_before_their_turn_needs_a_reason_that_stays(database: asyncpg.Connection) -> None:
    scene, taken = await full_scene()
    first, second, third = await waiting(scene, "ordinary", "ordinary", "ordinary")
    await scene.move(taken, "fail", {"reason": "no_show"}, by=scene.intake)
    with pytest.raises(Refused, match="line_is_kept"):
        await scene.move(third, "accept", by=scene.intake)
    await scene.move(third, "accept", {"out_of_order": "place_fits"}, by=scene.intake)
    assert await places_of(scene.offer) == (1, 0, 1)
    assert await value("select answer from place_offered where task = $1", first) == "gone"
    line = await line_of(scene.offer, scene.intake)
    assert [row.task for row in line.rows] == [first, second]
    assert [one.why for one in line.before_others] == ["place_fits"]
    own = await own_place(first, scene.caseworker)
    assert own is not None
    assert own.passed_by == 1


async def test_the_only_place_kept_for_another_is_not_taken_without_a_reason(database: asyncpg.Connection) -> None:
    scene, taken = await full_scene()
    first, second = await waiting(scene, "ordinary", "ordinary")
    await scene.move(taken, "fail", {"reason": "no_show"}, by=scene.intake)
    with pytest.raises(Refused, match="line_is_kept"):
        await scene.move(second, "accept", by=scene.intake)
    await scene.move(second, "accept", {"out_of_order": "acute"}, by=scene.intake)
    assert [await state_of(first), await state_of(second)] == ["waitlisted", "accepted"]
    assert await places_of(scene.offer) == (1, 0, 1)


async def test_a_reason_without_anybody_passed_by_is_not_written_down(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=1)
    task = await scene.sent()
    await scene.move(task, "accept", {"out_of_order": "acute"}, by=scene.intake)
    assert await value("select facts->>'out_of_order' from task_event where verb = 'accept'") is None


async def test_a_number_told_is_offered_to_the_line_at_once(database: asyncpg.Connection) -> None:
    follow_places((keep_told_places,))
    scene, _ = await full_scene()
    tasks = await waiting(scene, "ordinary", "urgent", "ordinary")
    editor = await actor_for(scene.partner, "partner_editor")
    with clock.at(clock.now() + timedelta(hours=1)):
        await report_reading(scene.offer, Said(free=2), actor=editor)
        assert sorted(await kept_for(scene.offer)) == sorted([tasks[1], tasks[0]])
        assert await places_of(scene.offer) == (2, 2, 0)


async def test_both_sides_are_told_by_number_only(database: asyncpg.Connection) -> None:
    scene, taken = await full_scene()
    await waiting(scene, "ordinary")
    await scene.move(taken, "fail", {"reason": "no_show"}, by=scene.intake)
    told = await rows("select payload->>'to' as sent_to from job where payload->>'template' = 'place_kept'")
    assert len({row["sent_to"] for row in told}) == 2


async def test_nobody_waiting_is_dropped_by_silence(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=1)
    task = await scene.sent()
    await scene.move(task, "waitlist", {"position": 1, "review_on": in_days(3)}, by=scene.intake)
    escalated = 0
    for turns in range(1, 12):
        with clock.at(clock.now() + timedelta(days=12 * turns)):
            await run_clocks()
            escalated = await value("select count(*) from task_event where task = $1 and verb = 'escalate'", task)
            assert await state_of(task) == "waitlisted"
    assert escalated >= 10
    assert (await row_of(task))["waiting_since"] is not None


async def test_who_may_not_see_the_line_does_not(database: asyncpg.Connection, web: AsyncClient) -> None:
    scene, _ = await full_scene()
    (first,) = await waiting(scene, "ordinary")
    stranger = await make_scene(free=1)
    for actor in (stranger.intake, scene.caseworker, stranger.caseworker):
        with pytest.raises(NotFound):
            await line_of(scene.offer, actor)
    assert await own_place(first, stranger.caseworker) is None
    both = await line_of(scene.offer, await actor_for(scene.club, "partner_intake", "coordinator"))
    assert [row.task for row in both.rows] == [first]
    editor = await line_of(scene.offer, await actor_for(scene.partner, "partner_editor"))
    assert (editor.waiting, editor.rows) == (1, [])
    with pytest.raises(NotAllowed):
        await pass_place(first, first, actor=scene.intake)
    mine = await own_place(first, await scene.participant())
    assert mine is not None
    assert mine.place is not None
    assert mine.place.position == 1


async def test_the_pages_say_the_place_and_pass_it_on(database: asyncpg.Connection, web: AsyncClient) -> None:
    scene, taken = await full_scene()
    first, second = await waiting(scene, "ordinary", "ordinary")
    await scene.move(taken, "fail", {"reason": "no_show"}, by=scene.intake)
    await sign_in_as(web, scene.partner, "partner_intake")
    shown = (await web.get(f"/my-offers/{scene.offer}/line")).text
    numbers = [(await row_of(task))["number"] for task in (first, second)]
    assert shown.index(numbers[0]) < shown.index(numbers[1])
    assert "Przed tą osobą" not in shown
    assert LABEL not in shown
    assert "Poza kolejnością" in shown
    told = (await web.get(f"/api/v1/offers/{scene.offer}/line")).json()
    assert [row["number"] for row in told["rows"]] == numbers
    assert "/line" in (await web.get(f"/referrals/{second}")).text
    await sign_in_as(web, scene.club, "caseworker")
    page = (await web.get(f"/referrals/{first}")).text
    assert "Nie teraz: osoba czeka dalej" in page
    kept = await value("select id from place_offered where task = $1", first)
    assert (await web.post(f"/referrals/{first}/place", data={"kept": str(kept)})).status_code == 303
    assert await kept_for(scene.offer) == [second]
    again = await web.post(f"/referrals/{first}/place", data={"kept": "nic"})
    assert again.headers["location"].endswith("place_gone")
    after = (await web.get(f"/referrals/{first}?done=place_passed")).text
    assert "nie teraz: miejsce dostała następna osoba" in after
    assert (await web.get(f"/my-offers/{scene.offer}/line")).status_code == 403
