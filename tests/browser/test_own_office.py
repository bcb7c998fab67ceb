"""An office takes over its entry, says that it is closed, and a caseworker keeps an offer; all without script."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Hub, Visit
from tests.browser.mailbox import Mailbox
from tests.browser.test_journeys import Hand

NEWCOMER = "nowa.osoba@bezopiekuna.example"
PASSWORD = "cztery zwykłe słowa tu"


def body_to(mailbox: Mailbox, address: str, link: str) -> str:
    """The words of the newest mail to this reader that holds the link."""
    mailbox.wait_for(address, link)
    for message in reversed(mailbox.messages):
        part = message.get_body(("plain",))
        if message["To"] == address and part is not None and link in part.get_content():
            return str(part.get_content())
    raise AssertionError(address)


def narrow(page: Page) -> None:
    """Nothing hangs over the edge of a phone."""
    wide, room = page.evaluate("() => [document.scrollingElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room, page.url


def test_an_office_claims_its_entry_from_a_phone(visitor: Visit, hub: Hub, mailbox: Mailbox) -> None:
    tap, office = Hand(6), hub.facts["partners"]["claimed"]
    page = visitor(width=390, script=False)
    page.goto(f"/institutions/{office['id']}")
    tap(page.get_by_role("link", name="To moja instytucja"))
    expect(page.locator("main")).to_contain_text("b…@bezopiekuna.example")
    narrow(page)
    page.fill("#email", NEWCOMER)
    tap(page.get_by_role("button", name="Wyślij kod"))
    expect(page.locator("main")).to_contain_text("Kod jest w drodze")
    letter = body_to(mailbox, office["email"], "/claim/")
    found = re.search(r"\b[A-Z]{4}-[A-Z]{4}\b", letter)
    assert found is not None
    assert found[0] not in page.url
    page.fill("#code", "CCCC-CCCC")
    tap(page.get_by_role("button", name="Sprawdź kod"))
    expect(page.get_by_role("alert")).to_contain_text("nie pasuje")
    page.fill("#code", found[0].lower())
    tap(page.get_by_role("button", name="Sprawdź kod"))
    expect(page.locator("main")).to_contain_text(NEWCOMER)
    narrow(page)
    # The link is in the mail to the new address, and the office's other editor hears of it.
    page.goto(mailbox.wait_for(NEWCOMER, "/sign-in/set/"))
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    tap(page.get_by_role("button", name="Zapisz hasło"))
    page.fill("#email", NEWCOMER)
    page.fill("#password", PASSWORD)
    tap(page.locator("main button"))
    page.goto("/my-team")
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page.locator("main")).to_contain_text(NEWCOMER)
    narrow(page)


def test_closed_on_friday_is_said_in_three_taps(visitor: Visit, hub: Hub) -> None:
    tap, offer = Hand(3), hub.facts["partners"]["sweep"]["advice"]
    page, reader = visitor("partner", width=390, script=False), visitor(width=390, script=False)
    page.goto("/my-offers")
    tap(page.get_by_role("link", name=re.compile("Komunikaty")))
    page.fill("#text", "Dziś zamykamy o 13")
    tap(page.get_by_role("button", name="Pokaż komunikat"))
    expect(page.locator("main")).to_contain_text("zapisany")
    narrow(page)
    reader.goto(f"/offers/{offer}")
    expect(reader.locator("main")).to_contain_text("Dziś zamykamy o 13")
    narrow(reader)
    tap(page.get_by_role("button", name=re.compile("Zdejmij")))
    gone_after_a_while(reader, "Dziś zamykamy o 13")


def test_a_star_is_one_tap_and_leads_back(visitor: Visit, hub: Hub) -> None:
    tap, offer = Hand(2), hub.facts["partners"]["sweep"]["advice"]
    page = visitor("caseworker", width=390, script=False)
    page.goto("/?q=porady+obywatelskie")
    card = page.locator(".results > li", has=page.locator(f"a[href='/offers/{offer}']"))
    tap(card.get_by_role("button", name=re.compile("Dodaj do ulubionych")))
    expect(page).to_have_url(re.compile(r"q=porady"))
    narrow(page)
    page.goto("/favourites")
    expect(page.locator(".results > li")).to_have_count(1)
    tap(page.get_by_role("button", name=re.compile("usuń")))
    expect(page.locator(".results > li")).to_have_count(0)


def gone_after_a_while(page: Page, words: str) -> None:
    """Reload until the words are gone: the directory in memory hears of a change a moment after it."""
    for _ in range(30):
        page.reload()
        if words not in page.inner_text("main"):
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"still there: {words}")
