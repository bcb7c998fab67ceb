"""Every kind of offer: created, filled and booked, enrolled in or agreed on, through pages without script."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hub, Visit

TODAY = date.today()
FILLED = {
    "szkolenie": {"level": "start", "mode": "on_site", "certificate": "Uprawnienia UDT"},
    "wolontariat": {"volunteers_in": "centre", "tasks": "Czytanie dzieciom w bibliotece"},
    "inicjatywa_czlonkow": {"stage": "idea", "members_do": "Wspólny ogród"},
    "wlasne_miejsce_pracy": {"advice": "1", "funds": "Dotacja na start"},
    "spoldzielnia_socjalna": {"way": "founding", "founders_wanted": "3", "helped_by": "OWES"},
    "oferta_pracy": {"employer": "Piekarnia", "position": "piekarz", "pay_from": "4900", "pay_to": "5400"},
    "staz": {"organiser": "Powiatowy Urząd Pracy", "applies": "PUP", "vacancies": "2"},
    "roboty_publiczne": {"organiser": "Gmina Tarnów", "applies": "PUP", "vacancies": "6"},
    "prace_interwencyjne": {"organiser": "Zakład Zieleni", "applies": "PUP", "vacancies": "3"},
}
ROOM = {"resource": "room", "pieces": "1", "lending_hours": "pon.–niedz. 0–24"}
SHOWN = {
    "szkolenie": "Uprawnienia UDT",
    "wolontariat": "w centrum wolontariatu",
    "inicjatywa_czlonkow": "Wspólny ogród",
    "wlasne_miejsce_pracy": "Dotacja na start",
    "spoldzielnia_socjalna": "założenie spółdzielni",
    "oferta_pracy": "zł brutto",
    "staz": "Powiatowy Urząd Pracy",
    "roboty_publiczne": "Gmina Tarnów",
    "prace_interwencyjne": "Zakład Zieleni",
}
WITH_TERMS = {
    "szkolenie",
    "wolontariat",
    "spoldzielnia_socjalna",
    "oferta_pracy",
    "staz",
    "roboty_publiczne",
    "prace_interwencyjne",
}
# Terms, sending and enrolling are the same code for all: once by the club, once by another office, once without terms.
BOOKED = {"szkolenie", "staz", "inicjatywa_czlonkow"}


def fill(page: Page, values: dict[str, str]) -> None:
    """Type, choose or tick, whatever each field is."""
    for name, value in values.items():
        # A form beside this one may have a button of the same name.
        field = page.locator(f"main :is(input, select, textarea)[name={name}]").first
        kind = field.get_attribute("type") or field.evaluate("field => field.localName")
        if kind in ("radio", "checkbox"):
            page.check(f"main input[name={name}][value='{value}']")
        elif kind == "select":
            field.select_option(value)
        else:
            field.fill(value)


def create(page: Page, form: str) -> str:
    """Put an offer of this form into the directory; its id. The page leads on to what its kind has."""
    page.goto("/my-offers/new")
    new = {"title": f"Próba: {form}", "form": form, "needs": "praca", "everybody": "1", "first_step": "Zadzwoń."}
    fill(page, new | {"intake_mode": "referral", "remote": "1", "phone": "14 621 34 56"})
    page.locator("button[name=act][value=publish]").click()
    page.wait_for_url(re.compile(r"\?new=1"))
    return page.url.split("/my-offers/")[1].split("/")[0]


@pytest.mark.parametrize("form", list(FILLED))
def test_each_kind_is_created_and_filled_and_what_differs_is_booked(visitor: Visit, hub: Hub, form: str) -> None:
    page = visitor("maker", width=390, script=False)
    offer = create(page, form)
    fill(page, FILLED[form])
    page.get_by_role("button", name="Zapisz", exact=True).click()
    expect(page).to_have_url(re.compile(r"/my-offers\?saved="))
    if form in WITH_TERMS:
        page.goto(f"/my-offers/{offer}/terms")
        expect(page.get_by_role("button", name="Dodaj ten termin")).to_be_visible()
    if form in WITH_TERMS & BOOKED:
        first = TODAY + timedelta(days=30)
        fill(page, {"title": "Pierwszy nabór", "apply_by": str(first - timedelta(days=9)), "starts_on": str(first)})
        fill(page, {"places": "4"})
        page.get_by_role("button", name="Dodaj ten termin").click()
        expect(page.locator("main")).to_contain_text("zostały 4 miejsca")
    page.goto(f"/offers/{offer}")
    expect(page.locator("main")).to_contain_text(SHOWN[form])
    if form not in BOOKED:
        return
    if form in WITH_TERMS:
        expect(page.locator(".terms-panel")).to_contain_text("zostały 4 miejsca")
    worker = visitor("caseworker", script=False)
    sent(worker, hub, offer)
    if form in WITH_TERMS:
        enrolled(worker, offer)


def sent(page: Page, hub: Hub, offer: str) -> None:
    """A caseworker sends a person there."""
    page.goto(f"/referrals/new?offer={offer}&need=mieszkanie&person={hub.facts['people']['housed']}")
    if page.locator("[name='basis.given_how']").first.is_visible():  # asked where the basis is consent
        page.locator("[name='basis.given_how'][value='signed']").check()
    page.get_by_role("button", name=re.compile("^Sprawdź")).click()
    page.wait_for_url(re.compile(r"/check"))
    page.get_by_role("button", name=re.compile("^Wyślij")).first.click()
    expect(page.locator("main")).to_contain_text("Wysłano")


def enrolled(page: Page, offer: str) -> None:
    """And puts the referral into the term."""
    page.get_by_role("link", name="Wybierz termin").click()
    page.get_by_role("button", name=re.compile("^Zapisz na ten termin")).click()
    expect(page.locator(".notice.good")).to_contain_text("Zapisano na termin")
    page.goto(f"/offers/{offer}")
    expect(page.locator(".terms-panel")).to_contain_text("zostały 3 miejsca")


def test_a_room_is_asked_for_confirmed_and_taken(visitor: Visit) -> None:
    owner = visitor("maker", width=390, script=False)
    room = create(owner, "uzyczenie_zasobu")
    fill(owner, ROOM)
    owner.get_by_role("button", name="Zapisz", exact=True).click()
    owner.wait_for_url(re.compile(r"/my-offers\?saved="))

    day = TODAY + timedelta(days=7)
    asker = visitor("taker", script=False)
    asker.goto(f"/offers/{room}/calendar?day={day}")
    asker.locator(f"a[href='/offers/{room}/booking?day={day}&hour=10']").click()
    asker.fill("#purpose", "Spotkanie grupy")
    asker.get_by_role("button", name="Poproś o ten termin").click()
    expect(asker.locator("main")).to_contain_text("czeka na potwierdzenie")
    asker.goto(f"/offers/{room}/booking?day={day}&hour=10")
    asker.get_by_role("button", name="Poproś o ten termin").click()
    expect(asker.locator(".error-summary")).to_contain_text("już zajęte")

    owner.goto(f"/my-offers/{room}/bookings")
    owner.get_by_role("button", name=re.compile("^Potwierdź")).click()
    expect(owner.locator(".notice.good")).to_contain_text("potwierdzone")
    public = visitor("", width=390, script=False)
    public.goto(f"/offers/{room}/calendar?day={day}")
    expect(public.locator("td.busy")).to_have_count(1)
    expect(public.locator("main")).not_to_contain_text("Spotkanie grupy")
    expect(public.locator("main")).not_to_contain_text("Klub Za Rogiem")


def test_two_partners_exchange_services(visitor: Visit) -> None:
    one, other = visitor("maker", width=390, script=False), visitor("taker", script=False)
    first = create(one, "barter")
    for side, subject, text in (
        ("offered", "sport", "Gimnastyka dla seniorów"),
        ("wanted", "kultura", "Występ zespołu"),
    ):
        fill(one, {"side": side, "subject": subject, "text": text})
        one.get_by_role("button", name="Dodaj", exact=True).click()
        expect(one.locator(".notice.good")).to_contain_text("Dodane")
    create(other, "barter")
    for side, subject, text in (
        ("wanted", "sport", "gimnastyki dla grupy"),
        ("offered", "kultura", "Zespół gra na festynach"),
    ):
        fill(other, {"side": side, "subject": subject, "text": text})
        other.get_by_role("button", name="Dodaj", exact=True).click()
    found = other.locator("section.card", has_text="Usługa za usługę")
    expect(found).to_contain_text("oba mówią: gimnastyka")
    found.get_by_role("button", name="Zaproponuj").click()
    one.goto(f"/my-offers/{first}/exchange")
    for answer in ("Zgadzamy się", "Zgadzamy się", "Zrobione"):
        one.get_by_role("button", name=answer).first.click()
    expect(one.locator(".notice.good")).to_contain_text("Zapisane jako zrobione")
    other.reload()
    expect(other.locator("details", has_text="Zrobione albo porzucone")).to_be_visible()
