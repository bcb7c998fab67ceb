"""From a mail to a true directory with a finger, on a phone, without script: each tap is counted."""

import re
from datetime import timedelta
from email.message import EmailMessage

from playwright.sync_api import Locator, Page, expect

from referral_hub import clock
from tests.browser.conftest import Hub, Visit
from tests.browser.mailbox import Mailbox
from tests.browser.test_journeys import Hand, free_places, wait_until

PHONE = {"width": 390, "height": 664}
"""What is left of a telephone's screen between the browser's bars."""


def mail_to(mailbox: Mailbox, reader: str) -> EmailMessage:
    """The newest mail with a link for free places to this reader."""
    mailbox.wait_for(reader, "/c/")
    return next(one for one in reversed(mailbox.messages) if one["To"] == reader and "/c/" in one.as_string())


def show(page: Page, message: EmailMessage) -> Locator:
    """The mail as its reader sees it; the link in it."""
    html = message.get_body(("html",))
    assert html is not None
    page.set_content(html.get_content())
    return page.locator("a[href*='/c/']")


def in_view(page: Page, target: Locator) -> bool:
    """Whether all of it is on the screen without scrolling."""
    box, size = target.bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    # `bounding_box` counts from the top of what is visible.
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


def test_from_mail_to_saved_is_two_taps(visitor: Visit, hub: Hub, mailbox: Mailbox) -> None:
    tap, partner = Hand(2), hub.facts["partners"]["tap"]
    page = visitor(width=390, script=False)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    link = show(page, mail_to(mailbox, partner["email"]))
    tap(link)
    expect(page).to_have_url(f"{hub.url}/c")
    assert in_view(page, page.get_by_role("button", name=re.compile("bez zmian")))
    flat = page.locator(f"#offer-{partner['flat']}")
    same = flat.get_by_role("button", name=re.compile("nadal 3"))
    size = same.bounding_box()
    assert size is not None
    assert size["height"] >= 56
    tap(same)
    told = page.locator("#told")
    expect(told).to_contain_text("Zapisane.")
    expect(told).to_contain_text(re.compile(r"Świeże do \d\d\.\d\d\.\d{4}"))
    assert tap.done == 2

    # The next one is in view, with a word how many are left; and the way back.
    expect(page.locator("main")).to_contain_text(re.compile("Zostały? jeszcze|Została jeszcze"))
    following = page.locator(f"#offer-{partner['debts']}").get_by_role("button", name=re.compile("nadal 2"))
    assert in_view(page, following)
    told.get_by_role("button", name="Cofnij").click()
    expect(page.locator("main")).to_contain_text("Cofnięte.")


def test_a_clerk_twice_a_year_puts_three_things_right_in_eight_taps(visitor: Visit, hub: Hub, mailbox: Mailbox) -> None:
    """Typing is not counted, nor is moving on to the next field by the keyboard's own key."""
    tap, partner = Hand(8), hub.facts["partners"]["clerk"]
    page = visitor(width=390, script=False)
    tap(show(page, mail_to(mailbox, partner["email"])))

    flat = page.locator(f"#offer-{partner['flat']}")
    number = flat.locator("input[name=free]")
    tap(number)
    number.fill("1")
    tap(flat.get_by_role("button", name=re.compile("^Zapisz liczbę")))
    expect(page.locator("#told")).to_contain_text("1 wolne miejsce")

    tap(page.get_by_role("link", name="Telefon i zastępstwo"))
    phone = page.get_by_label(re.compile("^Telefon instytucji"))
    tap(phone)
    phone.fill("14 600 00 55")
    today = clock.today()
    page.get_by_label(re.compile("^Pierwszy dzień")).fill(today.isoformat())
    page.get_by_label(re.compile("^Ostatni dzień")).fill((today + timedelta(days=10)).isoformat())
    page.get_by_label(re.compile("^Z kim się kontaktować")).fill("dyżurny pracownik")
    page.get_by_label(re.compile("^Telefon w tym czasie")).fill("14 600 00 66")
    tap(page.get_by_role("button", name="Zapisz telefon i zastępstwo"))
    expect(page.locator(".notice.good")).to_contain_text("Zmiany już obowiązują.")
    assert tap.done == 6

    public = visitor(script=False)
    wait_until(lambda: free_places(public, partner["flat"]) == 1)
    public.goto(f"/offers/{partner['flat']}")
    for text in ("14 600 00 55", "dyżurny pracownik", "14 600 00 66"):
        expect(public.locator("main")).to_contain_text(text)
    public.goto("/?q=mieszkanie+treningowe")
    card = public.locator(".results > li", has=public.locator(f"a[href='/offers/{partner['flat']}']"))
    expect(card).to_contain_text("14 600 00 55")
    expect(card).to_contain_text("dyżurny pracownik")
    assert mailbox.wait_for(partner["email"], "?to=").endswith("contact")
