"""Entries are handed over, closed and merged; what belongs to a person follows, and nobody else is told who it is."""

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.links import actor_of_link, make_link
from referral_hub.accounts.open_work import Leaving
from referral_hub.caseload.undo import undo_removal
from referral_hub.database.transaction import SYSTEM
from referral_hub.errors import NotAllowed, NotFound, Refused
from referral_hub.participants.actions import open_person, register
from referral_hub.participants.keeping import (
    close_person,
    hand_over,
    hand_over_all,
    keepers_beside,
    kept_with_people,
    left_behind,
    reopen_person,
)
from referral_hub.participants.merging import STAYS, merge_people, moving
from referral_hub.participants.open_work import people_kept
from referral_hub.participants.queries import disclosures_about, people_seen_by, person_seen_by
from referral_hub.participants.safe_contact import SafeContact
from referral_hub.paths.actions import Head, close_path, reopen_path, start_path
from tests.build import actor_for, make_institution
from tests.referrals.scene import LABEL, Scene, make_scene, rows, value

pytestmark = pytest.mark.anyio


async def test_the_keeper_of_referrals_follows_the_person(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    heir = await actor_for(scene.club, "caseworker")
    assert await hand_over([scene.person], to=heir.account, actor=scene.caseworker) == 1  # type: ignore[arg-type]
    assert (await person_seen_by(heir, scene.person)).keeper == heir.account
    assert await value("select keeper from referral_task where id = $1", task) == heir.account
    assert await value("select keeper from referral_request") == heir.account
    assert (await people_seen_by(heir, mine=True)).total == 1
    (mail,) = await rows("select payload::text as payload from job where payload::text like '%people_handed_over%'")
    assert LABEL not in mail["payload"]
    assert scene.case_code not in mail["payload"]
    assert await hand_over([scene.person], to=heir.account, actor=scene.caseworker) == 0


async def test_everything_of_a_leaver_goes_and_the_coordinator_needs_no_name(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    leaver, heir = scene.caseworker, await actor_for(scene.club, "caseworker")
    other = await register(actor=heir, label="Inna", sex="K")
    await scene.sent()
    of_others = await scene.draft(person=other.id)
    leaving = Leaving(leaver.account, scene.club, ("caseworker",))  # type: ignore[arg-type]
    found = await people_kept(leaving)
    assert found is not None
    assert found.count == 1
    coordinator = await actor_for(scene.club, "coordinator")
    assert {one.people for one in await keepers_beside(coordinator)} == {1}
    assert await left_behind(coordinator) == 0
    await database.execute("update account set active = false where id = $1", leaver.account)
    assert await left_behind(coordinator) == 1, "an account that has ended keeps nobody"
    assert await hand_over_all(leaver.account, to=heir.account, actor=coordinator) == 1  # type: ignore[arg-type]
    assert await value("select count(*) from participant where keeper = $1", heir.account) == 2
    assert await value("select count(*) from referral_task where keeper = $1", leaver.account) == 0
    assert await value("select keeper from referral_task where id = $1", of_others) == heir.account
    handed = "select count(*) from audit_event where event = 'person:hand_over' and subject = $1"
    assert await value(handed, leaver.account) == 1, "what was kept for people of others is in the trail as well"


async def test_nobody_hands_over_to_or_from_another_institution(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    stranger = await actor_for(await make_institution("Obcy"), "caseworker")
    heir = await actor_for(scene.club, "caseworker")
    with pytest.raises(Refused, match="invalid"):
        await hand_over([scene.person], to=stranger.account, actor=scene.caseworker)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await hand_over([scene.person], to=stranger.account, actor=stranger)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        await hand_over([scene.person], to=heir.account, actor=await actor_for(scene.club, "partner_intake"))  # type: ignore[arg-type]
    assert {"participation", "referral_request", "referral_task"} <= set(kept_with_people())


async def test_closing_waits_for_what_goes_on_and_goes_out_of_the_way(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    with pytest.raises(Refused, match="work_goes_on"):
        await close_person(scene.person, "goal_reached", actor=scene.caseworker)
    await scene.move(task, "withdraw", {"reason": "declined_by_person"})
    with pytest.raises(Refused, match="invalid"):
        await close_person(scene.person, "bo tak", actor=scene.caseworker)
    await close_person(scene.person, "goal_reached", actor=scene.caseworker)
    assert (await people_seen_by(scene.caseworker)).total == 0
    assert (await people_seen_by(scene.caseworker, closed=True)).total == 1
    assert (await people_seen_by(scene.caseworker, label=scene.case_code)).total == 1
    await reopen_person(scene.person, actor=scene.caseworker)
    assert (await people_seen_by(scene.caseworker)).total == 1
    with pytest.raises(NotFound):
        await close_person(scene.person, "other", actor=await actor_for(await make_institution(), "caseworker"))


async def _twice(scene: Scene) -> tuple[Actor, Actor]:
    """The holder of a link to the first entry, and the worker."""
    _, link = await make_link("p", by=SYSTEM, subject=scene.person)
    return actor_of_link(link), scene.caseworker


async def test_merging_moves_everything_and_the_old_id_leads_on(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    holder, worker = await _twice(scene)
    task = await scene.sent()
    await open_person(scene.person, actor=worker, purpose="rozmowa")
    safe = SafeContact(channel="sms", hours="9–12", neutral_sender=True)
    kept = await register(actor=worker, label=LABEL, sex="not_stated", needs=["praca"], safe_contact=safe)
    await merge_people(kept.id, scene.person, actor=worker)
    for place in moving():
        left = await value(f"select count(*) from {place.table} where {place.column} = $1", scene.person)
        assert left == 0, place.name
    assert await value("select participant from referral_task where id = $1", task) == kept.id
    opened = await open_person(kept.id, actor=worker)
    assert (opened.contact, opened.sex, opened.gmina, opened.groups) == ("600 700 800", "K", "126301", ("bezdomne",))
    assert opened.safe_contact == safe
    assert (await person_seen_by(worker, scene.person)).id == kept.id
    found = await people_seen_by(worker, label=scene.case_code)
    assert [row.id for row in found.items] == [kept.id]
    assert "rozmowa" in [line.purpose for line in await disclosures_about(worker, kept.id)]
    with pytest.raises(NotFound):
        await open_person(scene.person, actor=worker)
    row = (await rows("select * from participant where id = $1", scene.person))[0]
    assert (row["contact_sealed"], row["groups_sealed"], row["needs"]) == (None, None, [])
    # The person's link reads the lines of both entries.
    assert await value("select subject from link where kind = 'p'") == kept.id
    own = Actor(kind="participant", role="participant", participant=kept.id, link=holder.link)
    assert "rozmowa" in [line.purpose for line in await disclosures_about(own, kept.id)]


async def test_a_merge_keeps_the_more_careful_way_of_contact_of_both(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    easy = SafeContact(channel="sms", words="po południu")
    kept = await register(actor=scene.caseworker, label="A", sex="K", safe_contact=easy)
    careful = SafeContact(channel="never", neutral_sender=True, words="nie dzwonić")
    other = await register(actor=scene.caseworker, label="B", sex="K", safe_contact=careful)
    await merge_people(kept.id, other.id, actor=scene.caseworker)
    found = (await open_person(kept.id, actor=scene.caseworker)).safe_contact
    assert found == SafeContact(channel="never", neutral_sender=True, words="po południu; nie dzwonić")


async def test_only_entries_of_one_institution_become_one(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    stranger = await actor_for(await make_institution("Obcy"), "caseworker")
    theirs = await register(actor=stranger, label=LABEL, sex="K")
    assert theirs.same_label == ()
    for actor in (scene.caseworker, stranger):
        with pytest.raises(NotFound):
            await merge_people(scene.person, theirs.id, actor=actor)
    with pytest.raises(Refused, match="invalid"):
        await merge_people(scene.person, scene.person, actor=scene.caseworker)
    with pytest.raises(NotAllowed):
        await merge_people(scene.person, theirs.id, actor=await actor_for(scene.club, "coordinator"))


def test_what_stays_in_a_merge_is_there_and_nothing_else_is_left_out() -> None:
    assert set(STAYS) == {"disclosure.participant"}
    assert {"participation.participant", "legal_basis.participant", "support_path.participant"} <= {
        place.name for place in moving()
    }
    assert clock.today()


async def test_no_referral_begins_on_a_closed_or_merged_entry(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    twin = await register(actor=scene.caseworker, label="Żaneta P.", sex="K")
    await close_person(scene.person, "moved_away", actor=scene.caseworker)
    with pytest.raises(NotFound):
        await scene.draft()
    await reopen_person(scene.person, actor=scene.caseworker)
    await merge_people(twin.id, scene.person, actor=scene.caseworker)
    with pytest.raises(NotFound):
        await scene.draft()
    assert await scene.draft(person=twin.id)


async def test_what_had_ended_does_not_begin_anew_on_a_closed_entry(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task, thrown_away = await scene.sent(), await scene.draft()
    await scene.move(task, "withdraw", {"reason": "need_met_elsewhere"})
    await scene.move(thrown_away, "void")
    path = await start_path(scene.person, actor=scene.caseworker, head=Head())
    await close_path(path, actor=scene.caseworker, version=1, result="reached")
    await close_person(scene.person, "goes_elsewhere", actor=scene.caseworker)
    for attempt in (
        scene.move(task, "reroute", {"offer": str(scene.offer)}),
        undo_removal(thrown_away, actor=scene.caseworker),
        start_path(scene.person, actor=scene.caseworker, head=Head()),
        reopen_path(path, actor=scene.caseworker, version=2),
    ):
        with pytest.raises(Refused, match="person_is_closed"):
            await attempt
    assert await value("select count(*) from referral_task") == 2


async def test_a_closed_entry_that_takes_over_an_open_one_is_open_again(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    await scene.sent()
    kept = await register(actor=scene.caseworker, label="Ta Sama", sex="K")
    await close_person(kept.id, "moved_away", actor=scene.caseworker)
    await merge_people(kept.id, scene.person, actor=scene.caseworker)
    assert (await person_seen_by(scene.caseworker, kept.id)).closed_at is None
