"""A coordinator phones a partner that does not answer, and reads from a number to the offers behind it."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Hub, Visit
from tests.browser.test_journeys import Hand, free_places


def test_nobody_answers_then_another_number_on_a_phone_without_script(visitor: Visit, hub: Hub) -> None:
    """Two taps for nobody answered and a day to call again; the number stands until somebody says another."""
    tap, quiet = Hand(4), hub.facts["quiet"]
    page = visitor("coordinator", width=390, script=False)
    page.goto("/calls")
    card = page.locator(f"#partner-{quiet['id']}")
    expect(card.locator("a[href='tel:146000004']")).to_be_visible()
    tap(card.get_by_role("button", name=re.compile("^Nikt nie odebrał")))
    expect(page.locator(".notice.good")).to_contain_text("nikt nie odebrał; zadzwoń ponownie")
    expect(page.locator(f"#partner-{quiet['id']}")).to_have_count(0)
    expect(page.locator("main")).to_contain_text(re.compile("Spółdzielnia Socjalna Cisza – zadzwoń ponownie"))
    assert free_places(page, quiet["offer"]) == 4

    # On its page of care the coordinator sees how it is asked, and lets it be phoned from now on.
    page.goto(f"/institutions/{quiet['id']}/edit")
    tap(page.get_by_role("link", name="Jak pytamy o wolne miejsca"))
    tap(page.get_by_label(re.compile("telefonicznie")))
    tap(page.get_by_role("button", name="Zapisz"))
    expect(page.locator(".notice.good")).to_contain_text("Zapisane.")


def test_the_board_leads_from_a_share_to_the_offers_behind_it(visitor: Visit, hub: Hub) -> None:
    click, page = Hand(3), visitor("coordinator")
    page.goto("/freshness")
    expect(page.locator("meter").first).to_be_visible()
    click(page.get_by_role("link", name="rytm", exact=True))
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="co tydzień"))
    cell = row.get_by_role("link", name=re.compile("nie podpowiadamy"))
    number = int(cell.inner_text())
    assert number >= 1
    click(cell)
    expect(page.locator("main")).to_contain_text("Warsztat stolarski")
    expect(page.locator("tbody tr")).to_have_count(min(50, number))
