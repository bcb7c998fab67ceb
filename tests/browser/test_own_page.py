"""From the card's number and code to the status, a word about the help and the way out; and what follows from it.

On a phone without script, as somebody in a hurry would have it; the coordinator settles on a desk.
"""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Hub, Visit


def test_from_the_card_to_a_word_that_is_settled(visitor: Visit, hub: Hub) -> None:
    card = hub.facts["card"]
    phone = visitor("", width=390, script=False)
    phone.goto("/p?lang=uk")
    expect(phone.locator("h1")).to_have_text("Ваш код")
    phone.get_by_label("Номер із картки").fill(card["number"].replace("/", " "))
    phone.get_by_label("Код із картки").fill(card["code"].lower())
    phone.get_by_role("button", name="Показати мої справи").click()
    expect(phone.locator("h1")).to_have_text("Ваші справи")
    assert phone.title() == "Ваші справи"
    matter = phone.locator("section.card", has_text="Прийдіть цього дня")
    expect(matter).to_contain_text("10:30")
    with phone.expect_download() as kept:
        matter.get_by_role("link", name="Записати в мій календар").click()
    text = kept.value.path().read_text()
    assert "SUMMARY:Домовлений день" in text
    assert "Dobry Adres" not in text

    # The institution has reported help; the person says that none came, and does not share it with the sender.
    phone.locator(f'a[href="/p/feedback/{card["done"]}"]').click()
    expect(phone.locator("h1")).to_have_text("Як усе пройшло?")
    phone.get_by_label("ні", exact=True).first.check(force=True)
    phone.get_by_role("button", name="Надіслати відповідь").click()
    expect(phone.locator(".notice.good")).to_be_visible()
    phone.get_by_role("link", name="Хто і що побачив або отримав про мене").click()
    expect(phone.get_by_role("table")).to_contain_text("Stowarzyszenie Dobry Adres")
    exits = phone.locator("[data-quick-exit]")
    assert (exits.get_attribute("href") or "").startswith("https://")
    assert exits.get_attribute("rel") == "noreferrer"

    desk = visitor("coordinator")
    desk.goto("/care")
    desk.get_by_role("link", name=re.compile("Co osoby mówią inaczej")).first.click()
    item = desk.locator("li.card", has_text=card["case_code"])
    expect(item).to_contain_text("Osoba: nie było")
    expect(item).not_to_contain_text("Osoba z Kartą")
    item.get_by_role("link", name=re.compile("Zapisz, jak jest")).click()
    desk.get_by_label("obie strony mają rację").check()
    desk.get_by_role("button", name="Zapisz wyjaśnienie").click()
    expect(desk.locator(".notice.good")).to_contain_text("bez zmian")
    expect(desk.locator("li.card", has_text=card["case_code"])).to_have_count(0)


def test_the_quick_exit_leaves_nothing_to_go_back_to(visitor: Visit, hub: Hub) -> None:
    page = visitor("", width=390)
    page.goto("/accessibility")
    page.goto("/p")
    # Tests ask no foreign host: the way out leads to a page of ours here.
    page.locator("[data-quick-exit]").evaluate("(link) => { link.href = '/help'; }")
    page.locator("[data-quick-exit]").click()
    page.wait_for_url("**/help")
    page.go_back()
    assert page.url.endswith("/accessibility"), "the page left is not in the history"
