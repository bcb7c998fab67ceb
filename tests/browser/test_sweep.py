"""Every distinct page of every role: axe, no overflow when narrow, contrast in each theme, nothing foreign."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hub, Visit
from tests.browser.mailbox import Mailbox

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ROLES = ["", "caseworker", "coordinator", "dpo", "admin", "solo", "partner", "intake"]
STARTS = ["/", "/accessibility", "/appearance", "/privacy-notice", "/help", "/sign-in", "/nie-ma-takiej"]
# Pages about the hub are the same for all; by default the public's visit counts for every role.
SAME_FOR_ALL = frozenset(STARTS[1:])
# A crawl that finds more than this has run away, or the hub has outgrown it.
MOST = 120
OF_THREE_ROLES = frozenset({"/", "/referrals", "/people", "/participations", "/care", "/attendance", "/account"})
# What these show hangs on who reads them; other pages are the same page for every role that may open them.
BY_READER = frozenset({"/", "/referrals", "/referrals/{task:uuid}", "/offers/{offer:uuid}", "/my-offers", "/people"})
SIZES = ("m", "l", "xl")
LINKS = "() => [...document.querySelectorAll('a[href]')].map(a => new URL(a.getAttribute('href'), location).href)"
# Axe need not write down all that is well.
BRIEF = {"resultTypes": ["violations"], "selectors": False, "preload": False}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# A child may be wider than the screen only inside a part that scrolls by itself.
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= width) return [];
  return [...document.body.querySelectorAll('*')]
    .filter(e => e.getBoundingClientRect().right > width + 1 && !e.closest('.scroller, .leaflet-container, .vh'))
    .slice(0, 5).map(e => e.outerHTML.slice(0, 160));
}"""
SMALL_TARGETS = """() => [...document.querySelectorAll('main button, main .button, main select, main summary')]
    .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5)
    .map(e => e.outerHTML.slice(0, 160))"""


@cache
def patterns() -> list[tuple[re.Pattern[str], str]]:
    """Each route as an expression, so that two offers count as one page."""
    from referral_hub.app import make_app
    from referral_hub.demo.pages import routes as mailbox_pages

    paths = {route.path for route in make_app(lifespan=False, more=mailbox_pages).routes}
    return sorted(
        ((re.compile(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path)) + r"/?$"), path) for path in paths),
        key=lambda pair: pair[1].count("{"),
    )


def route_of(url: str) -> str | None:
    path = urlsplit(url).path or "/"
    return next((name for pattern, name in patterns() if pattern.match(path)), None)


def faults(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe finds, one line a rule with the first places."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate("options => axe.run(document, options).then(result => result.violations)", options | BRIEF)
    return [
        f"{one['id']}: {one['help']} · " + " | ".join(node["html"][:140] for node in one["nodes"][:3]) for one in found
    ]


def look_at(page: Page, *, themes: bool = True) -> list[str]:
    """Everything that can be wrong with how one page is built, the page being open; all themes and sizes are `--full`.

    What fits 320 px fits a wider phone, and light on dark shows most of what contrast can break.
    """
    found = [f"axe {fault}" for fault in faults(page, {"runOnly": {"type": "tag", "values": TAGS}})]
    found += narrowed(page, (320,))
    for theme in ("dark",) if themes else ():
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        found += [f"{theme} {fault}" for fault in faults(page, CONTRAST)]
    return found


def narrowed(page: Page, widths: tuple[int, ...] = (390, 320)) -> list[str]:
    """What sticks out or is too small to touch on a phone."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        found += [f"wider than {width}: {part}" for part in page.evaluate(OVERFLOW)]
        found += [f"small target at {width}: {part}" for part in page.evaluate(SMALL_TARGETS)]
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


def look_at_every_way(page: Page) -> list[str]:
    """Each two of language, theme, text size and width together once: what breaks hangs on one of them, or on two."""
    found, here = [], page.url
    for turn, language in enumerate(("pl", "uk", "en")):
        page.goto(here + ("&" if "?" in here else "?") + f"lang={language}")
        for step, theme in enumerate(("light", "dark", "contrast")):
            size = SIZES[(turn + step) % len(SIZES)]
            page.evaluate(
                "way => { Object.assign(document.documentElement.dataset, way) }", {"theme": theme, "size": size}
            )
            # Of all that axe asks, only contrast hangs on the theme.
            wrong = faults(page, CONTRAST if step else {"runOnly": {"type": "tag", "values": TAGS}})
            wrong += narrowed(page)
            found += [f"{language} {theme} {size} {fault}" for fault in wrong]
    page.goto(here + ("&" if "?" in here else "?") + "lang=pl")
    return found


_themed: set[str] = set()
_known: set[str] = set()


def look_again(page: Page, name: str, full: bool) -> list[str]:
    """Everything where a page is met first, or where it hangs on who reads it; else nothing but that it is there.

    With `full` whoever comes later looks at it in one way, and the first in every way.
    """
    if name in _known:
        found = look_at(page, themes=False) if full else []
    else:
        found = look_at_every_way(page) if full else look_at(page, themes=name not in _themed)
    _themed.add(name)
    if name not in BY_READER:
        _known.add(name)
    return found


def crawl(page: Page, role: str, starts: list[str], skip: Callable[[str], bool], full: bool = False) -> str:
    """Visit each distinct page that can be reached by links from here; what is wrong with each, as text."""
    waiting, seen, found = list(starts), set[str](), list[str]()
    while waiting:
        assert len(seen) < MOST, seen
        url = waiting.pop(0)
        name = route_of(url) or urlsplit(url).path
        if name in seen or skip(urlsplit(url).path):
            continue
        seen.add(name)
        answer = page.goto(url)
        print(f"{role} {name} {answer.status if answer else ''}")
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        # Colours hang on the page and not on who reads it: once for each page is enough.
        wrong = look_again(page, name, full)
        if answer.status >= 400 and url not in STARTS:
            wrong.append(f"a link leads to {answer.status}")
        found += [f"{role} {url}: {one}" for one in wrong]
        waiting += [link.split("#")[0] for link in page.evaluate(LINKS) if is_page(page, link)]
    return "\n".join(found)


def is_page(page: Page, link: str) -> bool:
    """A link of this site to a page that a GET shows; downloads are read by tests of their own."""
    here, there = urlsplit(page.url), urlsplit(link)
    name = route_of(link)
    if name is None or name.endswith((".csv", ".xlsx", ".json", ".ics")) or name.startswith("/p/days/"):
        return False
    return here.netloc == there.netloc


@pytest.mark.parametrize("role", ROLES, ids=[role or "public" for role in ROLES])
def test_every_page_of_a_role_is_sound(visitor: Visit, role: str, request: pytest.FixtureRequest) -> None:
    full = bool(request.config.getoption("--full"))

    def leave_out(path: str) -> bool:
        # Who holds three roles meets the pages of the three: only those that show all of it are looked at again.
        return not full and ((bool(role) and path in SAME_FOR_ALL) or (role == "solo" and path not in OF_THREE_ROLES))

    found = crawl(visitor(role), role or "public", STARTS, skip=leave_out, full=full)
    assert not found, found


@pytest.mark.parametrize("kind", ["capacity", "enquiry", "answer", "person", "password"])
def test_every_page_behind_a_link_from_mail_is_sound(visitor: Visit, hub: Hub, mailbox: Mailbox, kind: str) -> None:
    page = visitor()
    link = mailbox.wait_for(hub.facts["partners"]["guest"]["email"], "/a/") if kind == "answer" else None
    page.goto(link or hub.facts["links"][kind])
    first = urlsplit(page.url).path
    assert len(first) < 20, "the secret stayed in the address"
    found = crawl(page, kind, [first], skip=lambda path: path != first and not path.startswith(first + "/"))
    assert not found, found


@pytest.mark.parametrize(("role", "path"), [("", "/sign-in"), ("admin", "/accounts/new")])
def test_a_form_with_problems_is_sound_and_takes_the_reader_to_them(visitor: Visit, role: str, path: str) -> None:
    page = visitor(role)
    page.goto(path)
    page.click("main form:not([role=search]) button:not([name=act])")
    assert page.evaluate("() => document.activeElement.id") == "error-summary"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.closest('.field') !== null || location.hash.length > 1")
    assert look_at(page) == []


def test_the_first_stop_of_tab_leads_to_the_content(visitor: Visit) -> None:
    page = visitor()
    page.goto("/help")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"


@pytest.mark.parametrize("script", [True, False])
def test_colours_and_size_are_chosen_and_kept(visitor: Visit, script: bool) -> None:
    page = visitor(script=script)
    page.goto("/help")
    page.click("button[name=theme][value=dark]")
    page.click("button[name=size][value=xl]")
    assert page.url.endswith("/help")
    html = page.locator("html")
    assert (html.get_attribute("data-theme"), html.get_attribute("data-size")) == ("dark", "xl")
    page.click("a[hreflang=uk]")
    assert html.get_attribute("lang") == "uk"
    assert html.get_attribute("data-theme") == "dark"


def test_the_largest_text_fits_a_phone(visitor: Visit) -> None:
    page = visitor(width=320)
    for path in STARTS:
        page.goto(path)
        page.evaluate("() => { document.documentElement.dataset.size = 'xl' }")
        assert page.evaluate(OVERFLOW) == [], path


def test_forced_colours_keep_the_current_place(visitor: Visit) -> None:
    page = visitor("admin")
    page.emulate_media(forced_colors="active")
    page.goto("/accounts")
    marked = page.locator(".main-menu [aria-current]").evaluate("e => getComputedStyle(e).borderBottomColor")
    other = page.locator(".main-menu a:not([aria-current])").first.evaluate(
        "e => getComputedStyle(e).borderBottomColor"
    )
    assert marked != other


def test_a_filter_takes_effect_at_once_and_the_reader_stays_where_they_were(visitor: Visit) -> None:
    page = visitor()
    page.goto("/")
    page.evaluate("() => { window.kept = true }")
    all_offers = page.locator(".results > li").count()
    box = page.locator("input[name=need][value=mieszkanie]").first
    box.check()
    page.wait_for_url("**need=mieszkanie**")
    expect(page.locator(".chips a").first).to_be_visible()
    assert 0 < page.locator(".results > li").count() < all_offers
    assert page.evaluate("() => window.kept"), "the page was not loaded anew"
    assert page.evaluate("() => document.activeElement.value") == "mieszkanie"
    expect(page.locator(".map .pin").first).to_be_visible()
    assert look_at(page) == []
    page.go_back()
    expect(page.locator(".chips")).to_have_count(0)
    assert page.locator(".results > li").count() == all_offers
    expect(page.locator(".map .pin").first).to_be_visible()


def test_a_filter_works_without_script(visitor: Visit) -> None:
    page = visitor(script=False)
    page.goto("/")
    page.locator("input[name=need][value=mieszkanie]").first.check()
    page.get_by_role("button", name="Pokaż wyniki").click()
    assert "need=mieszkanie" in page.url
    expect(page.locator(".chips a").first).to_be_visible()
