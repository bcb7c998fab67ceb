"""From a referral or from the street into the club, through effects to the end, and perhaps again."""

from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.errors import NotAllowed, NotFound, Refused, Stale
from referral_hub.participants.keeping import close_person
from referral_hub.participants.queries import disclosures_about, person_seen_by
from referral_hub.participation.actions import add_effect, change, end, reopen, start, void_effect
from referral_hub.participation.course import Described, Ended
from referral_hub.participation.queries import participation_seen_by, participations_seen_by
from referral_hub.participation.take_in_pages import TAKEN
from referral_hub.participation.taking_in import offered_person, take_in
from tests.build import actor_for, make_institution
from tests.participation.club import LABEL, make_club
from tests.referrals.scene import rows, value

pytestmark = pytest.mark.anyio


async def test_an_accepted_referral_becomes_a_person_of_our_own(database: asyncpg.Connection) -> None:
    club = await make_club()
    task = await club.sent()
    opened = (await offered_person(task, actor=club.worker, open_person=TAKEN)).referral.person
    assert opened["label"] == LABEL
    assert "gmina" not in opened
    described = Described(started_on=clock.today(), contract_number="KS/7", contract_on=clock.today())
    part = await take_in(task, {"label": LABEL, "sex": "K"}, described, actor=club.worker)
    seen = await participation_seen_by(club.worker, part)
    assert seen.came_by is not None
    assert (seen.came_by.task, seen.came_by.sender, seen.contract_number) == (task, "Ośrodek Próbny", "KS/7")
    assert (await person_seen_by(club.worker, seen.participant)).case_code == seen.case_code
    assert await value(
        "select count(*) from participant where id = $1 and institution = $2", seen.participant, club.club
    )
    lines = await disclosures_about(
        club.sender, await value("select participant from referral_task where id = $1", task)
    )
    assert [line.institution_name for line in lines if line.kind == "opened"] == ["Klub Próbny"]
    # A second press leads to the same.
    assert await take_in(task, {"label": LABEL, "sex": "K"}, described, actor=club.worker) == part
    assert await value("select count(*) from participation") == 1


async def test_whoever_also_answers_begins_the_referral_with_the_same_press(database: asyncpg.Connection) -> None:
    club = await make_club()
    task = await club.sent()
    solo = await actor_for(club.club, "coordinator", "caseworker", "partner_intake")
    await take_in(task, {"label": "A", "sex": "K"}, Described(started_on=clock.today()), actor=solo)
    assert await value("select state from referral_task where id = $1", task) == "in_progress"


async def test_nobody_is_taken_in_before_the_referral_is_accepted_or_by_others(database: asyncpg.Connection) -> None:
    club = await make_club()
    task = await club.sent(accepted=False)
    with pytest.raises(Refused, match="referral_is_not_accepted"):
        await take_in(task, {"label": "A", "sex": "K"}, Described(started_on=clock.today()), actor=club.worker)
    for stranger in (club.sender, await actor_for(await make_institution("Obcy", club=True), "caseworker")):
        with pytest.raises(NotFound):
            await offered_person(task, actor=stranger)
    for role in ("coordinator", "partner_intake", "partner_editor"):
        with pytest.raises(NotAllowed):
            await offered_person(task, actor=await actor_for(club.club, role))
    assert await value("select count(*) from participant where institution = $1", club.club) == 0


async def test_effects_are_dated_and_a_wrong_one_is_voided(database: asyncpg.Connection) -> None:
    club, today = await make_club(), clock.today()
    part = await club.part(await club.person(), today - timedelta(days=30))
    job = await add_effect(part, "zatrudnienie", today, actor=club.worker, source="partner")
    await add_effect(part, "wiezi", today - timedelta(days=3), actor=club.worker)
    for wrong, day in (("bez_efektu", today), ("nic", today), ("wiezi", today + timedelta(days=1))):
        with pytest.raises(Refused, match="invalid"):
            await add_effect(part, wrong, day, actor=club.worker)
    with pytest.raises(Refused, match="invalid"):
        await add_effect(part, "wiezi", today - timedelta(days=31), actor=club.worker)
    with pytest.raises(Refused, match="effect_known_already"):
        await add_effect(part, "zatrudnienie", today, actor=club.worker)
    await void_effect(part, job, actor=club.worker)
    await void_effect(part, job, actor=club.worker)
    seen = await participation_seen_by(club.worker, part)
    assert [(one.effect, one.voided_at is None) for one in seen.effects] == [("wiezi", True), ("zatrudnienie", False)]
    with pytest.raises(NotFound):
        await void_effect(part, uuid4(), actor=club.worker)


async def test_a_person_ends_and_comes_again_but_takes_part_once_at_a_time(database: asyncpg.Connection) -> None:
    club, today = await make_club(), clock.today()
    person = await club.person()
    part = await club.part(person, today - timedelta(days=60))
    with pytest.raises(Refused, match="takes_part_already"):
        await club.part(person)
    over = Ended(ended_on=today - timedelta(days=10), reason="completed", certificate_number="1/2026")
    with pytest.raises(Refused, match="invalid"):
        await end(part, over, actor=club.worker, version=1)
    over = Ended(ended_on=over.ended_on, reason="completed", certificate_number="1", certificate_on=over.ended_on)
    with pytest.raises(Stale):
        await end(part, over, actor=club.worker, version=9)
    await end(part, over, actor=club.worker, version=1)
    with pytest.raises(Refused, match="participation_is_over"):
        await end(part, over, actor=club.worker, version=2)
    with pytest.raises(Refused) as refusal:
        await club.part(person, today - timedelta(days=10))
    assert refusal.value.problems[0].code == "participation_overlaps"
    await club.part(person, today - timedelta(days=9))
    with pytest.raises(Refused, match="takes_part_already"):
        await reopen(part, actor=club.worker, version=2)
    assert (await participations_seen_by(club.worker)).total == 1
    assert (await participations_seen_by(club.worker, state="all")).total == 2
    assert (await participations_seen_by(club.worker, state="ended", year=today.year - 2)).total == 0


async def test_an_end_by_mistake_is_taken_back(database: asyncpg.Connection) -> None:
    club, today = await make_club(), clock.today()
    part = await club.part(await club.person(), today - timedelta(days=5))
    await end(part, Ended(ended_on=today, reason="job"), actor=club.worker, version=1)
    await reopen(part, actor=club.worker, version=2)
    seen = await participation_seen_by(club.worker, part)
    assert (seen.ended_on, seen.end_reason) == (None, "")


async def test_contract_and_group_are_put_right(database: asyncpg.Connection) -> None:
    club, today = await make_club(), clock.today()
    part = await club.part(await club.person(), today)
    both = Described(started_on=today, main_group="bezdomne", refused_group=True)
    with pytest.raises(Refused, match="invalid"):
        await change(part, both, actor=club.worker, version=1)
    await change(part, Described(started_on=today, refused_group=True), actor=club.worker, version=1)
    assert (await participation_seen_by(club.worker, part)).refused_group
    lines = await rows("select facts::text as facts from audit_event where event = 'participation:edit'")
    assert ["refused_group" in line["facts"] for line in lines] == [True]


async def test_only_a_club_has_people_taking_part(database: asyncpg.Connection) -> None:
    worker = await actor_for(await make_institution("Ośrodek", kind="ops"), "caseworker")
    club = await make_club()
    from referral_hub.participants.actions import register

    person = await register(actor=worker, label="Jan", sex="M")
    with pytest.raises(Refused, match="not_a_club"):
        await start(person.id, Described(started_on=clock.today()), actor=worker)
    with pytest.raises(NotFound):
        await start(person.id, Described(started_on=clock.today()), actor=club.worker)


async def test_others_do_not_see_it_and_the_coordinator_sees_a_code(database: asyncpg.Connection) -> None:
    club = await make_club()
    part = await club.part(await club.person(), main_group="uzal_alkohol")
    for stranger in (club.sender, await actor_for(await make_institution("Obcy", club=True), "caseworker")):
        with pytest.raises(NotFound):
            await participation_seen_by(stranger, part)
        assert (await participations_seen_by(stranger, state="all")).total == 0
    for role in ("partner_intake", "partner_editor", "dpo", "admin"):
        with pytest.raises(NotAllowed):
            await participation_seen_by(await actor_for(club.club, role), part)
    coordinator = await actor_for(club.club, "coordinator")
    seen = await participation_seen_by(coordinator, part)
    assert (seen.main_group, seen.edits) == ("", False)
    with pytest.raises(NotAllowed):
        await add_effect(part, "wiezi", clock.today(), actor=coordinator)


async def test_an_end_stays_where_the_entry_was_closed_since(database: asyncpg.Connection) -> None:
    club, today = await make_club(), clock.today()
    person = await club.person()
    part = await club.part(person, today - timedelta(days=5))
    await end(part, Ended(ended_on=today, reason="job"), actor=club.worker, version=1)
    await close_person(person, "goal_reached", actor=club.worker)
    with pytest.raises(Refused, match="person_is_closed"):
        await reopen(part, actor=club.worker, version=2)
