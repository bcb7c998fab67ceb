"""A real server on a scratch database, a real Chromium, and what every visit must be free of."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.mailbox import Mailbox
from tests.browser.sound import Sound
from tests.conftest import make_database, on_database

ROOT = Path(__file__).resolve().parents[2]
HINT = "needs Chromium: apt-get install chromium-headless-shell, or .venv/bin/playwright install --with-deps chromium"
# The first draws nothing that nobody sees, and takes half the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE = 40.0
FLAGS = [
    *("--no-sandbox", "--disable-dev-shm-usage", "--disable-extensions"),
    *("--disable-gpu", "--disable-software-rasterizer", "--in-process-gpu"),
    # All pages are ours: no process for each.
    *("--disable-site-isolation-trials", "--renderer-process-limit=2", "--no-pings"),
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two groups, so that a run starts two servers and two browsers at most.

    The roles of the sweep stay together, since what one has looked at the next need not; the rest evens out the two.
    """
    for number, item in enumerate(item for item in items if item.path.parent == Path(__file__).parent):
        first = "test_every_page_of_a_role" in item.name or number % 10 < 3
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.xdist_group(f"browser-{int(not first)}"))


def _chromium() -> str | None:
    """Where a Chromium is: what the environment names, the system's, or Playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    return next(filter(None, map(shutil.which, NAMES)), None)


# Not for the session: Playwright's loop runs on in this thread, and async tests could not start theirs beside it.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = _chromium() or playwright.chromium.executable_path
        if not Path(path).exists():
            pytest.skip(HINT)
        started = playwright.chromium.launch(
            executable_path=path,
            args=FLAGS,
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    """Every mail the hub sends, over real SMTP."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=_free_port())
    controller.start()
    box.port = controller.port
    yield box
    controller.stop()


class Hub:
    """A running hub: its address, and what its seeded network holds (see `seed.py`)."""

    def __init__(self, url: str, database: str, facts: dict[str, Any]) -> None:
        self.url = url
        self.database = database
        self.facts = facts


@pytest.fixture(scope="session")
def hub(worker_id: str, mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The command line's own server and worker on a database of its own."""
    name, port = f"hub_browser_{worker_id}", _free_port()
    url = f"http://127.0.0.1:{port}"
    with ThreadPoolExecutor(1) as aside:
        app_url = aside.submit(asyncio.run, make_database(name)).result()
    environment = {
        **os.environ,
        "REFERRAL_HUB_DATABASE_URL": app_url,
        "REFERRAL_HUB_DATABASE_OWNER_URL": on_database(os.environ["HUB_TEST_OWNER_URL"], name),
        "REFERRAL_HUB_PUBLIC_URL": url,
        "REFERRAL_HUB_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
        "PYTHONPATH": str(ROOT),
    }
    seeded = subprocess.run(
        [sys.executable, "-m", "tests.browser.seed"], env=environment, cwd=ROOT, capture_output=True, text=True
    )
    assert seeded.returncode == 0, seeded.stderr[-3000:]
    log = tmp_path_factory.mktemp("hub") / "server.log"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "referral_hub", "serve", "--port", str(port), "--workers", "1"]
        server = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=out, stderr=out)
    try:
        _wait(f"{url}/health/ready", server, log)
        yield Hub(url, app_url, json.loads(seeded.stdout))
    finally:
        server.terminate()
        server.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not start: {log.read_text(errors='replace')[-3000:]}")


@pytest.fixture(scope="session")
def states() -> dict[str, Any]:
    """The cookies of each role, so that each signs in once."""
    return {}


Visit = Callable[..., Page]


@pytest.fixture
def visitor(browser: Browser, hub: Hub, states: dict[str, Any]) -> Iterator[Visit]:
    """`visitor("caseworker", width=390, script=False)`: a page of a new browser, signed in; '' is the public."""
    opened: list[tuple[BrowserContext, Sound]] = []

    def open_page(role: str = "", *, width: int = 1280, script: bool = True) -> Page:
        if role and role not in states:
            states[role] = _signed_in(browser, hub, role)
        context = browser.new_context(
            base_url=hub.url,
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
            storage_state=states.get(role) if role else None,
            locale="pl-PL",
            has_touch=width < 500,
            # A colour halfway through its change is no colour of ours.
            reduced_motion="reduce",
        )
        context.set_default_timeout(8000)
        opened.append((context, Sound(context, hub.url)))
        return context.new_page()

    yield open_page
    heard = [problem for _, sound in opened for problem in sound.problems]
    for context, _ in opened:
        context.close()
    assert heard == []


def _signed_in(browser: Browser, hub: Hub, role: str) -> Any:
    context = browser.new_context(base_url=hub.url, locale="pl-PL")
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("#email", hub.facts["accounts"][role])
    page.fill("#password", hub.facts["password"])
    page.click("main button")
    assert "/sign-in" not in page.url, page.inner_text("main")
    state = context.storage_state()
    context.close()
    return state
