"""One PostgreSQL for the run, one database per worker from a template, one rolled-back transaction per test."""

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, settings

# A busy machine is slow, not wrong: no clock decides whether a property holds.
settings.register_profile("hub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("hub")

_ROOT = Path(__file__).resolve().parent.parent
_SHARED = Path(os.environ.get("REFERRAL_HUB_SHARED", _ROOT.parent / "shared"))
_stack = ExitStack()
_ROOM = 4 * 2**30


def quick_place() -> str:
    """Where the tests' database servers lie: in memory if there is room, since thousands of files come and go."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK | os.X_OK) and shutil.disk_usage(memory).free > _ROOM
    return str(memory) if roomy else "/tmp"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="also run the long sweeps")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "house" or item.path.name == "test_catalogues.py":
            # They read all of the source: once is enough.
            item.add_marker(pytest.mark.xdist_group("source"))
    if not config.getoption("--full"):
        skip = pytest.mark.skip(reason="a long sweep: runs with --full")
        for item in items:
            if "full" in item.keywords:
                item.add_marker(skip)


def pytest_collection_finish() -> None:
    """What was imported and collected stays: no use looking through it again and again for what is lost."""
    gc.collect()
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    """The controller starts the server and makes the template; workers find both in the environment."""
    _quick_passwords()
    gc.set_threshold(20_000, 20, 20)
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    folder = Path(_stack.enter_context(tempfile.TemporaryDirectory(prefix="hub-tests-", dir=quick_place())))
    folder.chmod(0o755)
    os.environ["REFERRAL_HUB_DATA_DIR"] = str(folder / "data")
    os.environ["REFERRAL_HUB_KEY_FILE"] = str(folder / "keys.json")
    os.environ["REFERRAL_HUB_PUBLIC_URL"] = "http://hub.test"
    # A test that reads on at once what was sent waits half a minute for nothing; those of the waiting ask for it.
    os.environ["REFERRAL_HUB_UNDO_SECONDS"] = "0"
    from referral_hub.database.embedded import running_cluster

    urls = _stack.enter_context(running_cluster(folder / "data", small=False))
    os.environ |= {
        "HUB_TEST_ADMIN_URL": urls.superuser,
        "HUB_TEST_OWNER_URL": urls.owner,
        "HUB_TEST_APP_URL": urls.app,
    }
    asyncio.run(_hurry())
    asyncio.run(_make_template())


def _quick_passwords() -> None:
    """Argon2 is slow on purpose: each of some thousand sign-ins in the tests hashes with its least cost instead."""
    from argon2 import PasswordHasher

    from referral_hub.accounts import passwords

    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Figures that tests measured (`record_property("figure", …)`), from whatever worker, at the end of the run."""
    reports = [one for of in ("passed", "failed", "") for one in terminalreporter.stats.get(of, [])]
    told = {str(value) for one in reports for name, value in one.user_properties if name == "figure"}
    for figure in sorted(told):
        terminalreporter.write_line(figure)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _stack.close()


def on_database(url: str, name: str) -> str:
    """The same DSN for another database of the same server."""
    parts = urlsplit(url)
    return parts._replace(path=f"/{name}").geturl()


async def _hurry() -> None:
    """A run's database lives as long as the run: nothing of it has to survive a power cut, or be tidied."""
    admin = await asyncpg.connect(os.environ["HUB_TEST_ADMIN_URL"])
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
        await admin.execute(f"alter system set {setting} = off")
    await admin.execute("alter system set checkpoint_timeout = '1h'")
    await admin.execute("select pg_reload_conf()")
    await admin.close()


async def _make_template() -> None:
    from referral_hub.database.migrate import migrate
    from referral_hub.database.pool import close_pool, open_pool
    from referral_hub.init import fill

    app = await make_database("hub_template", template="template0")
    await migrate(on_database(os.environ["HUB_TEST_OWNER_URL"], "hub_template"), app)
    await open_pool(app, largest=2)
    await fill()
    await close_pool()


async def make_database(name: str, template: str = "hub_template") -> str:
    """A fresh database, filled as the template is; its app DSN."""
    admin = await asyncpg.connect(os.environ["HUB_TEST_ADMIN_URL"])
    owner = urlsplit(os.environ["HUB_TEST_OWNER_URL"]).username
    try:
        await admin.execute(f"drop database if exists {name} with (force)")
        await admin.execute(f"create database {name} template {template} owner {owner}")
    finally:
        await admin.close()
    return on_database(os.environ["HUB_TEST_APP_URL"], name)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
async def pool(anyio_backend: str, worker_id: str) -> AsyncIterator[None]:
    """The engine's pool on this worker's own database."""
    from referral_hub.database.pool import close_pool, open_pool

    await open_pool(await make_database(f"hub_{worker_id}"), largest=4)
    yield
    await close_pool()


@pytest.fixture
async def database(pool: None) -> AsyncIterator[asyncpg.Connection]:
    """A transaction that is rolled back after the test; everything the test does happens inside it."""
    from referral_hub.database.pool import ENGINE

    opened = await ENGINE.transaction().__aenter__()
    try:
        yield opened.connection
    finally:
        await opened.rollback()
        await opened.__aexit__(None, None, None)


@pytest.fixture(scope="session")
def app() -> object:
    from referral_hub.app import make_app
    from referral_hub.demo.pages import routes as mailbox_pages

    return make_app(lifespan=False, more=mailbox_pages)


@pytest.fixture
async def web(app: object, database: asyncpg.Connection) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without script on the whole application, inside the test's transaction; nobody is signed in."""
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
        yield client


@pytest.fixture(scope="session")
def shared() -> Iterator[Path]:
    """The registers and standards, which are not part of the product."""
    if not (_SHARED / "data").is_dir():
        pytest.skip(f"needs ../shared with the registers ({_SHARED}), which is not here")
    return _SHARED
