"""An entry's life on pages: approval, two editors at once, a schedule and the way back; without script."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from referral_hub import clock
from tests.browser.conftest import Hub, Visit
from tests.browser.mailbox import Mailbox
from tests.browser.test_journeys import Hand

EDITOR = "/my-offers/{}"


def said(page: Page, text: str) -> None:
    expect(page.locator("main")).to_contain_text(re.compile(text))


def test_what_waits_stays_hidden_until_the_coordinator_takes_it(visitor: Visit, hub: Hub, mailbox: Mailbox) -> None:
    offer = hub.facts["versions"]["watched"]
    page = visitor("watched", width=390, script=False)
    page.goto(EDITOR.format(offer))
    page.fill("#title", "Prawnik w każdą środę")
    page.fill("#cost", "bezpłatnie, NAJLEPIEJ w mieście")
    page.get_by_role("button", name="Zapisz", exact=True).click()
    said(page, "Czeka na zatwierdzenie")
    public = visitor(script=False)
    public.goto(f"/offers/{offer}")
    expect(public.locator("main")).not_to_contain_text("środę")

    decide, click = visitor("coordinator", script=False), Hand(3)
    decide.goto("/edits")
    click(decide.get_by_role("link", name=re.compile("pole po polu.*Porady w sprawach urzędowych$")).last)
    click(decide.get_by_role("checkbox", name="koszt"))
    decide.fill("#word", "Koszt bez reklamy, proszę.")
    click(decide.get_by_role("button", name="Zatwierdź zaznaczone pola"))
    said(decide, "jest już w katalogu")
    # A worker's copy of the directory follows within moments.
    for _ in range(20):
        public.reload()
        if public.locator("h1").inner_text() == "Prawnik w każdą środę":
            break
        public.wait_for_timeout(100)
    expect(public.locator("h1")).to_have_text("Prawnik w każdą środę")
    expect(public.locator("main")).not_to_contain_text("NAJLEPIEJ")
    assert mailbox.wait_for("biuro@lupa.example", "/my-offers/").endswith(offer)


def test_two_editors_keep_both_their_words_and_choose_in_one_field(visitor: Visit, hub: Hub) -> None:
    offer = hub.facts["versions"]["shared"]
    first, second = visitor("first", script=False), visitor("second", width=390, script=False)
    for page in (first, second):
        page.goto(EDITOR.format(offer))
    first.fill("#papers", "umowa najmu")
    first.fill("#first_step", "Zadzwoń we wtorek.")
    first.get_by_role("button", name="Zapisz", exact=True).click()
    second.fill("#cost", "5 zł")
    second.fill("#first_step", "Przyjdź w środę.")
    second.get_by_role("button", name="Zapisz", exact=True).click()
    said(second, "Ktoś inny zmienił to w czasie pisania")
    expect(second.locator("#clash-first_step")).to_contain_text("Zadzwoń we wtorek.")
    expect(second.locator("#first_step")).to_have_value("Przyjdź w środę.")
    expect(second.locator("#papers")).to_have_value("umowa najmu")
    second.get_by_label(re.compile("Weź moje")).check()
    second.get_by_role("button", name="Zapisz", exact=True).click()
    first.goto(EDITOR.format(offer))
    for field, value in (("papers", "umowa najmu"), ("cost", "5 zł"), ("first_step", "Przyjdź w środę.")):
        expect(first.locator(f"#{field}")).to_have_value(value)

    # The way back, by the one who lost the choice.
    first.get_by_role("link", name="Co, kiedy i dlaczego zmieniono").click()
    said(first, "Przyjdź w środę")
    first.get_by_role("button", name=re.compile("Przywróć, co było wcześniej.*ierwszy krok")).first.click()
    said(first, "Przywrócono")
    first.goto(EDITOR.format(offer))
    expect(first.locator("#first_step")).to_have_value("Zadzwoń we wtorek.")


def test_a_clerk_closes_for_the_holidays_in_four_taps(visitor: Visit, hub: Hub) -> None:
    tap, offer = Hand(4), hub.facts["versions"]["shared"]
    page = visitor("first", width=390, script=True)
    page.goto(EDITOR.format(offer))
    tap(page.get_by_text("Zamknij na jakiś czas"))
    page.fill("#closed_until", (clock.today() + timedelta(days=10)).isoformat())
    page.fill("#closed_why", "Urlop")
    tap(page.get_by_role("button", name="Zamknij czasowo"))
    said(page, "czasowo zamknięta")
    tap(page.get_by_role("button", name=re.compile("Otwórz ponownie")))
    said(page, "w katalogu")
