"""Attendance by one tap, on a list that shows no more than its institution may see; hours by month."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.attendance.declaring import declare_appointments
from referral_hub.attendance.enrolling import enrol
from referral_hub.attendance.marking import close_list, mark
from referral_hub.attendance.sums import Held, Mark, months, whole
from referral_hub.database.columns import new_id
from referral_hub.errors import NotFound, Refused
from tests.attendance.room import AFTER_FIRST, NOW, Room, enrolled, make_room
from tests.build import make_institution, sign_in_as
from tests.referrals.scene import LABEL, row_of, rows, state_of, value

pytestmark = pytest.mark.anyio


@pytest.fixture
async def room(database: asyncpg.Connection) -> AsyncIterator[Room]:
    with clock.at(NOW):
        yield await make_room(places=None)


async def listed(room: Room, number: int) -> list[UUID]:
    """Accepted referrals on the list of the first meeting."""
    tasks = [await room.scene.accepted() for _ in range(number)]
    for task in tasks:
        await enrol(task, room.meetings[:1], actor=room.scene.caseworker)
    return tasks


def page_of(room: Room, number: int = 0) -> str:
    return f"/my-offers/{room.scene.offer}/meetings/{room.meetings[number]}/attendance"


async def test_one_tap_each_and_one_for_the_list_reach_the_referrals(web: httpx.AsyncClient, room: Room) -> None:
    first, second, third = await listed(room, 3)
    with clock.at(AFTER_FIRST):
        await sign_in_as(web, room.scene.partner, "partner_intake")
        path = page_of(room)
        assert path in (await web.get("/attendance?lang=pl")).text
        text = (await web.get(f"{path}?lang=pl")).text
        assert room.scene.case_code in text
        assert LABEL not in text
        assert (await web.post(path, data={"task": str(first), "attendance": "absent_told"})).status_code == 303
        assert (await web.post(path, data={"act": "all"})).headers["location"].endswith("all=2")
        marks = {row["task"]: (row["attendance"], row["hours"]) for row in await rows("select * from enrolment")}
        assert marks == {first: ("absent_told", None), second: ("came", 2.0), third: ("came", 2.0)}
        assert await state_of(first) == "scheduled"
        assert not [line for line in (await room.scene.seen(first)).timeline if line.verb == "attend"]
        closed = await web.post(path, data={"act": "close"})
        assert closed.headers["location"].endswith("closed=1&moved=3")
        assert (await web.post(path, data={"act": "close"})).headers["location"].endswith("moved=0")
        told = [line.facts["attendance"] for line in (await room.scene.seen(first)).timeline if line.verb == "attend"]
        assert told == ["absent_told"]


async def test_taps_are_taken_back_until_the_list_is_closed_and_corrected_after(
    web: httpx.AsyncClient, room: Room
) -> None:
    first, second = await listed(room, 2)
    with clock.at(AFTER_FIRST):
        await sign_in_as(web, room.scene.partner, "partner_intake")
        path = page_of(room)
        await web.post(path, data={"task": str(first), "attendance": "late", "hours": "1,5"})
    with clock.at(AFTER_FIRST + timedelta(seconds=5)):
        await web.post(path, data={"act": "all"})
        await web.post(path, data={"act": "undo"})
        marks = {row["task"]: (row["attendance"], row["hours"]) for row in await rows("select * from enrolment")}
        assert marks == {first: ("late", 1.5), second: ("", None)}
        await web.post(path, data={"task": str(first), "attendance": "undo"})
        await web.post(path, data={"task": str(first), "attendance": "came"})
        await web.post(path, data={"act": "close"})
        refused = await web.post(f"{path}?lang=pl", data={"task": str(first), "attendance": "undo"})
        assert refused.status_code == 422
        assert "poprawić" in refused.text
        await web.post(path, data={"task": str(first), "attendance": "excused"})
        told = [line.facts["attendance"] for line in (await room.scene.seen(first)).timeline if line.verb == "attend"]
        assert told == ["came", "excused"]


async def test_what_the_referral_does_not_take_stays_on_the_list_with_its_reason(
    web: httpx.AsyncClient, room: Room
) -> None:
    kept, on_hold = (await listed(room, 1))[0], (await listed(room, 1))[0]
    asked = await room.scene.sent()
    await enrol(asked, room.meetings[:1], actor=room.scene.caseworker)
    await room.scene.move(
        on_hold, "hold", {"reason": "could_not_contact", "review_on": "2027-03-01"}, by=room.scene.intake
    )
    with clock.at(AFTER_FIRST):
        await sign_in_as(web, room.scene.partner, "partner_intake")
        await web.post(page_of(room), data={"act": "all"})
        await web.post(page_of(room), data={"act": "close"})
        marks = {row["task"]: row["told"] for row in await rows("select * from enrolment where attendance = 'came'")}
        assert marks[kept] == "moved"
        assert marks[asked] == "move_is_not_open"
        assert marks[on_hold] == "move_is_not_open"
        assert (await row_of(asked))["appointment_at"] == ""
        assert "Tylko na liście" in (await web.get(f"{page_of(room)}?lang=pl")).text


async def test_names_open_by_a_button_and_every_opening_is_logged(web: httpx.AsyncClient, room: Room) -> None:
    (task,) = await listed(room, 1)
    with clock.at(AFTER_FIRST):
        await sign_in_as(web, room.scene.partner, "partner_intake")
        counted = "select count(*) from disclosure where task = $1 and kind = 'opened'"
        before = await value(counted, task)
        sheet = (await web.get(f"{page_of(room)}/print")).text
        assert room.scene.case_code in sheet
        assert LABEL not in sheet
        assert "Podpis" in (await web.get(f"{page_of(room)}/print?lang=pl")).text
        assert "Podpis" not in (await web.get(f"{page_of(room)}/print?signatures=0&lang=pl")).text
        assert await value(counted, task) == before
        assert LABEL in (await web.post(f"{page_of(room)}/names")).text
        assert await value(counted, task) == before + 1
        await room.scene.move(task, "withdraw_consent", by=await room.scene.participant())
        assert LABEL not in (await web.post(f"{page_of(room)}/names")).text
        assert room.scene.case_code not in (await web.get(page_of(room))).text


async def test_before_the_meeting_and_for_others_nothing_is_marked(web: httpx.AsyncClient, room: Room) -> None:
    (task,) = await listed(room, 1)
    other = await room.scene.accepted()
    await sign_in_as(web, room.scene.partner, "partner_intake")
    early = await web.post(f"{page_of(room)}?lang=pl", data={"task": str(task), "attendance": "came"})
    assert early.status_code == 422
    assert "jeszcze się nie zaczęło" in early.text
    with clock.at(AFTER_FIRST):
        await sign_in_as(web, room.scene.partner, "partner_intake")
        for data in ({"task": str(other), "attendance": "came"}, {"task": str(new_id()), "attendance": "came"}):
            assert (await web.post(page_of(room), data=data)).status_code == 404
        for data in (
            {"task": str(task), "attendance": "asleep"},
            {"task": "x", "attendance": "came"},
            {"task": str(task), "attendance": "came", "hours": "900"},
            {"task": str(task), "attendance": "came", "hours": "nan"},
            {"act": "others", "others": "-1"},
            {},
        ):
            assert (await web.post(page_of(room), data=data)).status_code == 422
        assert (await web.get(f"/my-offers/{new_id()}/meetings/{room.meetings[0]}/attendance")).status_code == 404
        stranger = await sign_in_as(web, await make_institution("Obca"), "partner_intake")
        for path in (page_of(room), f"{page_of(room)}/print", f"/my-offers/{room.scene.offer}/attendance"):
            assert (await web.get(path)).status_code == 404
        assert (await web.post(page_of(room), data={"act": "all"})).status_code == 404
        with pytest.raises(NotFound):
            await mark(room.meetings[0], task, "came", actor=stranger, offer=room.scene.offer)
        with pytest.raises(NotFound):
            await close_list(room.meetings[0], actor=stranger, offer=room.scene.offer)
    assert await enrolled(room.meetings[0]) == (1, 1)


async def test_hours_stand_by_month_and_few_people_are_hidden_outside_the_club(
    web: httpx.AsyncClient, room: Room
) -> None:
    await listed(room, 2)
    with clock.at(AFTER_FIRST):
        await sign_in_as(web, room.scene.partner, "partner_intake")
        await web.post(page_of(room), data={"act": "all"})
        await web.post(page_of(room), data={"act": "others", "others": "7"})
        await web.post(page_of(room), data={"act": "close"})
        text = (await web.get(f"/my-offers/{room.scene.offer}/attendance?lang=pl")).text
        assert "styczeń 2027" in text
        assert "nie pokazujemy" in text
        assert ">7<" in text
        # Both referrals are the same person's.
        async with being_the_club(room):
            assert "nie pokazujemy" not in (await web.get(f"/my-offers/{room.scene.offer}/attendance?lang=pl")).text


class being_the_club:
    """The partner is the club for a moment."""

    def __init__(self, room: Room) -> None:
        self.room = room

    async def __aenter__(self) -> None:
        await rows("update institution set club = true where id = $1 returning id", self.room.scene.partner)

    async def __aexit__(self, *error: object) -> None:
        await rows("update institution set club = false where id = $1 returning id", self.room.scene.partner)


def test_a_person_counts_once_a_month_and_once_in_all() -> None:
    first, second = Held(new_id(), date(2027, 1, 4), 2.0), Held(new_id(), date(2027, 1, 11), 2.0, others=3)
    third = Held(new_id(), date(2027, 2, 1), 1.5)
    people = [new_id() for _ in range(5)]
    marks = [Mark(first.id, person, "came") for person in people]
    marks += [Mark(second.id, people[0], "late", 1.0), Mark(second.id, people[1], "absent")]
    marks += [Mark(third.id, people[0], "came")]
    february, january = months([first, second, third], marks, inside=False)
    assert (january.meetings, january.meeting_hours, january.people, january.person_hours) == (2, 4.0, 5, 11.0)
    assert january.others is None
    assert (february.people, february.person_hours) == (None, None)
    together = whole([first, second, third], marks, inside=True)
    assert together is not None
    assert (together.people, together.person_hours, together.others) == (5, 12.5, 3)
    assert whole([], [], inside=True) is None
    hidden = whole([first, second, third], marks, inside=False)
    assert hidden is not None
    assert (hidden.people, hidden.person_hours, hidden.others) == (None, None, None)
    open_sum = whole([first], marks, inside=False)
    assert open_sum is not None
    assert (open_sum.people, open_sum.person_hours, open_sum.others) == (5, 10.0, 0)


async def test_free_appointments_become_a_reading_only_by_the_partners_tap(database: asyncpg.Connection) -> None:
    with clock.at(NOW):
        room = await make_room(duty=True, unit="appointment")
        assert await value("select count(*) from capacity_reading where offer = $1", room.scene.offer) == 0
        assert await declare_appointments(room.scene.offer, actor=room.editor) == 24
        booked = await room.scene.accepted()
        await enrol(booked, [(await room.slots())[0].id], actor=room.scene.caseworker)
        await room.scene.accepted()
        taken = await value("select taken_since from offer_places where offer = $1", room.scene.offer)
        assert taken == 2
        # 23 are free; one of them belongs to the person accepted without an appointment.
        assert await declare_appointments(room.scene.offer, actor=room.editor) == 22
        row = (await rows("select * from capacity_reading where offer = $1 order by recorded_at", room.scene.offer))[-1]
        assert (row["source"], row["unit"], row["free"]) == ("declared", "appointment", 22)
        assert row["from_when"] == date(2027, 1, 12)
        with pytest.raises(NotFound):
            await declare_appointments(room.scene.offer, actor=room.scene.caseworker)
        group = await make_room()
        with pytest.raises(Refused):
            await declare_appointments(group.scene.offer, actor=group.editor)
