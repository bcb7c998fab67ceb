"""Groups and duty hours from one end to the other: planned, filled, booked, marked; on a phone and without script."""

import re
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Hub, Visit
from tests.browser.test_journeys import Hand
from tests.browser.test_sweep import look_at


def offer_of_the_club(hub: Hub) -> str:
    return str(hub.facts["club"]["offer"])


def plan(page: Page, offer: str, day: date, **values: str) -> None:
    """Type a meeting into the form and plan it."""
    page.goto(f"/my-offers/{offer}/meetings")
    page.fill("#day", day.isoformat())
    page.fill("#from_hour", values.get("begins", "00:00"))
    page.fill("#until_hour", values.get("ends", "11:00"))
    page.select_option("#leader", "czlonek_grupy")
    page.fill("#places", "4")
    if "until" in values:
        page.locator("input[name=rhythm][value=week]").check()
        page.fill("#until", values["until"])
    page.get_by_role("button", name="Zaplanuj", exact=True).click()
    expect(page.locator(".notice.good")).to_contain_text("Zaplanowano")


def test_a_group_is_planned_a_person_is_enrolled_and_attendance_is_one_tap(visitor: Visit, hub: Hub) -> None:
    offer, task = hub.facts["groups"]["offer"], hub.facts["groups"]["task"]
    solo = visitor("solo", width=390, script=False)
    first = date.today() + timedelta(days=3)
    plan(solo, offer, first, until=(first + timedelta(days=21)).isoformat(), begins="09:00")
    click = Hand(3)
    worker = visitor("caseworker", width=390, script=False)
    worker.goto(f"/referrals/{task}")
    click(worker.get_by_role("link", name=re.compile("Wybierz termin|Zmień terminy")))
    click(worker.get_by_role("button", name=re.compile("^Zapisz na cały cykl")).first)
    expect(worker.locator(".notice.good")).to_contain_text("Zapisano na")
    worker.goto(f"/referrals/{task}")
    expect(
        worker.locator("section.card", has=worker.get_by_role("heading", name="Spotkania i terminy"))
    ).to_contain_text("9:00–11:00")

    public = visitor(width=390, script=False)
    public.goto(f"/offers/{offer}")
    expect(public.locator("section.meetings")).to_contain_text("członek grupy")
    feed = public.request.get(f"/offers/{offer}/meetings.ics")
    assert feed.headers["content-type"].startswith("text/calendar")
    assert feed.text().count("BEGIN:VEVENT") >= 4

    mark_the_held_meeting(solo, hub.facts["groups"])


def mark_the_held_meeting(page: Page, facts: dict[str, Any]) -> None:
    """Two people, two taps, one to close; a wrong one is taken back."""
    click = Hand(5)
    page.goto(f"/my-offers/{facts['offer']}/meetings/{facts['held']}/attendance")
    codes = page.locator(".people-list > li")
    expect(codes).to_have_count(2)
    click(codes.nth(0).get_by_role("button", name="nie był(a)", exact=True))
    click(page.get_by_role("button", name="Cofnij ostatnie"))
    click(page.get_by_role("button", name=re.compile("Wszystkie 2 osoby")))
    expect(page.locator(".people-list .tag.good")).to_have_count(2)
    click(page.get_by_role("button", name="Zamknij listę"))
    expect(page.locator(".notice.good")).to_contain_text("2 wpisy są już w zgłoszeniach")
    page.goto(f"/my-offers/{facts['offer']}/attendance")
    expect(page.locator("table.cards")).to_contain_text("2")


def test_duty_hours_make_appointments_and_a_caseworker_books_one(visitor: Visit, hub: Hub) -> None:
    facts, click = hub.facts["groups"], Hand(4)
    editor = visitor("partner", width=390, script=False)
    editor.goto(f"/my-offers/{facts['lawyer']}/duty")
    editor.select_option("#weekday", str((date.today() + timedelta(days=2)).isoweekday()))
    editor.fill("#from_hour", "15:00")
    editor.fill("#until_hour", "17:00")
    editor.select_option("#leader", "prawnik")
    editor.get_by_role("button", name="Zapisz", exact=True).click()
    expect(editor.locator("main")).to_contain_text("Pierwszy wolny termin")
    editor.get_by_role("button", name=re.compile("^Podaj to jako stan")).click()
    expect(editor.locator(".notice.good")).to_contain_text("stan miejsc")

    worker = visitor("caseworker", width=390, script=False)
    worker.goto(f"/referrals/{facts['advised']}")
    click(worker.get_by_role("link", name="Wybierz termin"))
    click(worker.get_by_role("radio").first)
    click(worker.get_by_role("button", name="Zajmij termin"))
    expect(worker.locator(".notice.good")).to_contain_text("Pierwszy termin jest wpisany")
    worker.goto(f"/referrals/{facts['advised']}")
    expect(worker.locator("main")).to_contain_text("15:00")
    expect(worker.locator(".timeline")).to_contain_text("z terminarza instytucji")


def test_the_pages_of_meetings_are_sound(visitor: Visit, hub: Hub) -> None:
    facts = hub.facts["groups"]
    group, held = f"/my-offers/{facts['offer']}", f"/my-offers/{facts['offer']}/meetings/{facts['held']}"
    pages = {
        "": [f"/offers/{facts['offer']}/meetings"],
        "solo": [f"{group}/meetings", held, f"{held}/attendance/print"],
        "partner": [f"/my-offers/{facts['lawyer']}/duty"],
        "caseworker": [f"/referrals/{facts['task']}/meetings", f"/referrals/{facts['advised']}/meetings"],
    }
    wrong = []
    for role, paths in pages.items():
        page = visitor(role)
        for path in paths:
            page.goto(path)
            wrong += [f"{path}: {one}" for one in look_at(page, themes=False)]
    assert wrong == []
