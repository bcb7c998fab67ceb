"""A visitor says what is wrong, the coordinator puts it right; two entries of one foundation become one."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Hub, Visit
from tests.browser.test_journeys import Hand
from tests.browser.test_own_office import narrow


def test_from_a_visitors_phone_to_the_public_page(visitor: Visit, hub: Hub) -> None:
    tap, told = Hand(6), hub.facts["unsettled"]["told"]
    reader = visitor(width=390, script=False)
    reader.goto(f"/offers/{told['offer']}")
    tap(reader.get_by_role("link", name="Coś się nie zgadza?"))
    narrow(reader)
    tap(reader.get_by_label("godziny otwarcia"))
    reader.get_by_label("Jak powinno być?").fill("wt-czw 9:00-15:00")
    reader.get_by_label("Skąd to wiadomo?").fill("Mówił Jan Kowalski")
    tap(reader.get_by_role("button", name="Wyślij propozycję"))
    # Words that look as if they named somebody are asked about before anything is kept.
    expect(reader.get_by_role("alert")).to_contain_text("nazwisko")
    expect(reader.get_by_label("Jak powinno być?")).to_have_value("wt-czw 9:00-15:00")
    reader.get_by_label("Skąd to wiadomo?").fill("Tak jest na drzwiach.")
    reader.get_by_label("Sprawdziłem").check()
    reader.get_by_role("button", name="Wyślij propozycję").click()
    expect(reader.locator("main")).to_contain_text("Co będzie dalej")
    narrow(reader)
    page = visitor("coordinator", width=390, script=False)
    page.goto("/moderation")
    narrow(page)
    card = page.locator(".moderation-group", has_text="Fundacja Do Poprawy")
    tap(card.get_by_role("link", name=re.compile("Zobacz i zdecyduj")))
    expect(page.locator("main")).to_contain_text("pn-pt 8:00-16:00")
    narrow(page)
    tap(page.get_by_role("button", name="Przyjmij i wpisz"))
    expect(page.locator("main")).to_contain_text("Przyjęte")
    reader.goto(f"/offers/{told['offer']}")
    expect(reader.locator("main")).to_contain_text("wt-czw 9:00-15:00")


def test_two_entries_become_one_and_the_old_address_leads_on(visitor: Visit, hub: Hub) -> None:
    tap, pair = Hand(2), hub.facts["unsettled"]
    page = visitor("coordinator", width=390, script=False)
    page.goto("/duplicates")
    narrow(page)
    card = page.locator("li.card", has=page.locator("h2", has_text="Fundacja „Podwójna”"))
    expect(card).to_contain_text("ten sam adres")
    tap(card.get_by_role("link", name=re.compile("Zobacz obie")))
    page.goto(f"/duplicates/{pair['kept']['id']}/{pair['merged']['id']}")
    expect(page.locator("main")).to_contain_text("Co przejdzie")
    narrow(page)
    page.get_by_label("Dlaczego to jedna instytucja?").fill("wpisana dwa razy")
    tap(page.get_by_role("button", name="Scal w jeden wpis"))
    expect(page.locator("main")).to_contain_text("Scalone")
    reader = visitor(script=False)
    reader.goto(f"/institutions/{pair['merged']['id']}")
    expect(reader).to_have_url(re.compile(pair["kept"]["id"]))
    for one in ("kept", "merged"):
        expect(reader.locator(f"a[href='/offers/{pair[one]['offer']}']").first).to_be_visible()
