"""Duty hours: appointments come and go with them, days off count, a second run of the job makes nothing new."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from referral_hub import clock
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.errors import Refused
from referral_hub.timetable.duty_actions import DutyFacts, add_duty, change_duty, end_duty, fill_appointments
from referral_hub.timetable.queries import duties_of, first_free, meetings_of
from tests.timetable.stage import NOW, Stage, set_stage, typed

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stage(web: httpx.AsyncClient) -> AsyncIterator[Stage]:
    with clock.at(NOW):
        yield await set_stage(web)


def hours(**values: Any) -> DutyFacts:
    """Tuesdays from 15 to 17, half an hour each."""
    facts = {"weekday": 2, "from_hour": "15:00", "until_hour": "17:00", "minutes": 30, "starts_on": clock.today()}
    return DutyFacts(**{**facts, **values})


async def open_slots(stage: Stage) -> list[Any]:
    found = await meetings_of(stage.lawyer, sees="all", kind="appointment")
    return [met for met in found if met.status == "planned"]


async def test_hours_typed_on_the_page_make_appointments_that_everybody_can_see(
    web: httpx.AsyncClient, stage: Stage
) -> None:
    form = {"weekday": "2", "from_hour": "15", "until_hour": "17.00", "minutes": "30", "leader": "prawnik", "key": "k"}
    path = f"/my-offers/{stage.lawyer}/duty"
    assert (await web.post(path, data={**form, "site": str(stage.site)})).status_code == 303
    assert (await web.post(path, data={**form, "site": str(stage.site)})).status_code == 303
    assert len(await open_slots(stage)) == 6 * 4
    assert await first_free(stage.lawyer) == (await open_slots(stage))[0].starts_at
    page = (await web.get(f"/offers/{stage.lawyer}?lang=pl")).text
    assert "wtorek 15:00–17:00" in page
    assert "wtorek, 12 stycznia, 15:00" in page
    feed = (await web.get(f"/offers/{stage.lawyer}/meetings.ics")).text
    assert "RRULE:FREQ=WEEKLY" in feed
    assert feed.count("BEGIN:VEVENT") == 1


async def test_the_job_adds_only_what_a_week_has_brought(stage: Stage) -> None:
    await add_duty(stage.lawyer, hours(), actor=stage.editor)
    assert await fill_appointments() == 0
    with clock.at(NOW + timedelta(days=7)):
        assert await fill_appointments() == 4
        assert await fill_appointments() == 0


async def test_other_hours_replace_free_appointments_and_keep_booked_ones(stage: Stage) -> None:
    duty = await add_duty(stage.lawyer, hours(), actor=stage.editor)
    booked = (await open_slots(stage))[1]
    async with transaction(SYSTEM) as sql:
        await sql.execute("update meeting set enrolled = 1 where id = $1", booked.id)
    left = await change_duty(
        duty, hours(from_hour="16:00", minutes=60), actor=stage.editor, offer=stage.lawyer, version=1
    )
    assert left == 1
    found = await open_slots(stage)
    assert booked.id in {met.id for met in found}
    assert len(found) == 6 * 1 + 1
    assert await end_duty(duty, actor=stage.editor, offer=stage.lawyer) == 1
    assert [met.id for met in await open_slots(stage)] == [booked.id]
    assert await duties_of(stage.lawyer, sees="all") == []


async def test_a_day_off_takes_its_appointments_out_and_putting_it_back_brings_them(
    web: httpx.AsyncClient, stage: Stage
) -> None:
    await add_duty(stage.lawyer, hours(), actor=stage.editor)
    path = f"/my-offers/{stage.lawyer}/duty"
    for _ in range(2):
        assert (await web.post(f"{path}/block", data={"free_on": "2027-01-19"})).status_code == 303
    assert date(2027, 1, 19) not in {met.day for met in await open_slots(stage)}
    assert "wtorek, 19 stycznia" in (await web.get(f"/offers/{stage.lawyer}?lang=pl")).text
    assert "EXDATE" in (await web.get(f"/offers/{stage.lawyer}/meetings.ics")).text
    assert (await web.post(f"{path}/unblock", data={"free_on": "2027-01-19"})).status_code == 303
    assert len([met for met in await open_slots(stage) if met.day == date(2027, 1, 19)]) == 4
    assert (await web.post(f"{path}/block", data={"free_on": "2027-01-04"})).status_code == 422


async def test_one_appointment_is_cancelled_alone_and_changed_by_no_form(web: httpx.AsyncClient, stage: Stage) -> None:
    await add_duty(stage.lawyer, hours(), actor=stage.editor)
    first = (await open_slots(stage))[0]
    path = f"/my-offers/{stage.lawyer}/meetings/{first.id}"
    assert (await web.post(path, data=typed(version="1", places=""))).status_code == 404
    assert (await web.post(f"{path}/cancel", data={"rest": "1"})).status_code == 303
    assert len(await open_slots(stage)) == 6 * 4 - 1
    # The job does not bring back what somebody took away.
    assert await fill_appointments() == 0


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"until_hour": "14:00"}, "ends_before_it_begins"),
        ({"minutes": 180}, "slot_longer_than_duty"),
        ({"minutes": 0}, "out_of_range"),
        ({"weekday": 9}, "not_a_choice"),
        ({"from_hour": "99:00"}, "not_an_hour"),
        ({"ends_on": date(2026, 1, 1)}, "date_too_early"),
    ],
)
async def test_impossible_duty_is_refused_by_name(stage: Stage, values: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        await add_duty(stage.lawyer, hours(**values), actor=stage.editor)
    assert [problem.code for problem in refusal.value.problems] == [code]


async def test_the_same_hours_in_the_same_room_stand_once(stage: Stage) -> None:
    await add_duty(stage.lawyer, hours(room="7"), actor=stage.editor)
    with pytest.raises(Refused) as refusal:
        await add_duty(stage.lawyer, hours(room="7", from_hour="16:30", until_hour="18:00"), actor=stage.editor)
    assert refusal.value.problems[0].code == "duty_overlaps"
    await add_duty(stage.lawyer, hours(room="8"), actor=stage.editor)
