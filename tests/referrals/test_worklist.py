"""Every task stands in exactly one box, the counts agree with the lists, and nothing incoming is lost."""

import asyncpg
import pytest

from referral_hub.referrals.actions import mark_seen
from referral_hub.referrals.queries import worklist
from referral_hub.referrals.worklist import BOXES
from referral_hub.referrals.worklist_asked import Asked
from tests.build import actor_for, make_offer
from tests.referrals.scene import ALONE, Scene, in_days, make_scene

pytestmark = pytest.mark.anyio


async def boxes(scene: Scene, by: str = "caseworker", **asked: object) -> dict[str, list[str]]:
    actor = getattr(scene, by)
    found = {}
    for box in BOXES:
        page = await worklist(actor, box=box, **asked)  # type: ignore[arg-type]
        assert page.counts[box] == page.total == len(page.items)
        assert all(item.box == box for item in page.items)
        found[box] = [str(item.id) for item in page.items]
    return found


async def test_each_task_stands_where_its_turn_is(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=20)
    drafted = str(await scene.draft())
    sent = str(await scene.sent())
    asked = await scene.sent()
    await scene.move(asked, "ask", {"question": "Kiedy?"}, by=scene.intake)
    accepted = str(await scene.accepted())
    declined = await scene.sent()
    await scene.move(declined, "decline", {"reason": "out_of_area"}, by=scene.intake)
    found = await boxes(scene)
    assert set(found["todo"]) == {str(asked), str(declined)}
    assert found["drafts"] == [drafted]
    assert found["waiting"] == [sent]
    assert found["under-way"] == [accepted]
    assert found["closed"] == []
    await mark_seen(declined, actor=scene.caseworker)
    assert (await boxes(scene))["closed"] == [str(declined)]
    incoming = await boxes(scene, "intake")
    assert incoming["todo"] == [sent]
    assert incoming["waiting"] == [str(asked)]
    assert incoming["under-way"] == [accepted]
    assert incoming["closed"] == [str(declined)]


async def test_a_receiver_has_neither_drafts_nor_people_who_go_alone(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    await scene.draft()
    await scene.sent(basis=ALONE)
    assert not any((await boxes(scene, "intake")).values())
    assert len((await boxes(scene))["waiting"]) == 1


async def test_what_was_sent_to_the_own_club_is_incoming_for_its_intake(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    own = await make_offer(scene.club, free=2)
    task = await scene.sent(offer=own)
    solo = await actor_for(scene.club, "partner_intake", "caseworker")
    page = await worklist(solo, box="todo")
    assert [(item.id, item.side) for item in page.items] == [(task, "incoming")]


async def test_ended_sharing_asks_the_sender_to_ask_the_person(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    await scene.move(task, "withdraw_consent", channel="person")
    assert (await boxes(scene))["todo"] == [str(task)]


async def test_mine_is_what_i_keep(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = str(await scene.sent())
    colleague = await actor_for(scene.club, "caseworker")
    assert (await boxes(scene, scope="mine"))["waiting"] == [task]
    assert (await worklist(colleague, box="waiting", scope="mine")).total == 0
    assert (await worklist(colleague, box="waiting", scope="institution")).total == 1


async def test_only_a_coordinator_looks_at_the_network(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    await scene.sent()
    other = await make_scene()
    await other.sent()
    coordinator = await actor_for(scene.club, "coordinator")
    assert (await worklist(coordinator, box="waiting", scope="network")).total == 2
    assert (await worklist(coordinator, box="waiting", scope="institution")).total == 1
    assert (await worklist(scene.caseworker, box="waiting", scope="network")).total == 1


async def test_pages_hold_everything_once(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=30)
    sent = {await scene.sent(priority=("ordinary", "urgent", "priority")[number % 3]) for number in range(7)}
    pages = [await worklist(scene.caseworker, box="waiting", page=number, per_page=3) for number in (1, 2, 3)]
    assert [len(page.items) for page in pages] == [3, 3, 1]
    assert {item.id for page in pages for item in page.items} == sent
    assert [item.priority for item in pages[0].items][:2] == ["urgent", "urgent"]
    assert pages[0].pages == 3


async def test_a_review_date_brings_a_waiting_person_back(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await scene.move(task, "waitlist", {"position": 2, "review_on": in_days(3)}, by=scene.intake)
    assert (await boxes(scene, "intake"))["waiting"] == [str(task)]


FILTERED = (Asked(), Asked(side="sent", late=True), Asked(need="prawo", priority="urgent", words="partner"))
"""The request is read for the last and left out for the others."""


async def test_counts_are_the_lengths_of_the_lists_for_every_role_and_filter(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=20)
    await scene.draft(priority="urgent")
    await scene.sent(priority="urgent")
    asked, declined = await scene.sent(), await scene.sent()
    await scene.move(asked, "ask", {"question": "Kiedy?"}, by=scene.intake)
    await scene.move(declined, "decline", {"reason": "out_of_area"}, by=scene.intake)
    await scene.accepted()
    await scene.sent(basis=ALONE)
    await scene.sent(offer=await make_offer(scene.club, free=2))
    coordinator, own_intake = [await actor_for(scene.club, role) for role in ("coordinator", "partner_intake")]
    looked = (
        (scene.caseworker, "institution", 7),
        (scene.caseworker, "mine", 7),
        (scene.intake, "institution", 4),
        (own_intake, "institution", 1),
        (coordinator, "network", 7),
    )
    for actor, scope, all_of_them in looked:
        for filters in FILTERED:
            lists = {box: await worklist(actor, box=box, scope=scope, asked=filters) for box in BOXES}
            tasks = [item.id for page in lists.values() for item in page.items]
            assert len(tasks) == len(set(tasks)), (actor.role, scope, filters)
            assert filters != Asked() or len(tasks) == all_of_them, (actor.role, scope)
            for page in lists.values():
                assert page.counts == {box: len(one.items) for box, one in lists.items()}, (actor.role, scope, filters)
