"""Three people's days, click by click; the first two also without script."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Hub, Visit
from tests.browser.mailbox import Mailbox

WAYS = [pytest.param(True, id="with-script"), pytest.param(False, id="without-script")]


class Hand:
    """Counts what a person does with a mouse or a finger."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.done = 0

    def __call__(self, target: Locator) -> None:
        self.done += 1
        assert self.done <= self.most, f"more than {self.most} clicks"
        target.click()


def way_of(script: bool) -> str:
    return "script" if script else "plain"


def free_places(page: Page, offer: str) -> int | None:
    """What the public API says is available now."""
    found = page.request.get("/api/v1/offers", params={"per_page": 100}).json()["items"]
    return next(item["capacity"]["free"] for item in found if item["id"] == offer)


@pytest.mark.parametrize("script", WAYS)
def test_a_social_worker_sends_somebody_alone_without_data(
    visitor: Visit, hub: Hub, mailbox: Mailbox, script: bool
) -> None:
    click, page = Hand(6), visitor("caseworker", script=script)
    person, clinic = hub.facts["people"][way_of(script)], hub.facts["clinic"]
    page.goto("/")
    page.fill("#q", "odwyk")
    page.fill("#place", "Szynwałd")
    click(page.get_by_role("button", name="Szukaj"))
    card = page.locator(".results > li", has=page.locator(f"a[href='/offers/{clinic['offer']}']"))
    expect(card).to_contain_text("14 600 00 02")
    expect(card.locator("a[href^='tel:']")).to_be_visible()
    expect(card).to_contain_text(re.compile(r"\d{1,2}:\d\d"))

    click(card.get_by_role("link", name=re.compile("Zgłoś osobę|Skieruj|Zgłoś")))
    click(page.locator(f"input[name=person][value='{person}']"))
    click(page.get_by_role("button", name=re.compile("[Ii]dzie .*kart")))
    expect(page).to_have_url(re.compile(r"/referrals/[^/]+/card"))
    expect(page.locator("main")).to_contain_text("14 600 00 02")
    if script:
        page.evaluate("() => { window.print = () => { window.printed = true } }")
        click(page.get_by_role("button", name="Drukuj"))
        assert page.evaluate("() => window.printed")
    assert not [message for message in mailbox.messages if message["To"] == clinic["email"]]

    # A week later: one press in the list, where each row says what comes next.
    number = re.findall(r"20\d\d/\d{4}", page.locator("main").inner_text())[0]
    page.goto(page.url.split("/referrals/")[0] + "/referrals?box=waiting")
    row = page.get_by_role("row").filter(has_text=number)
    click(row.get_by_role("button", name=re.compile("wiem od osoby")))
    expect(page.locator("main")).to_contain_text(re.compile("od osoby"))
    assert not page.get_by_role("button", name=re.compile("Dotarł")).count()
    assert not [message for message in mailbox.messages if message["To"] == clinic["email"]]


@pytest.mark.parametrize("script", WAYS)
def test_an_ngo_answers_from_a_phone_without_an_account(
    visitor: Visit, hub: Hub, mailbox: Mailbox, script: bool
) -> None:
    tap, partner = Hand(5), hub.facts["partners"][way_of(script)]
    page = visitor(width=390, script=script)
    before = free_places(page, partner["flat"]), free_places(page, partner["debts"])
    page.goto(mailbox.wait_for(partner["email"], "/c/"))
    assert (free_places(page, partner["flat"]), free_places(page, partner["debts"])) == before == (3, 2)

    flat = page.locator("form", has=page.get_by_role("button", name=re.compile("nadal 3")))
    tap(flat.get_by_role("button", name=re.compile("nadal 3")))
    expect(page.get_by_role("button", name=re.compile("Cofnij")).first).to_be_visible()
    tap(page.get_by_role("button", name=re.compile("^Brak miejsc")).first)
    wait_until(lambda: free_places(page, partner["debts"]) == 0)
    assert free_places(page, partner["flat"]) == 3

    sender = visitor("caseworker", script=script)
    first = refer(sender, hub, partner["flat"])
    wait_until(lambda: free_places(page, partner["flat"]) == 2)
    page.goto(mailbox.wait_for(partner["email"], "/a/"))
    page.reload()
    assert state_of(sender, first) == "sent", "looking is not answering"
    tap(page.get_by_role("button", name=re.compile("^Przyjmuję|^Przyjmij|^Przyjmujemy|^Przyjmiemy")).first)
    expect(page.locator(".notice.good")).to_be_visible()
    assert state_of(sender, first) == "accepted"
    assert free_places(page, partner["flat"]) == 2, "the held place became a taken one"

    # Then a receptionist phones instead: „przyjmą w środę”, two clicks.
    second, click = refer(sender, hub, partner["flat"]), Hand(2)
    sender.goto(f"/referrals/{second}")
    click(sender.get_by_text(re.compile("telefonicznie"), exact=False).first)
    click(sender.get_by_role("button", name=re.compile("środa")).first)
    assert state_of(sender, second) == "accepted"
    told = sender.request.get(f"/api/v1/referrals/{second}").json()
    assert [line["channel"] for line in told["timeline"] if line["verb"] == "accept"] == ["phone"]


def refer(page: Page, hub: Hub, offer: str) -> str:
    """Send a person with housing needs to this offer through the composer; the task's id."""
    page.goto(f"/referrals/new?offer={offer}&need=mieszkanie&person={hub.facts['people']['housed']}")
    if page.locator("[name='basis.given_how']").first.is_visible():  # asked where the basis is consent
        page.locator("[name='basis.given_how'][value='signed']").check()
    page.get_by_role("button", name=re.compile("^Sprawdź")).click()
    page.wait_for_url(re.compile(r"/check"))
    page.get_by_role("button", name=re.compile("^Wyślij")).first.click()
    page.wait_for_url(re.compile(r"/referrals/[0-9a-f-]{36}(\?.*)?$"))
    found = re.search(r"/referrals/([0-9a-f-]{36})", page.url)
    assert found is not None
    return found[1]


def state_of(page: Page, task: str) -> str:
    return str(page.request.get(f"/api/v1/referrals/{task}").json()["state"])


def wait_until(true: Callable[[], bool], seconds: float = 5) -> None:
    """The read model follows the database a moment later."""
    import time

    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "not within the time"
        time.sleep(0.1)


def test_a_coordinator_calls_accepts_and_reads_the_flows(visitor: Visit, hub: Hub) -> None:
    click, page = Hand(12), visitor("solo")
    silent = hub.facts["silent"]
    page.goto("/")
    click(page.get_by_role("link", name=re.compile("^Opieka nad katalogiem")))
    click(page.get_by_role("link", name=re.compile("^Do kogo zadzwonić")))
    partner = page.locator(f"#partner-{silent['id']}")
    expect(partner.locator("a[href^='tel:']")).to_be_visible()
    click(partner.get_by_role("button", name=re.compile("^Nic się nie zmieniło|^Bez zmian")))
    expect(page.locator(f"#partner-{silent['id']}")).to_have_count(0)
    wait_until(lambda: free_places(page, silent["offer"]) == 4)

    task = hub.facts["tasks"]["to_club"]
    click(page.get_by_role("link", name="Zgłoszenia"))
    if not page.locator(f"a[href='/referrals/{task}']").count():
        click(page.get_by_role("link", name=re.compile("Cała instytucja|Cały klub")))
    click(page.locator(f"a[href='/referrals/{task}']").first)
    click(page.get_by_role("button", name=re.compile("^Przyjmuję|^Przyjmij|^Przyjmujemy|^Przyjmiemy")).first)
    assert state_of(page, task) == "accepted"

    click(page.get_by_role("link", name="Współpraca", exact=True))
    expect(page.locator("svg.picture").first).to_be_visible()
    with page.expect_download() as download:
        click(page.get_by_role("link", name=re.compile("CSV")).first)
    assert_totals_agree(page, download.value.path().read_text(encoding="utf-8-sig"))


def assert_totals_agree(page: Page, text: str) -> None:
    """The file, the matrix, the list and the sentence above them say the same numbers."""
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    in_file = [int(cell) for row in rows[1:] for cell in row[1:] if cell.isdecimal()]
    shown = page.locator("table.heat td").all_inner_texts()
    in_matrix = [int(cell) for cell in shown if cell.isdecimal()]
    assert in_file == in_matrix
    assert len(shown) == (len(rows) - 1) * (len(rows[0]) - 1)
    total = int(rows[-1][-1])
    assert total >= 6
    page.get_by_text("To samo jako lista").click()
    listed = [int(cell) for cell in page.locator("table.cards td.number").all_inner_texts() if cell.isdecimal()]
    assert listed[-1] == total
    assert sum(listed[:-1]) <= total
    expect(page.locator("main")).to_contain_text(re.compile(rf"\b{total} zgłosze"))
