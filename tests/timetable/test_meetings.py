"""A partner plans meetings through its pages; everybody sees them, as far as the address may be known."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from icalendar import Calendar

from referral_hub import clock
from referral_hub.accounts.sessions import COOKIE
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.timetable.actions import add_meetings, cancel_meeting, change_meeting
from referral_hub.timetable.queries import meetings_of
from tests.build import make_institution, make_offer, make_site, sign_in_as
from tests.timetable.stage import NOW, Stage, plan, set_stage, typed

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stage(web: httpx.AsyncClient) -> AsyncIterator[Stage]:
    with clock.at(NOW):
        yield await set_stage(web)


async def all_of(offer: UUID) -> list[Any]:
    return await meetings_of(offer, sees="all")


def signed_out(web: httpx.AsyncClient) -> None:
    web.cookies.delete(COOKIE)
    web.headers.pop("X-CSRF-Token", None)


async def test_a_series_over_easter_is_planned_on_one_page_and_shown_to_everybody(
    web: httpx.AsyncClient, stage: Stage
) -> None:
    form = typed(
        day="2027-03-15", rhythm="week", until="2027-04-12", site=str(stage.site), room="sala 2", places="8", key="a"
    )
    done = await web.post(f"/my-offers/{stage.group}/meetings", data=form)
    assert done.headers["location"].endswith("?planned=4")
    again = await web.post(f"/my-offers/{stage.group}/meetings", data=form)
    assert again.headers["location"] == done.headers["location"]
    found = await all_of(stage.group)
    assert [met.day.isoformat() for met in found] == ["2027-03-15", "2027-03-22", "2027-04-05", "2027-04-12"]
    assert len({met.series for met in found}) == 1
    assert {met.starts_at.astimezone(clock.WARSAW).hour for met in found} == {17}
    assert "4 spotkania" in (await web.get(done.headers["location"] + "&lang=pl")).text
    signed_out(web)
    public = (await web.get(f"/offers/{stage.group}/meetings?lang=pl")).text
    assert "poniedziałek, 22 marca" in public
    assert "ul. Wałowa 5" in public
    assert "sala 2" in public
    assert "psycholog" in public


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"day": "2027-01-04"}, "minął"),
        ({"day": "2027-01-11", "from_hour": "08:00", "until_hour": "08:30"}, "minął"),
        ({"from_hour": "19:00", "until_hour": "17:00"}, "po początku"),
        ({"from_hour": "05:00", "until_hour": "23:30"}, "najwyżej 12 godzin"),
        ({"day": "2027-03-28", "from_hour": "02:15", "until_hour": "05:00"}, "zmiany czasu"),
        ({"day": "x"}, "day-problem"),
        ({"places": "-3"}, "places-problem"),
        ({"places": "99999999999999"}, "places-problem"),
        ({"room": "a\x00b"}, "room-problem"),
        ({"site": "00000000-0000-0000-0000-000000000000"}, "site-problem"),
        ({"rhythm": "week"}, "until-problem"),
        ({"rhythm": "week", "until": "2126-01-01"}, "until-problem"),
        ({"leader": "other"}, "leader_words-problem"),
        ({"leader": "szef"}, "leader-problem"),
        ({"topic": "ż" * 500}, "topic-problem"),
    ],
)
async def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_planned(
    web: httpx.AsyncClient, stage: Stage, values: dict[str, str], code: str
) -> None:
    answer = await web.post(f"/my-offers/{stage.group}/meetings?lang=pl", data=typed(**values))
    assert answer.status_code == 422
    assert code in answer.text
    assert await all_of(stage.group) == []


async def test_a_room_holds_one_meeting_at_a_time_unless_somebody_says_it_holds_two(
    web: httpx.AsyncClient, stage: Stage
) -> None:
    other = await make_offer(stage.partner, "gr_samopomocowa", "Klub abstynenta", site=stage.site)
    await add_meetings(other, plan(site=stage.site, room="Sala 2"), actor=stage.editor)
    form = typed(site=str(stage.site), room="sala 2", from_hour="18:30", until_hour="20:00")
    refused = await web.post(f"/my-offers/{stage.group}/meetings?lang=pl", data=form)
    assert refused.status_code == 422
    assert "Klub abstynenta" in refused.text
    assert 'name="anyway"' in refused.text
    assert (await web.post(f"/my-offers/{stage.group}/meetings", data={**form, "anyway": "1"})).status_code == 303
    for place in ({}, {"site": str(stage.site)}):
        assert (await web.post(f"/my-offers/{stage.group}/meetings", data=typed(**place))).status_code == 303
        # The same group twice at one time is a slip, even where no room is named.
        twice = await web.post(
            f"/my-offers/{stage.group}/meetings", data=typed(from_hour="18:30", until_hour="20:00", **place)
        )
        assert twice.status_code == 422
    beside = typed(site=str(stage.site), room="sala 3")
    assert (await web.post(f"/my-offers/{stage.group}/meetings", data=beside)).status_code == 303


async def test_two_hundred_meetings_are_enough(stage: Stage) -> None:
    day = clock.today() + timedelta(days=1)
    with pytest.raises(Refused) as refusal:
        await add_meetings(stage.group, plan(day), actor=stage.editor, rhythm="week", until=day + timedelta(days=5000))
    assert refusal.value.problems[0].code == "date_too_late"


async def test_a_name_in_place_of_a_function_is_warned_of(web: httpx.AsyncClient, stage: Stage) -> None:
    form = typed(leader="other", leader_words="Anna Kowalska")
    done = await web.post(f"/my-offers/{stage.group}/meetings", data=form)
    assert "careful=name" in done.headers["location"]
    assert "wygląda na nazwisko" in (await web.get(done.headers["location"] + "&lang=pl")).text
    form = typed(day="2027-02-01", leader="other", leader_words="lider klubu")
    done = await web.post(f"/my-offers/{stage.group}/meetings", data=form)
    assert "careful" not in done.headers["location"]


async def test_the_rest_of_a_series_moves_by_as_many_days_and_stale_pages_lose_nothing(
    web: httpx.AsyncClient, stage: Stage
) -> None:
    until = date(2027, 4, 5)
    made = await add_meetings(
        stage.group, plan(date(2027, 3, 15), places=6), actor=stage.editor, rhythm="week", until=until
    )
    second = (await all_of(stage.group))[1]
    form = typed(day="2027-03-23", from_hour="18:00", until_hour="19:30", places="5", version="1", rest="1")
    done = await web.post(f"/my-offers/{stage.group}/meetings/{second.id}", data=form)
    assert done.headers["location"].endswith("changed=2")
    days = [(met.day.isoformat(), met.starts_at.astimezone(clock.WARSAW).hour) for met in await all_of(stage.group)]
    assert days == [("2027-03-15", 17), ("2027-03-23", 18), ("2027-04-06", 18)]
    late = await web.post(f"/my-offers/{stage.group}/meetings/{second.id}", data=form)
    assert late.status_code == 409
    with pytest.raises(Stale):
        await change_meeting(made[1], plan(), actor=stage.editor, offer=stage.group, version=1)


async def test_cancelling_twice_changes_once_and_the_feed_says_so(web: httpx.AsyncClient, stage: Stage) -> None:
    made = await add_meetings(stage.group, plan(site=stage.site, room="sala 2"), actor=stage.editor)
    path = f"/my-offers/{stage.group}/meetings/{made[0]}/cancel"
    assert (await web.post(path)).headers["location"].endswith("cancelled=1")
    assert (await web.post(path)).headers["location"].endswith("cancelled=0")
    signed_out(web)
    event = Calendar.from_ical((await web.get(f"/offers/{stage.group}/meetings.ics")).text).walk("VEVENT")[0]
    assert (str(event["STATUS"]), int(event["SEQUENCE"])) == ("CANCELLED", 1)
    with clock.at(NOW + timedelta(days=30)), pytest.raises(Refused):
        await cancel_meeting(made[0], actor=stage.editor, offer=stage.group)


async def test_a_calendar_follows_by_stable_ids_in_warsaw_time_and_asks_no_more_than_it_must(
    web: httpx.AsyncClient, stage: Stage
) -> None:
    made = await add_meetings(
        stage.group,
        plan(date(2027, 3, 22), site=stage.site, topic="Złość; żal, wstyd", leader_role="terapeuta"),
        actor=stage.editor,
        rhythm="two_weeks",
        until=date(2027, 4, 5),
    )
    signed_out(web)
    first = await web.get(f"/offers/{stage.group}/meetings.ics")
    assert first.headers["content-type"].startswith("text/calendar")
    calendar = Calendar.from_ical(first.text)
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Warsaw"]
    events = calendar.walk("VEVENT")
    assert {str(event["UID"]) for event in events} == {f"{one}@hub.test" for one in made}
    assert [event["DTSTART"].dt.strftime("%H:%M %z") for event in events] == ["17:00 +0100", "17:00 +0200"]
    assert str(events[0]["SUMMARY"]) == "Grupa wsparcia: Złość; żal, wstyd"
    assert "ul. Wałowa 5" in str(events[0]["LOCATION"])
    tag = first.headers["etag"]
    same = await web.get(f"/offers/{stage.group}/meetings.ics", headers={"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")


@pytest.mark.parametrize("visibility", ["staff", "accepted"])
async def test_a_hidden_address_shows_no_street_and_no_room_to_the_public(
    web: httpx.AsyncClient, stage: Stage, visibility: str
) -> None:
    hidden = await make_site(stage.partner, street="ul. Ukryta 3", address_visibility=visibility)
    await add_meetings(stage.group, plan(site=hidden, room="parter, ul. Ukryta"), actor=stage.editor)
    signed_out(web)
    for path in ("", "/meetings", "/meetings.ics"):
        text = (await web.get(f"/offers/{stage.group}{path}")).text
        assert "Ukryta" not in text, path
    assert "Ukryta" not in (await web.get(f"/api/v1/offers/{stage.group}/meetings")).text
    club = await make_institution("Klub", club=True)
    await sign_in_as(web, club, "caseworker")
    # One told after an accepted referral is not for every caseworker either.
    assert ("ul. Ukryta 3" in (await web.get(f"/offers/{stage.group}/meetings")).text) is (visibility == "staff")
    # The address of a feed travels: whoever asks gets what anybody may see.
    assert "Ukryta" not in (await web.get(f"/offers/{stage.group}/meetings.ics")).text


async def test_a_protected_offer_has_no_feed_and_one_shown_by_category_no_public_page(
    web: httpx.AsyncClient, stage: Stage
) -> None:
    await add_meetings(stage.group, plan(), actor=stage.editor)
    async with transaction(SYSTEM) as sql:
        await sql.execute("update offer set sensitive = true where id = $1", stage.group)
    signed_out(web)
    assert (await web.get(f"/offers/{stage.group}/meetings.ics")).status_code == 404
    page = await web.get(f"/offers/{stage.group}/meetings")
    assert page.status_code == 200
    assert ".ics" not in page.text
    async with transaction(SYSTEM) as sql:
        await sql.execute("update offer set by_category = true where id = $1", stage.group)
    for path in ("/meetings", "/meetings.ics"):
        assert (await web.get(f"/offers/{stage.group}{path}")).status_code == 404
    assert (await web.get(f"/api/v1/offers/{stage.group}/meetings")).status_code == 404


async def test_nobody_plans_for_others_and_ids_of_others_are_not_there(web: httpx.AsyncClient, stage: Stage) -> None:
    stranger = await make_institution("Obca")
    theirs = await make_offer(stranger, "gr_wsparcia", "Cudza grupa")
    made = await add_meetings(stage.group, plan(), actor=stage.editor)
    assert (await web.get(f"/my-offers/{theirs}/meetings")).status_code == 404
    assert (await web.post(f"/my-offers/{theirs}/meetings", data=typed())).status_code == 404
    assert (await web.get(f"/my-offers/{stage.lawyer}/meetings/{made[0]}")).status_code == 404
    assert (await web.get(f"/my-offers/{stage.group}/meetings/{new_id()}")).status_code == 404
    other = await sign_in_as(web, stranger, "partner_editor")
    assert (await web.get(f"/my-offers/{stage.group}/meetings")).status_code == 404
    assert (await web.post(f"/my-offers/{stage.group}/meetings/{made[0]}/cancel")).status_code == 404
    with pytest.raises(NotFound):
        await add_meetings(stage.group, plan(), actor=other)
    with pytest.raises(NotFound):
        await cancel_meeting(made[0], actor=other, offer=theirs)


async def test_an_open_group_says_that_nobody_has_to_register(web: httpx.AsyncClient, stage: Stage) -> None:
    offer = await make_offer(stage.partner, "gr_samopomocowa", "Mityng", intake_mode="open")
    await add_meetings(offer, plan(leader_role="czlonek_grupy", led_by_member=True), actor=stage.editor)
    signed_out(web)
    text = (await web.get(f"/offers/{offer}/meetings?lang=pl")).text
    assert "bez zgłoszenia" in text
    assert "członek grupy" in text
    told = (await web.get(f"/api/v1/offers/{offer}/meetings")).json()
    assert told["items"][0]["starts_at"] == "2027-01-18T17:00+01:00"
    assert told["items"][0]["led_by_member"] is True
