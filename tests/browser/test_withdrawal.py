"""Consent withdrawn while the institution has the person open: its next click shows nothing of the person."""

import re

from playwright.sync_api import Page, expect

from referral_hub import clock
from tests.browser.conftest import Hub, Visit
from tests.browser.sharing_seed import NAME, PHONE


def expect_nothing_of(page: Page, case_code: str) -> None:
    """Neither the name, the phone nor the case code stands on the page, shown or not."""
    for mark in (NAME, PHONE, case_code):
        expect(page.locator("html")).not_to_contain_text(mark)
    assert NAME not in page.content()


def say_that_help_began(page: Page) -> None:
    """The move that the page, still standing there, offers."""
    move = page.locator("details.move").filter(has_text="Pomoc się zaczęła").first
    move.locator("> summary").click()
    move.locator("input[type='date']").fill(clock.today().isoformat())
    move.get_by_role("button", name="Pomoc się zaczęła").click()


def test_the_next_click_of_the_receiver_shows_nothing(visitor: Visit, hub: Hub) -> None:
    facts = hub.facts["shared"]
    account, guest, person = visitor("intake"), visitor(width=390, script=False), visitor(width=390)
    account.goto(f"/referrals/{facts['task']}")
    account.get_by_role("button", name="Pokaż dane osoby").click()
    expect(account.locator("main")).to_contain_text(PHONE)
    guest.goto(f"/a/{facts['guest']}")
    guest.get_by_role("button", name="Pokaż dane osoby").click()
    expect(guest.locator("main")).to_contain_text(PHONE)

    person.goto(f"/p/{facts['own']}")
    for _ in range(2):
        matter = person.locator("details", has_text="Wycofuję zgodę na przekazywanie danych").first
        matter.locator("summary").click()
        matter.get_by_role("button").click()
        person.wait_for_url(re.compile("done=withdraw_consent"))
    expect(person.locator("main")).to_contain_text("Instytucja nie widzi już Twoich danych")

    # Both pages still stand on their screens. Whatever is pressed next, the person is gone from them.
    say_that_help_began(account)
    expect_nothing_of(account, facts["case_code"])
    account.goto(f"/referrals/{facts['task']}")
    expect(account.get_by_role("button", name="Pokaż dane osoby")).to_have_count(0)
    expect_nothing_of(account, facts["case_code"])
    guest.get_by_role("button", name="był(a)", exact=True).click()
    expect_nothing_of(guest, facts["case_code"])
    guest.goto("/a")
    expect_nothing_of(guest, facts["case_code"])
