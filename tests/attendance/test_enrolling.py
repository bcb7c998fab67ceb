"""A referral on the lists of meetings: who may, what is full, and what ends with the referral."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.links import make_link
from referral_hub.attendance.enrolling import end_enrolment, enrol, enrol_in_series
from referral_hub.attendance.queries import chosen_by
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM
from referral_hub.errors import NotAllowed, NotFound, Refused
from referral_hub.jobs.actions import run_due
from referral_hub.mail.actions import facts_of
from referral_hub.referrals.actions import perform
from referral_hub.timetable.actions import add_meetings, cancel_meeting
from referral_hub.timetable.planned import Planned
from referral_hub.worker import registry
from tests.attendance.room import NOW, Room, enrolled, make_room
from tests.build import actor_for, make_institution, make_offer, sign_in_as
from tests.referrals.scene import ALONE, in_days, row_of, state_of, value, version_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def room(database: asyncpg.Connection) -> AsyncIterator[Room]:
    with clock.at(NOW):
        yield await make_room()


async def series_of(room: Room) -> object:
    return await value("select series from meeting where id = $1", room.meetings[0])


async def test_an_accepted_referral_gets_its_day_by_the_move_of_its_lifecycle(room: Room) -> None:
    task = await room.scene.accepted()
    made = await enrol(task, room.meetings[1:3], actor=room.scene.caseworker)
    assert (made.new, made.full, made.scheduled) == (2, 0, True)
    row = await row_of(task)
    assert (row["state"], row["appointment_at"]) == ("scheduled", "2027-01-25T17:00")
    assert row["appointment_place"] == "ul. Wałowa 5, Tarnów, sala 2"
    last = (await room.scene.seen(task)).timeline[-1]
    assert (last.verb, last.party, last.channel) == ("schedule", "RCV", "timetable")
    assert [await enrolled(one) for one in room.meetings] == [(0, 0), (1, 1), (1, 1), (0, 0)]


async def test_nobody_can_claim_by_a_form_that_the_timetable_said_so(room: Room) -> None:
    task = await room.scene.accepted()
    with pytest.raises(Refused) as refusal:
        await perform(
            task,
            actor=room.scene.caseworker,
            verb="schedule",
            version=await version_of(task),
            fields={"date": in_days(3)},
            channel="timetable",
        )
    assert refusal.value.problems[0].field == "channel"


async def test_a_sent_referral_keeps_its_place_and_gets_no_day_before_the_answer(room: Room) -> None:
    task = await room.scene.sent()
    made = await enrol(task, room.meetings[:1], actor=room.scene.caseworker)
    assert (made.new, made.scheduled, await state_of(task)) == (1, False, "sent")
    assert await enrolled(room.meetings[0]) == (1, 1)


async def test_a_second_tap_changes_nothing(room: Room) -> None:
    task = await room.scene.accepted()
    for _ in range(2):
        await enrol(task, room.meetings[:1], actor=room.scene.caseworker)
    assert await enrolled(room.meetings[0]) == (1, 1)
    for _ in range(2):
        await end_enrolment(task, room.meetings[0], actor=room.scene.intake)
    assert await enrolled(room.meetings[0]) == (0, 0)
    await enrol(task, room.meetings[:1], actor=room.scene.intake)
    assert await enrolled(room.meetings[0]) == (1, 1)


async def test_a_full_meeting_says_when_the_next_one_is_and_a_series_takes_what_is_left(room: Room) -> None:
    for _ in range(2):
        await enrol(await room.scene.accepted(), room.meetings[:1], actor=room.scene.caseworker)
    third = await room.scene.accepted()
    with pytest.raises(Refused) as refusal:
        await enrol(third, room.meetings[:2], actor=room.scene.caseworker)
    assert refusal.value.code == "meeting_full"
    assert str(refusal.value.facts["next"]).startswith("25.01.2027 17:00")
    assert [await enrolled(one) for one in room.meetings] == [(2, 2), (0, 0), (0, 0), (0, 0)]
    made = await enrol_in_series(third, await series_of(room), actor=room.scene.intake)  # type: ignore[arg-type]
    assert (made.new, made.full) == (3, 1)


@pytest.mark.parametrize(
    ("verb", "by"),
    [("withdraw", "caseworker"), ("decline", "intake"), ("void", "caseworker"), ("waitlist", "intake")],
)
async def test_a_referral_that_ends_or_waits_gives_its_places_back_at_once(room: Room, verb: str, by: str) -> None:
    task = await room.scene.sent()
    await enrol(task, room.meetings, actor=room.scene.caseworker)
    fields = {
        "withdraw": {"reason": "need_met_elsewhere"},
        "decline": {"reason": "out_of_area"},
        "waitlist": {"position": "3", "review_on": in_days(20)},
    }.get(verb, {})
    await room.scene.move(task, verb, fields, by=getattr(room.scene, by))
    assert [await enrolled(one) for one in room.meetings] == [(0, 0)] * 4
    assert await value("select count(*) from audit_event where event = 'enrolment:end'") == 1


async def test_withdrawn_consent_takes_the_person_off_every_list_in_the_same_transaction(room: Room) -> None:
    task = await room.scene.accepted()
    await enrol(task, room.meetings, actor=room.scene.caseworker)
    await room.scene.move(task, "withdraw_consent", by=await room.scene.participant())
    assert await state_of(task) == "scheduled"
    assert [await enrolled(one) for one in room.meetings] == [(0, 0)] * 4
    with pytest.raises(Refused) as refusal:
        await enrol(task, room.meetings[:1], actor=room.scene.caseworker)
    assert refusal.value.code == "sharing_goes_on"


async def test_a_person_going_alone_is_on_no_list(room: Room) -> None:
    task = await room.scene.sent(basis=ALONE)
    with pytest.raises(Refused) as refusal:
        await enrol(task, room.meetings[:1], actor=room.scene.caseworker)
    assert refusal.value.code == "receiver_was_told"


async def test_others_find_nothing_and_foreign_meetings_are_not_there(room: Room) -> None:
    task = await room.scene.accepted()
    stranger = await actor_for(await make_institution("Obca"), "caseworker")
    with pytest.raises(NotFound):
        await enrol(task, room.meetings[:1], actor=stranger)
    coordinator = await actor_for(room.scene.club, "coordinator")
    with pytest.raises(NotAllowed):
        await enrol(task, room.meetings[:1], actor=coordinator)
    other = await make_offer(room.scene.partner, "gr_samopomocowa")
    day = clock.today() + timedelta(days=9)
    elsewhere = await add_meetings(other, Planned(day=day, from_hour="17:00", until_hour="18:00"), actor=room.editor)
    for wrong in (elsewhere[0], new_id()):
        with pytest.raises(NotFound):
            await enrol(task, [room.meetings[0], wrong], actor=room.scene.caseworker)
    with pytest.raises(NotFound):
        await enrol_in_series(task, new_id(), actor=room.scene.caseworker)
    with pytest.raises(NotFound):
        await end_enrolment(task, elsewhere[0], actor=room.scene.caseworker)
    assert await enrolled(room.meetings[0]) == (0, 0)


async def test_a_meeting_that_has_begun_or_was_called_off_takes_nobody(room: Room) -> None:
    task = await room.scene.accepted()
    await cancel_meeting(room.meetings[1], actor=room.editor, offer=room.scene.offer)
    with clock.at(NOW + timedelta(days=7, hours=9)):
        for meeting in room.meetings[:2]:
            with pytest.raises(Refused) as refusal:
                await enrol(task, [meeting], actor=room.scene.caseworker)
            assert refusal.value.code == "meeting_is_over"


async def test_whoever_sent_somebody_hears_by_number_that_a_meeting_is_called_off(room: Room) -> None:
    task = await room.scene.accepted()
    await enrol(task, room.meetings[:2], actor=room.scene.caseworker)
    await cancel_meeting(room.meetings[0], actor=room.editor, offer=room.scene.offer)
    told: list[str] = []

    async def post(payload: dict[str, Any]) -> None:
        told.append(f"{payload['template']} {sorted(facts_of(payload))}")

    while await run_due({"tell_enrolled": registry()["tell_enrolled"], "send_mail": post}):
        pass
    # One to the partner for the sending, one for the choice, and one to the sender about what was called off.
    assert told.count("referral_news ['issued', 'link', 'number']") >= 1
    assert await value("select count(*) from job where name = 'tell_enrolled' and done_at is not null") == 1
    assert await enrolled(room.meetings[0]) == (0, 0)
    assert await enrolled(room.meetings[1]) == (1, 1)
    chosen = await chosen_by(task, actor=room.scene.caseworker, sees="all")
    assert [one.met.status for one in chosen] == ["cancelled", "planned"]


async def test_an_appointment_is_booked_moved_and_given_back(database: asyncpg.Connection) -> None:
    with clock.at(NOW):
        room = await make_room(duty=True)
        task = await room.scene.accepted()
        first, second = (await room.slots())[:2]
        await enrol(task, [first.id], actor=room.scene.caseworker)
        assert (await row_of(task))["appointment_at"] == "2027-01-12T15:00"
        other = await room.scene.accepted()
        with pytest.raises(Refused) as refusal:
            await enrol(other, [first.id], actor=room.scene.caseworker)
        assert refusal.value.code == "meeting_full"
        with pytest.raises(Refused):
            await enrol(other, [one.id for one in (await room.slots())[:2]], actor=room.scene.caseworker)
        await enrol(task, [second.id], actor=room.scene.caseworker)
        assert (await row_of(task))["appointment_at"] == "2027-01-12T15:30"
        assert await enrolled(first.id) == (0, 0)
        await enrol(other, [first.id], actor=room.scene.intake)
        await room.scene.move(other, "decline", {"reason": "out_of_area"}, by=room.scene.intake)
        assert first.id in {met.id for met in await room.slots()}


async def test_both_sides_choose_on_the_page_of_the_referral(web: httpx.AsyncClient, room: Room) -> None:
    task = await room.scene.accepted()
    await sign_in_as(web, room.scene.club, "caseworker")
    page = (await web.get(f"/referrals/{task}?lang=pl")).text
    assert f"/referrals/{task}/meetings" in page
    path = f"/referrals/{task}/meetings"
    assert "Cały cykl" in (await web.get(f"{path}?lang=pl")).text
    empty = await web.post(path, data={})
    assert empty.status_code == 422
    assert "co najmniej jeden termin" in empty.text
    assert (await web.post(path, data={"meeting": "x"})).status_code == 422
    assert (await web.post(path, data={"meeting": str(new_id())})).status_code == 404
    assert (await web.get(f"/referrals/{new_id()}/meetings")).status_code == 404
    done = await web.post(path, data={"meeting": [str(one) for one in room.meetings[:2]]})
    assert done.headers["location"] == f"{path}?enrolled=2&full=0&scheduled=1"
    assert "Wybrane terminy" in (await web.get(done.headers["location"])).text
    ended = await web.post(f"{path}/{room.meetings[1]}/end")
    assert ended.status_code == 303
    assert await enrolled(room.meetings[1]) == (0, 0)
    await sign_in_as(web, await make_institution("Obca"), "caseworker")
    assert (await web.get(path)).status_code == 404
    assert (await web.post(path, data={"meeting": str(room.meetings[0])})).status_code == 404


async def test_the_way_to_choose_stands_only_where_ones_role_may_go_it(web: httpx.AsyncClient, room: Room) -> None:
    task = await room.scene.accepted()
    await enrol(task, room.meetings[:1], actor=room.scene.intake)
    for role, status in (("partner_intake", 200), ("caseworker", 403)):
        await sign_in_as(web, room.scene.partner, role)
        page = await web.get(f"/referrals/{task}?lang=pl")
        assert page.status_code == 200
        assert (f"/referrals/{task}/meetings" in page.text) is (status == 200)
        assert (await web.get(f"/referrals/{task}/meetings")).status_code == status


async def test_a_program_enrols_and_reads_the_list(web: httpx.AsyncClient, room: Room) -> None:
    task = await room.scene.accepted()
    await sign_in_as(web, room.scene.club, "caseworker")
    path = f"/api/v1/referrals/{task}/enrolments"
    wish = {"meetings": [str(room.meetings[1])]}
    made = await web.post(path, json=wish, headers={"Idempotency-Key": "a"})
    assert made.status_code == 201
    assert made.json()["items"][0]["starts_at"] == "2027-01-25T17:00+01:00"
    assert (await web.post(path, json=wish, headers={"Idempotency-Key": "a"})).json() == made.json()
    assert (await web.post(path, json={"series": str(await series_of(room))})).status_code == 201
    assert len((await web.get(path)).json()["items"]) == 4
    for wrong in ({}, {"meetings": ["x"]}, {"meetings": [], "who": 1}, {"meetings": [str(new_id())] * 300}):
        assert (await web.post(path, json=wrong)).status_code == 422
    assert (await web.post(path, json={"meetings": [str(new_id())]})).status_code == 404
    await sign_in_as(web, await make_institution("Obca"), "caseworker")
    assert (await web.get(path)).status_code == 404


async def test_the_persons_own_page_says_when_and_only_with_the_code_where(web: httpx.AsyncClient, room: Room) -> None:
    task = await room.scene.accepted()
    await enrol(task, room.meetings[:1], actor=room.scene.caseworker)
    secret, link = await make_link("p", by=SYSTEM, subject=room.scene.person, with_code=True)
    await web.get(f"/p/{secret}")
    page = (await web.get("/p?lang=pl")).text
    assert "poniedziałek, 18 stycznia" in page
    assert "Wałowa" not in page
    await web.post("/p/code", data={"code": link.code})
    assert "ul. Wałowa 5" in (await web.get("/p?lang=pl")).text


async def test_a_receiver_who_lost_the_person_reads_a_page_and_a_plain_refusal(
    web: httpx.AsyncClient, room: Room
) -> None:
    task = await room.scene.sent()
    code = str((await room.scene.seen(task)).person["case_code"])
    await room.scene.move(task, "withdraw", {"reason": "need_met_elsewhere"})
    await sign_in_as(web, room.scene.partner, "partner_intake")
    page = await web.get(f"/referrals/{task}/meetings")
    assert page.status_code == 200
    assert code not in page.text
    for wish in ({}, {"meeting": str(room.meetings[0])}, {"series": str(new_id())}):
        assert (await web.post(f"/referrals/{task}/meetings", data=wish)).status_code == 422
