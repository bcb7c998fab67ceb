"""The caseworker's list on a telephone: found by a word, handed over and back, and a sending taken back."""

import re

from playwright.sync_api import expect

from tests.browser.caseload_seed import NOTE
from tests.browser.conftest import Hub, Visit


def test_found_handed_over_and_back_and_a_sending_taken_back(visitor: Visit, hub: Hub) -> None:
    facts = hub.facts["caseload"]
    page = visitor("caseworker", width=390)
    page.goto("/referrals")
    page.get_by_role("textbox", name="Znajdź sprawę").fill(facts["words"])
    page.keyboard.press("Enter")
    rows = page.locator("table.worklist tbody tr")
    expect(rows).to_have_count(3)
    assert "box=all" in page.url
    marks = page.get_by_role("checkbox", name=re.compile("^Zaznacz"))
    for number in range(2):
        marks.nth(number).check()
    page.get_by_role("button", name="Przekaż innemu pracownikowi").click()
    page.get_by_label("Komu").select_option(label=facts["colleague"])
    page.get_by_role("button", name="Przekaż", exact=True).click()
    expect(page.get_by_text("Zrobione: 2 z 2.")).to_be_visible()
    page.get_by_role("button", name="Cofnij: oddaj z powrotem").click()
    expect(page.get_by_text("Zrobione: 2 z 2.")).to_be_visible()

    page.goto(f"/referrals/{facts['held']}")
    page.get_by_role("button", name="Cofnij wysłanie").click()
    expect(page).to_have_url(re.compile(r"/check\?done=undone$"))
    assert facts["held"] not in page.url
    page.get_by_text("Zmień podstawę, pilność albo notatkę").click()
    expect(page.get_by_label(re.compile("^Notatka"))).to_have_value(NOTE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
