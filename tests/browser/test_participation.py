"""One participation from the accepted referral to the certificate, at a phone's width and without script."""

import re
from datetime import date

from playwright.sync_api import expect

from tests.browser.conftest import Hub, Visit
from tests.browser.test_journeys import Hand


def test_somebody_sent_is_accepted_takes_part_and_leaves_with_a_certificate(visitor: Visit, hub: Hub) -> None:
    task, name = hub.facts["coming"]["task"], hub.facts["coming"]["name"]
    page = visitor("solo", width=390, script=False)
    page.goto(f"/referrals/{task}")
    expect(page.locator("main")).not_to_contain_text(name)
    page.locator("form.move.good button").first.click()
    expect(page.locator(".notice.good").first).to_be_visible()
    take_in = Hand(2)
    take_in(page.get_by_role("button", name="Przyjmij do klubu"))
    expect(page.locator("#label")).to_have_value(name)
    expect(page.locator("#contact")).to_have_value("14 600 00 98")
    page.fill("#contract_number", "KS 12/2026")
    page.fill("#contract_on", date.today().isoformat())
    page.select_option("#main_group", "refused")
    take_in(page.get_by_role("button", name="Przyjmij do klubu"))
    expect(page.locator(".timeline")).to_contain_text("Podpisano kontrakt socjalny")
    expect(page.locator("main")).not_to_contain_text(name)
    for effect in ("zatrudnienie", "wiezi"):
        page.select_option("#effect", effect)
        page.get_by_role("button", name="Dodaj efekt").click()
    page.get_by_role("button", name=re.compile("^Zapisano pomyłkowo.*wię")).click()
    expect(page.locator(".timeline")).to_contain_text("Efekt: podjęcie zatrudnienia")
    expect(page.locator(".timeline")).not_to_contain_text("odbudowa więzi")
    page.locator("summary", has_text="Zakończ uczestnictwo").click()
    page.select_option("#end_reason", "job")
    page.fill("#certificate_number", "Z 1/2026")
    page.get_by_role("button", name="Zakończ uczestnictwo", exact=True).click()
    expect(page.locator(".timeline")).to_contain_text("Z 1/2026")
    csrf = page.locator("form[action$='/certificate'] input[name=csrf]").get_attribute("value")
    letter = page.request.post(f"{page.url.partition('?')[0]}/certificate", form={"csrf": csrf or ""})
    assert letter.body().startswith(b"%PDF")
    page.goto("/participations/year")
    expect(page.locator(".figures")).to_contain_text("w tym podjęło pracę")
