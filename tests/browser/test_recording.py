"""A referral made by phone is written down afterwards in under a minute: keys and taps are counted."""

from datetime import date, timedelta
from typing import Final

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Hub, Visit

KEY: Final = 60 / (40 * 5)
"""Seconds for a character at 40 words a minute, a word being five."""
TAP: Final = 1.1
"""Seconds to point and press (Card, Moran, Newell: the keystroke-level model)."""
BUDGET: Final = 60.0


class Clerk:
    """Fills a page in and counts the time it takes a practised hand."""

    def __init__(self) -> None:
        self.keys = 0
        self.taps = 0

    def types(self, field: Locator, text: str, keys: int = 0) -> None:
        """`keys`: what is pressed where a browser's own field takes it otherwise than the text."""
        self.tap(field)
        field.fill(text)
        self.keys += keys or len(text)

    def tap(self, target: Locator) -> None:
        self.taps += 1
        target.click()

    @property
    def seconds(self) -> float:
        return self.keys * KEY + self.taps * TAP


def test_a_phone_referral_is_written_down_in_under_a_minute(visitor: Visit, hub: Hub) -> None:
    clerk, page = Clerk(), visitor("caseworker", width=390, script=False)
    people = page.request.get("/api/v1/people", params={"per_page": 100}).json()["items"]
    code = next(one["case_code"] for one in people if one["id"] == hub.facts["people"]["housed"])
    yesterday, tomorrow = date.today() - timedelta(days=1), date.today() + timedelta(days=1)
    page.goto("/referrals")
    clerk.tap(page.get_by_role("link", name="Telefonicznie albo na papierze"))
    clerk.types(page.locator("#who"), code)
    clerk.types(page.locator("#where"), "własny kąt")
    clerk.types(page.locator("#made_on"), yesterday.isoformat(), keys=8)
    clerk.tap(page.get_by_label("osoba zgodziła się ustnie"))
    clerk.tap(page.get_by_label("przyjmują", exact=True))
    clerk.types(page.locator("#answer_date"), tomorrow.isoformat(), keys=8)
    clerk.tap(page.get_by_role("button", name="Zapisz"))
    if page.locator("#offer").count():
        clerk.tap(page.locator("#offer input").first)
        clerk.tap(page.get_by_role("button", name="Zapisz"))
    expect(page.locator(".notice.good")).to_contain_text("Zapisano z dniem")
    assert clerk.seconds <= BUDGET, (clerk.keys, clerk.taps, clerk.seconds)
    stands_as_told(page, yesterday)


def stands_as_told(page: Page, day: date) -> None:
    task = page.url.partition("/referrals/")[2].partition("?")[0]
    told = page.request.get(f"/api/v1/referrals/{task}").json()
    assert told["state"] == "accepted"
    assert [line["channel"] for line in told["timeline"]] == ["self", "phone", "phone"]
    assert {line["at"][:10] for line in told["timeline"]} == {day.isoformat()}
