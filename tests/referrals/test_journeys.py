"""Whole journeys against PostgreSQL: every move changes state, places, access, history and audit together."""

from datetime import timedelta

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.participants.actions import register
from referral_hub.referrals.actions import mark_seen, perform
from referral_hub.referrals.queries import referral
from tests.build import actor_for, make_institution, make_offer
from tests.referrals.scene import (
    ALONE,
    LABEL,
    in_days,
    make_scene,
    places_of,
    row_of,
    rows,
    state_of,
    value,
    version_of,
)

pytestmark = pytest.mark.anyio


async def test_a_referral_travels_there_and_back(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent(note="Szuka pomocy od maja.")
    assert await places_of(scene.offer) == (2, 1, 0)
    early = await scene.seen(task, scene.intake)
    assert early.person == {"case_code": scene.case_code, "need": "prawo", "priority": "ordinary"}
    await scene.move(task, "accept", {"date": in_days(2)}, by=scene.intake)
    assert await places_of(scene.offer) == (2, 0, 1)
    seen = await scene.seen(task, scene.intake)
    assert seen.person["label"] == LABEL
    assert seen.person["note"] == "Szuka pomocy od maja."
    assert "gmina" not in seen.person
    assert "groups" not in seen.person
    await scene.move(task, "schedule", {"date": in_days(0), "place": "pokój 4"}, by=scene.intake)
    await scene.move(task, "attend", {"attendance": "came"}, by=scene.intake)
    await scene.move(task, "start", {"date": in_days(0)}, by=scene.intake)
    await scene.move(task, "deliver", {"outcome": "dlugi", "date": in_days(0), "hours": 3}, by=scene.intake)
    assert await places_of(scene.offer) == (2, 0, 0)
    done = await scene.seen(task)
    assert (done.state, done.ending.outcome, done.ending.source) == ("delivered", "dlugi", "receiver")
    assert not done.loop_closed
    await mark_seen(task, actor=scene.caseworker)
    assert (await scene.seen(task)).loop_closed
    assert (await scene.seen(task, scene.intake)).person == {"case_code": scene.case_code}
    assert [line.after for line in done.timeline] == [
        "draft", "sent", "accepted", "scheduled", "scheduled", "in_progress", "delivered",
    ]  # fmt: skip


async def test_every_move_leaves_history_and_audit(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    lines = await rows("select verb, version from task_event where task = $1 order by version", task)
    assert [(line["verb"], line["version"]) for line in lines] == [("create", 1), ("send", 2), ("accept", 3)]
    events = await rows("select event from audit_event where subject = $1 order by id", task)
    assert [row["event"] for row in events] == ["referral:draft", "referral:send", "referral:accept"]


async def test_a_refused_move_leaves_nothing_behind(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    before = await row_of(task), await places_of(scene.offer)
    counts = "select (select count(*) from task_event), (select count(*) from audit_event), (select count(*) from job)"
    counted = tuple((await rows(counts))[0])
    with pytest.raises(Refused) as refusal:
        await scene.move(task, "decline", {"reason": "other"}, by=scene.intake)
    assert refusal.value.code == "other_reason_is_described"
    assert [problem.field for problem in refusal.value.problems] == ["text"]
    assert (await row_of(task), await places_of(scene.offer)) == before
    assert tuple((await rows(counts))[0]) == counted


async def test_a_question_goes_back_and_forth_and_the_hold_stays(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await scene.move(task, "ask", {"question": "Czy osoba ma dokumenty?"}, by=scene.intake)
    row = await row_of(task)
    assert (row["state"], row["clock"], row["days_left"]) == ("info_needed", "SND", 5)
    assert await value("select ends_on from hold where task = $1", task) is None
    await scene.move(task, "answer", {"answer": "Tak, ma."})
    row = await row_of(task)
    assert (row["state"], row["clock"]) == ("sent", "RCV")
    assert await value("select ends_on from hold where task = $1", task) == row["due_on"]
    assert await places_of(scene.offer) == (2, 1, 0)
    lines = (await scene.seen(task, scene.intake)).timeline
    assert [line.words for line in lines if line.words] == [
        {"question": "Czy osoba ma dokumenty?"},
        {"answer": "Tak, ma."},
    ]


async def test_a_waiting_list_frees_the_hold_and_takes_a_place_later(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=1)
    task = await scene.sent()
    fields = {"position": 3, "review_on": in_days(30)}
    await scene.move(task, "waitlist", fields, by=scene.intake)
    assert await places_of(scene.offer) == (1, 0, 0)
    other = await scene.accepted()
    with pytest.raises(Refused) as refusal:
        await scene.move(task, "accept", by=scene.intake)
    assert refusal.value.code == "no_place"
    await scene.move(other, "deliver", {"outcome": "dlugi", "date": in_days(0)}, by=scene.intake)
    await scene.move(task, "accept", by=scene.intake)
    assert await places_of(scene.offer) == (1, 0, 1)


async def test_an_offer_without_a_reading_needs_no_place(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=None)
    task = await scene.accepted()
    assert await state_of(task) == "accepted"
    assert await value("select count(*) from hold") == 0


async def test_no_places_are_sent_to_only_with_a_reason(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=0)
    task = await scene.draft()
    with pytest.raises(Refused) as refusal:
        await scene.move(task, "send")
    assert refusal.value.code == "offer_is_sendable"
    await scene.move(task, "send", {"text": "Dzwoniłam, przyjmą mimo to."})
    row = await row_of(task)
    assert (row["state"], row["override_reason"]) == ("sent", "Dzwoniłam, przyjmą mimo to.")
    assert await places_of(scene.offer) == (0, 0, 0)


async def test_stale_numbers_stop_sending(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    with clock.at(clock.now() + timedelta(days=300)):
        task = await scene.draft()
        with pytest.raises(Refused, match="offer_is_sendable"):
            await scene.move(task, "send")


async def test_on_hold_a_place_is_freed_by_policy_and_taken_again(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=1, keeps_place_on_hold=False)
    task = await scene.accepted()
    hold = {"reason": "no_longer_possible", "review_on": in_days(14)}
    await scene.move(task, "hold", hold, by=scene.intake)
    assert await places_of(scene.offer) == (1, 0, 0)
    other = await scene.accepted()
    with pytest.raises(Refused, match="place_can_be_taken_again"):
        await scene.move(task, "resume", by=scene.intake)
    await scene.move(other, "decline", {"reason": "wrong_service"}, by=scene.intake)
    await scene.move(task, "resume", by=scene.intake)
    assert await places_of(scene.offer) == (1, 0, 1)
    kept = await make_scene(free=1, keeps_place_on_hold=True)
    task = await kept.accepted()
    await kept.move(task, "hold", hold, by=kept.intake)
    assert await places_of(kept.offer) == (1, 0, 1)


async def test_a_place_taken_under_an_older_reading_does_not_come_back(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=2)
    task = await scene.accepted()
    reading = await value(
        """insert into capacity_reading (id, offer, as_of, recorded_at, source, free)
        values (gen_random_uuid(), $1, $2, $2, 'declared', 4) returning id""",
        scene.offer,
        clock.now(),
    )
    await database.execute(
        "update offer_places set reading = $2, free = 4, taken_since = 0 where offer = $1", scene.offer, reading
    )
    await scene.move(task, "deliver", {"outcome": "dlugi", "date": in_days(0)}, by=scene.intake)
    assert await places_of(scene.offer) == (4, 0, 0)


async def test_the_receiver_answers_by_phone_and_the_sender_writes_it_down(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await scene.move(task, "accept", {"date": in_days(3)}, channel="phone")
    question = "select party, channel, institution from task_event where task = $1 and verb = 'accept'"
    line = (await rows(question, task))[0]
    assert (line["party"], line["channel"], line["institution"]) == ("RCV", "phone", scene.club)
    assert (await scene.seen(task)).appointment_at == in_days(3)
    jobs = await value("select count(*) from job where payload->>'template' = 'referral_news'")
    assert jobs == 0


async def test_a_guest_answers_once_by_link(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    guest = await scene.guest(task)
    assert (await referral(guest, task)).person["case_code"] == scene.case_code
    await scene.move(task, "accept", by=guest)
    assert (await referral(guest, task)).person["label"] == LABEL
    with pytest.raises(Refused) as refusal:
        await scene.move(task, "schedule", {"date": in_days(2)}, by=guest)
    assert refusal.value.code == "link_used"
    other = await scene.sent()
    with pytest.raises(NotFound):
        await referral(guest, other)
    with pytest.raises(NotFound):
        await scene.move(other, "accept", by=guest)


async def test_a_link_is_not_used_up_by_a_refused_answer(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    guest = await scene.guest(task)
    with pytest.raises(Refused):
        await scene.move(task, "decline", {}, by=guest)
    await scene.move(task, "accept", by=guest)
    assert await state_of(task) == "accepted"


async def test_the_persons_word_can_say_that_nothing_came_of_it(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent(basis=ALONE)
    await scene.move(task, "fail", {"reason": "no_show"}, channel="person")
    assert await state_of(task) == "not_delivered"


async def test_accepting_what_was_withdrawn_is_stale_and_then_refused(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    looked_at = await version_of(task)
    await scene.move(task, "withdraw", {"reason": "need_met_elsewhere"})
    with pytest.raises(Stale):
        await scene.move(task, "accept", by=scene.intake, version=looked_at)
    with pytest.raises(Refused) as refusal:
        await scene.move(task, "accept", by=scene.intake)
    assert refusal.value.code == "move_is_not_open"


async def test_a_stale_version_is_refused_before_anything_else(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    for version in (1, 3, 0, -5):
        with pytest.raises(Stale):
            await scene.move(task, "accept", by=scene.intake, version=version)


async def test_the_solo_club_answers_what_it_sent_to_itself(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    solo = await actor_for(scene.club, "caseworker", "coordinator", "partner_intake")
    own_offer = await make_offer(scene.club, free=3)
    task = await scene.sent(offer=own_offer)
    verbs = {move.row.verb for move in (await referral(solo, task)).moves}
    assert {"accept", "withdraw", "void"} <= verbs
    await scene.move(task, "accept", by=solo.acting_as("coordinator"))
    line = (await rows("select party, channel from task_event where task = $1 and verb = 'accept'", task))[0]
    assert (line["party"], line["channel"]) == ("RCV", "self")


async def test_a_decline_proposes_a_full_reading_and_leaves_an_unmet_need(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await scene.move(task, "decline", {"reason": "no_capacity"}, by=scene.intake)
    assert (await scene.seen(task, scene.intake)).suggests_full_reading
    need = (await rows("select institution, need, gmina, why from unmet_need"))[0]
    assert tuple(need) == (scene.club, "prawo", "126301", "no_places")
    assert await value("select state from referral_request") == "closed"


async def test_an_institution_without_an_agreement_cannot_send(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    other = await make_institution("Bez porozumienia", kind="kis")
    caseworker = await actor_for(other, "caseworker")
    person = await register(actor=caseworker, label="Ktoś", sex="not_stated")
    task = await scene.draft(actor=caseworker, person=person.id)
    with pytest.raises(Refused, match="sender_is_bound"):
        await scene.move(task, "send", by=caseworker)


async def test_unknown_verbs_and_channels_are_problems(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    for changes, field in (
        ({"verb": "explode"}, "verb"),
        ({"verb": "create"}, "verb"),
        ({"verb": "accept", "channel": "fax"}, "channel"),
    ):
        with pytest.raises(Refused) as refusal:
            await perform(task, actor=scene.caseworker, version=2, **changes)
        assert [problem.field for problem in refusal.value.problems] == [field]
