"""Who comes to know what of a person, from the draft to the end of sharing: rules and row-level security together."""

import asyncpg
import msgspec
import pytest

from referral_hub.errors import NotAllowed, NotFound, Refused
from referral_hub.mail.actions import facts_of
from referral_hub.participants.actions import edit_person, register
from referral_hub.referrals.actions import give_feedback
from referral_hub.referrals.queries import referral, referrals_of_person
from tests.build import actor_for, make_institution
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
)

pytestmark = pytest.mark.anyio


async def test_words_are_sealed_in_the_database(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent(note="Tajemnica w notatce")
    await scene.move(task, "ask", {"question": "Tajemnica w pytaniu"}, by=scene.intake)
    for table in ("referral_task", "task_event", "participant", "audit_event", "job"):
        text = str([tuple(row) for row in await rows(f"select * from {table}")])
        assert len(text) > 10, table
        assert "Tajemnica" not in text, table
        assert LABEL not in text, table


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


async def test_criminal_data_are_not_sent_on_consent_alone(database: asyncpg.Connection) -> None:
    scene = await make_scene(kind="cis")
    await edit_person(scene.person, actor=scene.caseworker, groups=["opuszczajace_zk"])
    task = await scene.draft(basis={**CONSENT, "fields": ["label", "groups"]})
    with pytest.raises(Refused, match="criminal_data_rests_on_statute"):
        await scene.move(task, "send")
    statute = {"kind": "statute", "ground": "zatrudnienie_socjalne", "fields": ["label", "groups"]}
    await scene.move(task, "send", {"basis": statute})
    assert await state_of(task) == "sent"


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
