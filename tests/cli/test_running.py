"""`serve`, `worker` and `demo` as processes: they answer, share one database, and leave nothing behind."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from referral_hub.database.embedded import running_urls
from tests.cli.conftest import ask, referral_hub
from tests.cli.test_commands import one_line
from tests.database.conftest import open_directory, place  # noqa: F401 -- `place` is a fixture
from tests.database.test_embedded import alive

pytestmark = pytest.mark.xdist_group("processes")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A place where `serve` runs more than once: whichever test comes first makes its database."""
    with open_directory() as made:
        yield made


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_in(data: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(data), "REFERRAL_HUB_DATA_DIR": str(data)}


@contextmanager
def running(*arguments: str, data: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One command running; afterwards it must have ended by itself, cleanly, when asked to."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "referral_hub", *arguments],
            env=environment_in(data),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            code = process.wait(60)
        finally:
            process.kill()  # one that hangs fails this test, and not the next ones
    assert code in (0, 143), log.read_text()
    assert "Traceback" not in log.read_text()


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> bytes:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            status, body = get(url)
        except OSError:
            status, body = 0, b""
        if status == 200:
            return body
        time.sleep(0.05)
    pytest.fail(f"{url}: no answer; it said: {log.read_text()}")


def descendants(pid: int) -> list[int]:
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def all_gone(pids: list[int], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not [pid for pid in pids if alive(pid)]:
            return True
        time.sleep(0.05)
    return False


def test_serve_answers_shares_its_database_and_ends(home: Path) -> None:
    port, log = free_port(), home / "log"
    with running("serve", "--port", str(port), "--workers", "2", data=home / "data", log=log) as process:
        wait_for(f"http://127.0.0.1:{port}/health/ready", process, log)
        # Each web process counts its own requests: the one that answers first may have had none yet.
        metrics = [get(f"http://127.0.0.1:{port}/metrics")[1].decode() for _ in range(8)]
        assert all("hub_jobs{" in one for one in metrics)
        assert any("hub_requests_total{" in one for one in metrics)
        # Another command beside it attaches and leaves it running.
        beside = referral_hub("account", "list", environment=environment_in(home / "data"))
        assert beside.returncode == 0, beside.stderr
        urls = running_urls(home / "data")
        assert urls
        # The worker beside the web processes does the scheduled jobs.
        deadline = time.monotonic() + 30
        while not ask(urls.owner, "select count(*) from job where done_at is not null"):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        busy = referral_hub("serve", "--port", str(port), environment=environment_in(home / "data"))
        assert "--port" in one_line(busy)
        below = descendants(process.pid)
        assert len(below) > 3
    assert all_gone(below)
    assert running_urls(home / "data") is None


def test_kill_9_of_serve_leaves_no_worker_and_no_database(home: Path) -> None:
    port, log = free_port(), home / "killed.log"
    environment = environment_in(home / "data")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "referral_hub", "serve", "--port", str(port), "--workers", "1"],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    wait_for(f"http://127.0.0.1:{port}/health/ready", process, log)
    below = descendants(process.pid)
    process.kill()
    process.wait(10)
    assert all_gone(below), [cmdline(pid) for pid in below if alive(pid)]
    again = referral_hub("account", "list", environment=environment)
    assert again.returncode == 0, again.stderr


def cmdline(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_the_demo_prints_who_may_sign_in_and_keeps_its_mail(place: Path) -> None:  # noqa: F811 -- the fixture is imported
    port, log = free_port(), place / "log"
    with running("demo", "--port", str(port), "--data-dir", str(place), data=place, log=log) as process:
        wait_for(f"http://127.0.0.1:{port}/health/live", process, log)
        deadline = time.monotonic() + 10
        while "http://" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        accounts = [line.split("\t") for line in log.read_text().splitlines() if "\t" in line]
        assert {email for email, *_ in accounts} == {
            f"{name}@demo.example"
            for name in (
                *("coordinator", "caseworker", "caseworker2", "partner", "partner2"),
                *("intake", "dpo", "admin", "solo"),
            )
        }
        assert len({password for _, password, _ in accounts}) == 1
        secret = place / "demo" / "demo.password"
        assert secret.read_text().strip() == accounts[0][1]
        assert secret.stat().st_mode & 0o777 == 0o600
        assert isinstance(json.loads(get(f"http://127.0.0.1:{port}/demo/mail.json")[1]), list)
        state = json.loads(get(f"http://127.0.0.1:{port}/health/ready")[1])
        assert state["checks"]["database"] is True
        assert "demo_history" in state["checks"]
        below = descendants(process.pid)
    assert all_gone(below)
