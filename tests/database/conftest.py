"""Places and people for the tests of the embedded server: each test starts a real one of its own."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from referral_hub.database.embedded import running_cluster
from tests.conftest import quick_place

ROOT = Path(__file__).parents[2]


@contextmanager
def open_directory() -> Iterator[Path]:
    """A directory that every user can walk into (pytest's own are private to root)."""
    made = Path(tempfile.mkdtemp(prefix="hub-test-", dir=quick_place()))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def place() -> Iterator[Path]:
    with open_directory() as made:
        yield made


@pytest.fixture(scope="session")
def stopped() -> Iterator[Path]:
    """A data directory whose server was made, started once and stopped: to be copied."""
    with open_directory() as made:
        with running_cluster(made / "data"):
            pass
        yield made / "data"


@pytest.fixture
def used_place(place: Path, stopped: Path) -> Path:
    """A place with the data directory of a server that ran before: making one takes most of such a test's time."""
    subprocess.run(["cp", "-a", stopped, place / "data"], check=True)
    return place


@pytest.fixture(scope="session")
def ordinary_user() -> Iterator[str]:
    """The name of an ordinary user: a scratch one for root, else ourselves."""
    if os.geteuid() != 0:
        yield pwd.getpwuid(os.geteuid()).pw_name
        return
    if not shutil.which("useradd"):
        pytest.skip("no useradd here to make an ordinary user with")
    name = f"hubtest{os.getpid()}"
    subprocess.run(["useradd", "--no-create-home", "--shell", "/bin/sh", name], check=True, capture_output=True)
    yield name
    subprocess.run(["userdel", name], check=False, capture_output=True)


@pytest.fixture(scope="session")
def as_ordinary(ordinary_user: str) -> tuple[list[str], dict[str, object]]:
    """The start of a command line, and options for subprocess, that run our code as the ordinary user."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path[1:]])}
    if os.geteuid() != 0:
        return [sys.executable], {"env": {**environment, "HOME": os.environ["HOME"]}}
    entry = pwd.getpwnam(ordinary_user)
    who: dict[str, object] = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    options = {**who, "env": environment, "cwd": "/"}
    # Root's own interpreter may lie in a private home; the system's of the same version does as well.
    for python in (sys.executable, f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}"):
        try:
            probe = subprocess.run([python, "-c", "import asyncpg, referral_hub"], capture_output=True, **options)  # type: ignore[call-overload]
        except OSError:
            continue
        if probe.returncode == 0:
            return [python], options
    pytest.skip("no Python here that an ordinary user can run with our libraries")
