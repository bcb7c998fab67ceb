"""The only place becomes free: the next in line has it by one tap on a phone, without script."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Hub, Visit
from tests.browser.test_burden import answer_form
from tests.browser.test_journeys import Hand, free_places, state_of


def test_a_freed_place_is_taken_by_the_next_in_line_with_one_tap(visitor: Visit, hub: Hub) -> None:
    line, page = hub.facts["line"], visitor("line", width=390, script=False)
    page.goto(f"/referrals/{line['taken']}")
    form = answer_form(page, "fail")
    form.locator("select[name=fail-self-reason]").select_option("no_show")
    form.locator("button").click()
    assert state_of(page, line["taken"]) == "not_delivered"
    assert free_places(page, line["offer"]) == 0, "kept for the next, nobody else gets it"

    page.goto(f"/referrals/{line['ordinary']}")
    page.get_by_role("link", name="Cała lista oczekujących").click()
    kept = page.locator("form.card.good")
    expect(kept).to_have_count(1)
    expect(kept.get_by_role("heading")).to_contain_text(re.compile("czeka miejsce do"))
    assert not page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
    first, tap = kept.get_by_role("button").first, Hand(1)
    box = first.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    tap(first)
    assert state_of(page, line["urgent"]) == "accepted"
    assert state_of(page, line["ordinary"]) == "waitlisted"
    assert free_places(page, line["offer"]) == 0
    page.goto(f"/my-offers/{line['offer']}/line")
    expect(page.locator("form.card.good")).to_have_count(0)
    expect(page.locator("tbody tr")).to_have_count(1)
