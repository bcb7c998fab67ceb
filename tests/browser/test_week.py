"""A small club's week in one pair of hands: somebody comes in, takes part, is sent on, and goes with a plan."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import asyncpg
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hub, Visit
from tests.browser.test_journeys import Hand, state_of

TODAY = date.today()
_PASSES = """update meeting set starts_at = starts_at - interval '2 days', ends_at = ends_at - interval '2 days'
where id = $1"""


def test_a_small_clubs_week_from_an_open_door_to_a_printed_path(visitor: Visit, hub: Hub) -> None:
    facts, page = hub.facts["week"], visitor("solo", width=390, script=False)
    part = comes_in(page, facts)
    joins_the_group(page, facts)
    two_days_pass(hub, facts["met"])
    is_marked_as_there(page, facts, part)
    person = reaches_an_effect(page, part)
    goes_with_a_plan(page, person)
    sent = is_sent_on_and_answered_by_phone(page, person, facts)
    says_how_it_was(page, sent)


def comes_in(page: Page, facts: dict[str, str]) -> str:
    """A referral is accepted and becomes a participation with its contract; the address of it."""
    page.goto(f"/referrals/{facts['task']}")
    page.get_by_role("button", name=re.compile("^Przyjm")).first.click()
    assert state_of(page, facts["task"]) == "accepted"
    page.get_by_role("button", name="Przyjmij do klubu").click()
    expect(page.locator("#label")).to_have_value("Osoba z Parafii")
    page.fill("#started_on", (TODAY - timedelta(days=3)).isoformat())
    page.fill("#contract_number", "KS/7/2026")
    page.fill("#contract_on", TODAY.isoformat())
    page.get_by_role("button", name="Przyjmij do klubu").click()
    page.wait_for_url(re.compile("/participations/"))
    expect(page.locator("main")).to_contain_text("KS/7/2026")
    return page.url.partition("?")[0]


def joins_the_group(page: Page, facts: dict[str, str]) -> None:
    """The person is on the list of the next meeting."""
    page.goto(f"/referrals/{facts['task']}/meetings")
    page.locator("input[name=meeting]").first.check()
    page.get_by_role("button", name="Zapisz na wybrane dni").click()
    expect(page.locator(".notice.good")).to_contain_text("Zapisano")


def two_days_pass(hub: Hub, meeting: str) -> None:
    async def moved() -> None:
        sql = await asyncpg.connect(hub.database)
        await sql.execute(_PASSES, meeting)
        await sql.close()

    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, moved()).result()


def is_marked_as_there(page: Page, facts: dict[str, str], part: str) -> None:
    """One tap, one to close the list; the hours stand on the page of the participation."""
    page.goto(f"/my-offers/{facts['group']}/meetings/{facts['met']}/attendance")
    page.locator(".people-list > li").get_by_role("button", name="był(a)", exact=True).click()
    page.get_by_role("button", name="Zamknij listę").click()
    page.goto(part)
    expect(page.locator("main")).to_contain_text("razem 2 godz")


def reaches_an_effect(page: Page, part: str) -> str:
    """An effect with its day; the person's own address."""
    page.select_option("#effect", "grupa")
    page.fill("#reached_on", TODAY.isoformat())
    page.get_by_role("button", name="Dodaj efekt").click()
    expect(page.locator("main")).to_contain_text("stały udział w grupie")
    link = page.get_by_role("link", name=re.compile("Osoba i lista")).get_attribute("href")
    assert link
    return link.rpartition("/")[2]


def goes_with_a_plan(page: Page, person: str) -> None:
    """Two steps towards work, printed in plain words."""
    page.goto(f"/people/{person}/paths")
    page.fill("#goal", "Chcę pracować w stolarni.")
    page.get_by_role("button", name="Zacznij").click()
    for form in ("gr_samopomocowa", "oferta_pracy"):
        if not page.locator("#form").is_visible():
            page.locator("details", has=page.locator("#form")).locator("summary").click()
        page.select_option("#form", form)
        page.fill("#target_on", (TODAY + timedelta(days=60)).isoformat())
        page.get_by_role("button", name="Dodaj", exact=True).click()
    page.get_by_role("button", name="Kartka dla osoby").click()
    expect(page.locator("main")).to_contain_text("Chcę pracować w stolarni.")
    expect(page.locator("main")).to_contain_text("To Twój plan")


def is_sent_on_and_answered_by_phone(page: Page, person: str, facts: dict[str, str]) -> str:
    """The referral of the second step; the employer phones, and two clicks write it down."""
    page.goto(f"/referrals/new?offer={facts['job']}&need=praca&person={person}")
    page.locator("[name='basis.given_how'][value='signed']").check()
    page.get_by_role("button", name=re.compile("^Sprawdź")).click()
    page.wait_for_url(re.compile(r"/check"))
    page.get_by_role("button", name=re.compile("^Wyślij")).first.click()
    page.wait_for_url(re.compile(r"/referrals/[0-9a-f-]{36}(\?.*)?$"))
    task = page.url.rpartition("/")[2].partition("?")[0]
    click = Hand(2)
    click(page.get_by_text(re.compile("telefonicznie"), exact=False).first)
    click(page.get_by_role("button", name=re.compile("środa|czwartek|piątek|poniedziałek|wtorek")).first)
    assert state_of(page, task) == "accepted"
    return task


def says_how_it_was(page: Page, task: str) -> None:
    """The person's word closes the loop."""
    page.goto(f"/referrals/{task}")
    page.get_by_role("button", name=re.compile("wiem od osoby")).click()
    assert state_of(page, task) == "delivered"
    page.goto(f"/referrals/{task}")
    page.get_by_text("Zapisz, co powiedziała osoba").click()
    page.locator("input[name=got_help][value=yes]").check()
    page.locator("input[name=treated_well][value=yes]").check()
    page.locator("form", has=page.locator("[name=got_help]")).get_by_role("button").click()
    expect(page.locator(".notice.good").first).to_contain_text("Opinia zapisana")
    page.goto("/participations/year")
    expect(page.locator("main")).to_contain_text("stały udział w grupie")
