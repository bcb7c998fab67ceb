"""Take the pictures of these pages from a running demonstration.

    python docs/pl/take_pictures.py http://127.0.0.1:8000 PASSWORD

Needs the extra `test` (playwright) and a Chromium; nothing is sent, answered or changed on the way.
"""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import httpx
from playwright.async_api import Browser, Page, async_playwright

HERE = Path(__file__).parent / "obrazy"
DESK, PHONE = {"width": 1240, "height": 800}, {"width": 390, "height": 740}


async def signed_in(browser: Browser, base: str, who: str, password: str, size: dict[str, int] = DESK) -> Page:
    """A page of one of the accounts; "" for a visitor."""
    context = await browser.new_context(viewport=size, locale="pl-PL", reduced_motion="reduce")
    page = await context.new_page()
    page.set_default_timeout(15_000)
    if who:
        await page.goto(f"{base}/sign-in")
        await page.fill("[name=email]", f"{who}@demo.example")
        await page.fill("[name=password]", password)
        await page.click("main form button")
        await page.wait_for_load_state()
    return page


async def take(page: Page, name: str, *, top: str = "") -> None:
    """Keep what the window shows; `top` scrolls something to the top first."""
    if top:
        await page.locator(top).first.evaluate("one => one.scrollIntoView({block: 'start'})")
    await page.screenshot(path=HERE / f"{name}.png")
    size = (HERE / f"{name}.png").stat().st_size // 1024
    sys.stdout.write(f"{name}: {size} KB, {await page.title()}\n")


def link_from_mail(base: str, to: str, kind: str) -> str:
    """The newest link of a kind (`/c/`, `/a/`) sent to an address."""
    for letter in httpx.get(f"{base}/demo/mail.json").json():
        for link in letter["links"]:
            if letter["to"] == to and kind in link:
                return str(link)
    raise SystemExit(f"no letter to {to} with a link {kind}")


async def of_the_visitor(browser: Browser, base: str) -> None:
    page = await signed_in(browser, base, "", "")
    await page.goto(f"{base}/?q=odwyk&place=Żabno")
    await take(page, "katalog")
    page = await signed_in(browser, base, "", "", PHONE)
    await page.goto(f"{base}/?q=odwyk&place=Żabno")
    await take(page, "katalog-telefon", top="main h2, main article")


async def of_the_partner(browser: Browser, base: str, password: str) -> None:
    page = await signed_in(browser, base, "", "", PHONE)
    await page.goto(link_from_mail(base, "kontakt@otwartedrzwi.example", "/c/"))
    await take(page, "wolne-miejsca", top="main")
    await page.goto(f"{base}/c/contact")
    await take(page, "telefon-i-zastepstwo", top="main")
    await page.goto(link_from_mail(base, "kontakt@otwartedrzwi.example", "/a/"))
    await take(page, "odpowiedz", top="main")
    page = await signed_in(browser, base, "partner", password)
    await page.goto(f"{base}/my-offers")
    await take(page, "moje-oferty")
    await page.click("text=Zmień opis, godziny lub warunki >> nth=0")
    await page.wait_for_load_state()
    await take(page, "edycja-oferty")


async def of_the_caseworker(browser: Browser, base: str, password: str) -> None:
    page = await signed_in(browser, base, "caseworker", password)
    await page.goto(f"{base}/referrals")
    await take(page, "do-zrobienia")
    await page.click("main tr:has-text('pytanie do kierującego') a >> nth=0")
    await page.wait_for_load_state()
    await take(page, "przebieg")
    await page.goto(f"{base}/enquiries")
    await page.click("main tbody a >> nth=0")
    await page.wait_for_load_state()
    await take(page, "kto-ma-miejsce")
    await page.goto(f"{base}/referrals/new")
    await page.check("main input[name=person] >> nth=0")
    await page.select_option("select[name=need]", "uzaleznienie")
    await page.click("button.secondary:has-text('Pokaż propozycje')")
    await page.wait_for_load_state()
    await take(page, "nowe-zgloszenie", top="text=Dokąd zgłosić osobę?")
    await take(page, "co-zobaczy-instytucja", top="text=Co zobaczy instytucja")


async def of_the_coordinator(browser: Browser, base: str, password: str) -> None:
    page = await signed_in(browser, base, "coordinator", password)
    for name, path in (("opieka", "/care"), ("aktualnosc", "/freshness"), ("telefony", "/calls"), ("klub", "/club")):
        answer = await page.goto(base + path)
        if answer is not None and answer.ok:
            await take(page, name)
    await page.goto(f"{base}/cooperation")
    await take(page, "wspolpraca", top="text=Przepływy")
    await take(page, "macierz", top="text=Macierz")


async def main(base: str, password: str) -> None:
    HERE.mkdir(exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        await of_the_visitor(browser, base)
        await of_the_partner(browser, base, password)
        await of_the_caseworker(browser, base, password)
        await of_the_coordinator(browser, base, password)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1].rstrip("/"), sys.argv[2]))
