"""What an institution is asked to do, counted with a finger on a phone without script."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from referral_hub import clock
from tests.browser.conftest import Hub, Visit
from tests.browser.test_journeys import Hand, state_of


class Fields:
    """Counts the fields that somebody has to fill in."""

    def __init__(self, most: int) -> None:
        self.most, self.done = most, 0

    def __call__(self, target: Locator, text: str, *, choose: bool = False) -> None:
        self.done += 1
        assert self.done <= self.most, f"more than {self.most} fields"
        if choose:
            target.select_option(text)
        else:
            target.fill(text)


def is_big(button: Locator) -> bool:
    """Large enough for a thumb: 56 px."""
    box = button.bounding_box()
    return box is not None and box["height"] >= 56


def answer_form(page: Page, verb: str) -> Locator:
    """The form of a move, opened."""
    form = page.locator("form", has=page.locator(f"input[name=verb][value={verb}]"))
    page.locator("details.move", has=form).locator("summary").click()
    return form


def test_a_guests_burden_counted_on_a_phone_without_script(visitor: Visit, hub: Hub) -> None:
    burden: dict[str, Any] = hub.facts["burden"]
    sender, page = visitor("caseworker", script=False), visitor(width=390, script=False)

    # Accept: one tap, the day is on the button.
    tap = Hand(1)
    page.goto(f"/a/{burden['accept']['secret']}")
    first = page.get_by_role("button", name=re.compile("^Przyj")).first
    assert is_big(first)
    tap(first)
    expect(page.locator(".notice.good")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Co dalej")
    assert state_of(sender, burden["accept"]["task"]) == "accepted"

    # Decline: two fields at most, a reason and, where it helps, words.
    fill = Fields(2)
    page.goto(f"/a/{burden['decline']['secret']}")
    form = answer_form(page, "decline")
    fill(form.locator("select[name=decline-self-reason]"), "other", choose=True)
    fill(form.locator("[name=decline-self-text]"), "remont do wiosny")
    form.locator("button").click()
    assert state_of(sender, burden["decline"]["task"]) == "declined"

    # Attendance: one tap, and the link goes on.
    tap = Hand(1)
    page.goto(f"/a/{burden['attend']['secret']}")
    came = page.locator("form[action='/a/attendance'] button").first
    assert is_big(came)
    tap(came)
    expect(page.locator(".notice.good")).to_be_visible()
    assert state_of(sender, burden["attend"]["task"]) == "scheduled"

    # Outcome: two fields.
    fill = Fields(2)
    form = answer_form(page, "deliver")
    assert form.locator("[required]").count() <= 2
    fill(form.locator("select[name=deliver-self-outcome]"), "brak_informacji", choose=True)
    fill(form.locator("[name=deliver-self-date]"), clock.today().isoformat())
    form.locator("button").click()
    assert state_of(sender, burden["attend"]["task"]) == "delivered"

    # By phone: the sender writes it down with two clicks.
    click = Hand(2)
    sender.goto(f"/referrals/{burden['phone']['task']}")
    click(sender.get_by_text(re.compile("telefonicznie"), exact=False).first)
    click(sender.locator("button[name=accept-phone-date]").first)
    assert state_of(sender, burden["phone"]["task"]) == "accepted"

    _the_code_opens_the_name(sender, page, burden)


def _the_code_opens_the_name(sender: Page, page: Page, burden: dict[str, Any]) -> None:
    """Where the offer is sensitive: a number, one field with what was told by phone and a day, then the name."""
    tap, fill = Hand(2), Fields(1)
    page.goto(f"/a/{burden['code']['secret']}")
    expect(page.locator("main")).not_to_contain_text(burden["name"])
    sender.goto(f"/referrals/{burden['code']['task']}")
    said = sender.locator("summary", has_text="Kod do podania przez telefon").locator(".meta").inner_text().strip(": ")
    fill(page.locator("#code"), said)
    tap(page.get_by_role("button", name=re.compile("^Przyj")).first)
    assert state_of(sender, burden["code"]["task"]) == "accepted"
    expect(page.locator("main")).not_to_contain_text(burden["name"])
    tap(page.locator("form[action='/a/open'] button"))
    expect(page.locator("main")).to_contain_text(burden["name"])
