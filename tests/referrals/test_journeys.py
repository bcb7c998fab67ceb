"""Whole journeys against PostgreSQL: every move changes state, places, access, history and audit together."""

from datetime import timedelta

import asyncpg
import msgspec
import pytest

from referral_hub import clock
from referral_hub.errors import NotAllowed, NotFound, Refused, Stale
from referral_hub.mail.actions import facts_of
from referral_hub.participants.actions import edit_person, register
from referral_hub.referrals.actions import give_feedback, mark_seen, perform
from referral_hub.referrals.queries import referral, referrals_of_person
from tests.build import actor_for, make_account, make_institution, make_offer
from tests.referrals.scene import (
    ALONE,
    CONSENT,
    LABEL,
    fetch_as,
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


async def test_words_are_sealed_in_the_database(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent(note="Tajemnica w notatce")
    await scene.move(task, "ask", {"question": "Tajemnica w pytaniu"}, by=scene.intake)
    for table in ("referral_task", "task_event", "participant", "audit_event", "job"):
        text = str([tuple(row) for row in await rows(f"select * from {table}")])
        assert len(text) > 10, table
        assert "Tajemnica" not in text, table
        assert LABEL not in text, table


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


async def test_a_person_who_goes_alone_is_unknown_to_the_receiver(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent(basis=ALONE)
    assert await places_of(scene.offer) == (2, 0, 0)
    assert await value("select count(*) from job where name = 'send_mail'") == 0
    assert await value("select count(*) from disclosure where kind = 'passed'") == 0
    with pytest.raises(NotFound):
        await referral(scene.intake, task)
    with pytest.raises(NotFound):
        await scene.move(task, "accept", by=scene.intake)
    assert not await fetch_as(scene.intake, "select 1 from referral_task where id = $1", task)
    with pytest.raises(Refused) as refusal:
        await scene.move(task, "accept", channel="phone")
    assert refusal.value.code == "receiver_was_told"
    await scene.move(task, "deliver", {"outcome": "leczenie", "date": in_days(0)}, channel="person")
    done = await scene.seen(task)
    assert (done.state, done.ending.source, done.loop_closed) == ("delivered", "person", True)


async def test_the_persons_word_can_say_that_nothing_came_of_it(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent(basis=ALONE)
    await scene.move(task, "fail", {"reason": "no_show"}, channel="person")
    assert await state_of(task) == "not_delivered"


async def test_withdrawn_consent_takes_the_view_in_the_same_transaction(database: asyncpg.Connection) -> None:
    scene = await make_scene(disclosure="full")
    task = await scene.sent()
    assert (await scene.seen(task, scene.intake)).person["label"] == LABEL
    assert await fetch_as(scene.intake, "select 1 from participant where id = $1", scene.person)
    await scene.move(task, "withdraw_consent", by=await scene.participant())
    row = await row_of(task)
    assert (row["state"], row["access"]) == ("withdrawn", "none")
    assert await places_of(scene.offer) == (2, 0, 0)
    assert (await scene.seen(task, scene.intake)).person == {}
    assert not await fetch_as(scene.intake, "select 1 from participant where id = $1", scene.person)
    assert not await fetch_as(scene.intake, "select 1 from legal_basis where participant = $1", scene.person)
    assert await value("select count(*) from disclosure where kind = 'ended' and task = $1", task) == 1
    assert await value("select state from referral_request") == "withdrawn"


async def test_after_acceptance_withdrawn_consent_keeps_the_help_and_stops_the_flow(
    database: asyncpg.Connection,
) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    await scene.move(task, "withdraw_consent", channel="person")
    row = await row_of(task)
    assert (row["state"], row["sharing_ended"], row["access"]) == ("accepted", True, "none")
    assert await places_of(scene.offer) == (2, 0, 1)
    assert (await scene.seen(task, scene.intake)).person == {}
    for verb, fields in (("schedule", {"date": in_days(1)}), ("deliver", {"outcome": "dlugi", "date": in_days(0)})):
        with pytest.raises(Refused) as refusal:
            await scene.move(task, verb, fields, by=scene.intake)
        assert refusal.value.code == "sharing_goes_on"
    await scene.move(task, "deliver", {"outcome": "dlugi", "date": in_days(0)}, channel="person")
    row = await row_of(task)
    assert (row["state"], row["access"]) == ("delivered", "none")


async def test_a_statute_has_no_consent_to_withdraw(database: asyncpg.Connection) -> None:
    scene = await make_scene(kind="cis")
    task = await scene.sent(basis={"kind": "statute", "ground": "zatrudnienie_socjalne"})
    with pytest.raises(Refused, match="sharing_rests_on_consent"):
        await scene.move(task, "withdraw_consent", by=await scene.participant())


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


async def test_another_institution_finds_nothing(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    stranger = await make_institution("Obca")
    for roles in (("caseworker",), ("partner_intake",), ("partner_editor",), ("admin",)):
        actor = await actor_for(stranger, *roles)
        with pytest.raises(NotFound):
            await referral(actor, task)
        with pytest.raises(NotFound):
            await scene.move(task, "accept", by=actor)
        for table in (
            "referral_task",
            "referral_request",
            "participant",
            "legal_basis",
            "task_event",
            "hold",
            "disclosure",
        ):
            assert not await fetch_as(actor, f"select 1 from {table}"), (roles, table)


async def test_who_may_look_but_not_move_is_told_so(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    with pytest.raises(NotAllowed) as refusal:
        await scene.move(task, "withdraw", {"reason": "need_met_elsewhere"}, by=scene.intake)
    assert isinstance(refusal.value, NotAllowed)
    with pytest.raises(NotAllowed, match="move_belongs_to_others"):
        await scene.move(task, "accept")
    with pytest.raises(NotAllowed, match="move_belongs_to_clock"):
        await scene.move(task, "expire")


async def test_a_coordinator_sees_a_case_code_only(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.accepted(note="słowa o osobie")
    coordinator = await actor_for(scene.club, "coordinator")
    seen = await referral(coordinator, task)
    assert set(seen.person) == {"case_code", "need", "priority"}
    assert seen.person_id is None
    assert not any(line.words for line in seen.timeline)
    assert not await fetch_as(coordinator, "select 1 from participant")
    assert not await fetch_as(coordinator, "select 1 from legal_basis")


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


async def test_a_reroute_is_a_new_draft_that_needs_its_own_basis(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await scene.move(task, "decline", {"reason": "out_of_area"}, by=scene.intake)
    elsewhere = await make_institution("Druga")
    offer = await make_offer(elsewhere, free=1)
    new = await scene.move(task, "reroute", {"offer": str(offer)})
    row = await row_of(new)
    assert (row["state"], row["replaces"], row["receiver"], row["basis"]) == ("draft", task, elsewhere, None)
    assert await state_of(task) == "declined"
    with pytest.raises(Refused) as refusal:
        await scene.move(new, "send")
    assert refusal.value.code == "basis_is_valid"
    await scene.move(new, "send", {"basis": CONSENT})
    assert await state_of(new) == "sent"
    assert (await scene.seen(task)).replaced_by == [new]


async def test_a_coordinator_proposes_another_place_without_knowing_the_person(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await scene.move(task, "decline", {"reason": "out_of_area"}, by=scene.intake)
    coordinator = await actor_for(scene.club, "coordinator")
    offer = await make_offer(await make_institution("Druga"), free=1)
    new = await scene.move(task, "reroute", {"offer": str(offer)}, by=coordinator)
    assert (await row_of(new))["sender"] == scene.club
    with pytest.raises(NotAllowed):
        await scene.move(new, "send", by=coordinator)


async def test_a_void_takes_two_coordinators(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    first, second = await actor_for(scene.club, "coordinator"), await actor_for(scene.club, "coordinator")
    await scene.move(task, "void", {"reason": "entered_in_error"}, by=first)
    assert await state_of(task) == "accepted"
    with pytest.raises(Refused, match="second_person_is_needed"):
        await scene.move(task, "void", {"reason": "entered_in_error"}, by=first)
    await scene.move(task, "void", {"reason": "entered_in_error"}, by=second)
    assert await state_of(task) == "void"
    assert await places_of(scene.offer) == (2, 0, 0)


async def test_where_there_is_no_second_coordinator_the_officer_is_told(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    only = await actor_for(scene.club, "coordinator")
    await make_account(scene.club, "dpo", email="iod@hub.example")
    await scene.move(task, "void", {"reason": "entered_in_error"}, by=only)
    assert await state_of(task) == "void"
    told = await value("select count(*) from job where payload->>'to' = 'iod@hub.example'")
    assert told == 1


async def test_a_result_is_amended_within_14_days_and_keeps_the_old_value(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    await scene.move(task, "deliver", {"outcome": "dlugi", "date": in_days(0)}, by=scene.intake)
    fields = {"outcome": "samodzielnosc", "text": "pomyłka przy wyborze"}
    await scene.move(task, "amend", fields, by=scene.intake)
    line = (await scene.seen(task)).timeline[-1]
    assert line.facts["old"] == {"outcome": "dlugi"}
    assert (await row_of(task))["outcome"] == "samodzielnosc"
    coordinator = await actor_for(scene.club, "coordinator")
    with pytest.raises(Refused, match="receivers_time_is_over"):
        await scene.move(task, "amend", fields, by=coordinator)
    with clock.at(clock.now() + timedelta(days=15)):
        with pytest.raises(Refused, match="amendment_is_in_time"):
            await scene.move(task, "amend", {"outcome": "grupa", "text": "x"}, by=scene.intake)
        await scene.move(task, "amend", {"outcome": "grupa", "text": "x"}, by=coordinator)


async def test_cancelling_after_acceptance_is_asked_and_can_be_taken_back(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    await scene.move(task, "request_cancel", {"reason": "need_met_elsewhere"})
    await scene.move(task, "keep")
    assert await state_of(task) == "accepted"
    await scene.move(task, "request_cancel", {"reason": "need_met_elsewhere"})
    await scene.move(task, "agree_cancel", by=scene.intake)
    row = await row_of(task)
    assert (row["state"], row["reason"]) == ("withdrawn", "need_met_elsewhere")
    assert await places_of(scene.offer) == (2, 0, 0)


async def test_criminal_data_are_not_sent_on_consent_alone(database: asyncpg.Connection) -> None:
    scene = await make_scene(kind="cis")
    await edit_person(scene.person, actor=scene.caseworker, groups=["opuszczajace_zk"])
    task = await scene.draft(basis={**CONSENT, "fields": ["label", "groups"]})
    with pytest.raises(Refused, match="criminal_data_rests_on_statute"):
        await scene.move(task, "send")
    statute = {"kind": "statute", "ground": "zatrudnienie_socjalne", "fields": ["label", "groups"]}
    await scene.move(task, "send", {"basis": statute})
    assert await state_of(task) == "sent"


async def test_an_institution_without_an_agreement_cannot_send(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    other = await make_institution("Bez porozumienia", kind="kis")
    caseworker = await actor_for(other, "caseworker")
    person = await register(actor=caseworker, label="Ktoś", sex="not_stated")
    task = await scene.draft(actor=caseworker, person=person.id)
    with pytest.raises(Refused, match="sender_is_bound"):
        await scene.move(task, "send", by=caseworker)


async def test_the_person_sees_the_own_referrals_and_says_what_came_of_them(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    await scene.draft()
    task = await scene.accepted()
    person = await scene.participant()
    own = await referrals_of_person(person, scene.person)
    assert [(one.id, one.state, one.consent) for one in own] == [(task, "accepted", True)]
    await give_feedback(task, actor=person, got_help="partly", treated_well="yes", words="Dziękuję")
    assert (await scene.seen(task)).opinion is None, "what was said alone is the person's to share"
    with pytest.raises(NotAllowed):
        await give_feedback(task, actor=scene.intake, got_help="yes", treated_well="yes")
    with pytest.raises(Refused, match="person_has_answered"):
        await give_feedback(task, actor=scene.caseworker, got_help="yes", treated_well="yes")
    await give_feedback(task, actor=person, got_help="yes", treated_well="yes", share_with_sender=True)
    assert (await scene.seen(task)).opinion.got_help == "yes"  # type: ignore[union-attr]
    assert await value("select count(*) from participant_feedback") == 1


async def test_another_persons_link_opens_nothing(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    other = await register(actor=scene.caseworker, label="Inna Osoba", sex="K")
    scene.person = other.id
    stranger = await scene.participant()
    with pytest.raises(NotFound):
        await referral(stranger, task)
    with pytest.raises(NotFound):
        await scene.move(task, "withdraw_consent", by=stranger)


async def test_mail_knows_a_number_and_a_link_only(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    await scene.sent(note="notatka")
    payloads = [
        str(facts_of(msgspec.json.decode(row["payload"])))
        for row in await rows("select payload from job where name = 'send_mail'")
    ]
    assert len(payloads) == 1
    for secret in (LABEL, scene.case_code, "prawo", "notatka", "Oferta próbna"):
        assert secret not in payloads[0]


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


async def test_what_was_never_sent_was_never_theirs_to_see(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    person = await scene.participant()
    task = await scene.draft()
    for _ in ("as a draft", "voided"):
        for actor in (scene.intake, person):
            with pytest.raises(NotFound):
                await referral(actor, task)
        assert not await fetch_as(scene.intake, "select 1 from referral_task")
        assert await referrals_of_person(person, scene.person) == []
        if await state_of(task) == "draft":
            await scene.move(task, "void")
    assert await state_of(task) == "void"
