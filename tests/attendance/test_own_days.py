"""The person's days as a calendar file: neutral, and with a place only for whoever has given the code."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest
from icalendar import Calendar

from referral_hub import clock
from referral_hub.accounts.links import make_link
from referral_hub.attendance.own_days import appointment_moment, is_ahead
from referral_hub.database.transaction import SYSTEM
from referral_hub.own_page import own_link_pages
from tests.referrals.scene import Scene, make_scene

pytestmark = pytest.mark.anyio
PLACE = "ul. Cicha 7, pokój 3"


async def scheduled(scene: Scene, days: int = 9) -> UUID:
    """A referral with a day and an hour agreed."""
    task = await scene.accepted()
    day = (clock.today() + timedelta(days=days)).isoformat()
    await scene.move(task, "schedule", {"date": f"{day}T10:30", "place": PLACE}, by=scene.intake)
    return task


async def opened(web: httpx.AsyncClient, scene: Scene) -> str:
    """The code of the card whose link this browser has opened."""
    own_link_pages.guesses.forget()
    secret, link = await make_link("p", by=SYSTEM, subject=scene.person, with_code=True)
    await web.get(f"/p/{secret}")
    return link.code


async def test_the_file_is_neutral_and_names_the_place_only_with_the_code(
    database: asyncpg.Connection, web: httpx.AsyncClient
) -> None:
    scene = await make_scene(free=None)
    task = await scheduled(scene)
    code = await opened(web, scene)
    assert f'href="/p/days/{task}"' in (await web.get("/p")).text
    answer = await web.get(f"/p/days/{task}")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["summary"] == "Umówiony termin"
    assert event.decoded("dtstart").astimezone(clock.WARSAW).strftime("%H:%M") == "10:30"
    for told in ("Fundacja", "Klub", "Referral", str(task), "Cicha"):
        assert told not in answer.text, told
    assert event.walk("VALARM")
    await web.post("/p/code", data={"code": code})
    again = Calendar.from_ical((await web.get(f"/p/days/{task}?lang=uk")).content).walk("VEVENT")[0]
    assert (again["location"], again["summary"], again["uid"]) == (PLACE, "Домовлений день", event["uid"])


async def test_a_day_that_is_over_is_not_asked_to_be_kept(database: asyncpg.Connection, web: httpx.AsyncClient) -> None:
    scene = await make_scene(free=None)
    task = await scene.sent()
    await scene.move(task, "accept", {"date": (clock.today() + timedelta(days=2)).isoformat()}, by=scene.intake)
    await opened(web, scene)
    named = (await web.get("/p")).text
    assert "Termin jest umówiony" in named, "a day named with the acceptance is an agreed one"
    assert "Jeśli nie ma jeszcze terminu" not in named
    with clock.at(clock.now() + timedelta(days=3)):
        over = (await web.get("/p")).text
        assert "Termin już minął" in over
        assert "Twój termin" not in over
        assert (await web.get(f"/p/days/{task}")).status_code == 404


async def test_a_stranger_and_an_ended_matter_have_no_file(
    database: asyncpg.Connection, web: httpx.AsyncClient
) -> None:
    scene = await make_scene(free=None)
    task = await scheduled(scene)
    assert (await web.get(f"/p/days/{task}")).headers["location"] == "/p"
    other = await make_scene(free=None)
    await opened(web, other)
    assert (await web.get(f"/p/days/{task}")).status_code == 404
    web.cookies.clear()
    await opened(web, scene)
    fields = {"outcome": "dlugi", "date": clock.today().isoformat()}
    await scene.move(task, "deliver", fields, by=scene.intake)
    assert (await web.get(f"/p/days/{task}")).status_code == 404
    assert f"/p/days/{task}" not in (await web.get("/p")).text


def test_a_day_is_ahead_until_it_is_over() -> None:
    moment = datetime(2026, 5, 13, 10, 30, tzinfo=clock.WARSAW)
    assert appointment_moment("2026-05-13T10:30") == moment
    assert is_ahead(moment, moment + timedelta(hours=3))
    assert not is_ahead(moment, moment + timedelta(days=1))
    assert appointment_moment("2026-05-13") == moment.date()
    assert is_ahead(moment.date(), moment + timedelta(hours=3))
    assert appointment_moment("") is None
