"""Our own supervisor of PostgreSQL: it starts and stops with the command, and commands beside it share it."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from referral_hub.database import cluster
from referral_hub.database.binaries import WAY_OUT, Binaries, CannotRun, find_bin, readable_by
from referral_hub.database.cluster import Urls
from referral_hub.database.lock import held
from referral_hub.database.service_user import ServiceUser, remove_tree, service_user

WAIT = 60.0
_START, _STOP = 60.0, 30.0
_LONGEST_SOCKET = 107 - len("/.s.PGSQL.5432")
_LOG_LIMIT = 5_000_000


class Running(Struct, frozen=True):
    """What the starter leaves in the data directory for commands that come to attach."""

    pid: int
    sockets: str


@contextmanager
def running_cluster(
    data_dir: Path, *, small: bool = True, wait: float = WAIT, binaries: Binaries | None = None
) -> Iterator[Urls]:
    """The DSNs of the embedded database of `data_dir`, attached to or started for the time of the block.

    `small` trades speed for memory; `wait` is how long (s) to wait for another command that is starting or
    stopping it. Starts only from the main thread. Raises CannotRun with a sentence for people.
    """
    _prepare(data_dir)
    deadline = time.monotonic() + wait
    while True:
        with held(data_dir / "postgres.lock") as ours:
            if ours:
                with _started(data_dir, small=small, binaries=binaries) as urls:
                    yield urls
                return
        attached = running_urls(data_dir)
        if attached:
            yield attached
            return
        if time.monotonic() > deadline:
            raise CannotRun(f"Another command has held {data_dir} for over {wait:.0f} seconds without serving it.")
        time.sleep(0.1)


def running_urls(data_dir: Path) -> Urls | None:
    """The DSNs of a server another command runs in `data_dir`, or None; starts nothing."""
    try:
        running = msgspec.json.decode((data_dir / "postgres.running.json").read_bytes(), type=Running)
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2)
            probe.connect(f"{running.sockets}/.s.PGSQL.5432")
        return cluster.urls(cluster.passwords_of(data_dir, make=False), Path(running.sockets))
    except PermissionError:
        raise CannotRun(f"The database in {data_dir} belongs to another user: run this command as that user.") from None
    except (OSError, msgspec.DecodeError):
        return None


def _prepare(data_dir: Path) -> None:
    if sys.platform == "win32":
        raise CannotRun(
            "The embedded database does not run on Windows yet. Use WSL, or " + WAY_OUT[0].lower() + WAY_OUT[1:]
        )
    try:
        # Root's is open to walk through (0711): the service user has to reach the cluster, and nothing else.
        data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        if not os.access(data_dir, os.W_OK | os.X_OK):
            raise PermissionError
    except OSError as error:
        raise CannotRun(
            f"{data_dir} cannot be written to ({error.strerror or 'permission denied'}): "
            "name another place in REFERRAL_HUB_DATA_DIR."
        ) from None


@contextmanager
def _started(data_dir: Path, *, small: bool, binaries: Binaries | None) -> Iterator[Urls]:
    """Start the server of `data_dir`, whose lock we hold, and stop it after the block."""
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("start the embedded database from the main thread: it dies with the thread that started it")
    user = service_user()
    place = cluster.place_of(data_dir, user)
    made = (place / "PG_VERSION").exists()
    major = cluster.check_version(place) if made else None
    found = readable_by(user, binaries or find_bin(major))
    if major and found.major != major:
        raise CannotRun(f"The data in {place} was made by PostgreSQL {major}; this is {found.major}.")
    passwords = cluster.passwords_of(data_dir, make=not made)
    if not made:
        cluster.make(place, found, passwords, user)
    _end_orphan(place)
    cluster.configure(place, found, small=small, user=user)
    with _socket_directory(user) as sockets:
        server = _spawn(place, found, sockets, user)
        running = data_dir / "postgres.running.json"
        try:
            _await_ready(server, place)
            cluster.write_private(running, msgspec.json.encode(Running(server.pid, str(sockets))))
            yield cluster.urls(passwords, sockets)
        finally:
            running.unlink(missing_ok=True)
            _stop(server)


@contextmanager
def _socket_directory(user: ServiceUser | None) -> Iterator[Path]:
    """A private directory for the socket, short enough for the 107 bytes that a socket's path may have."""
    for base in ("/run" if user else tempfile.gettempdir(), "/tmp"):  # noqa: S108 -- mkdtemp makes it private
        try:
            made = Path(tempfile.mkdtemp(prefix="referral-hub-", dir=base))
        except OSError:
            continue
        if len(os.fsencode(made)) <= _LONGEST_SOCKET and (user is None or user.can_enter(made.parent)):
            break
        made.rmdir()
    else:
        raise CannotRun("No directory for the database's socket can be made: neither the temporary directory nor /tmp.")
    if user:
        user.give(made)
    try:
        yield made
    finally:
        remove_tree(made)


def _spawn(place: Path, found: Binaries, sockets: Path, user: ServiceUser | None) -> subprocess.Popen[bytes]:
    log = place / "server.log"
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(place / "server.log.old")
    with log.open("ab") as output:
        log.chmod(0o600)
        if user:
            user.give(log)
        # Its own session: Ctrl-C in a terminal reaches us alone, and we stop it after our last query.
        return subprocess.Popen(
            [found.program("postgres"), "-D", place, "-k", sockets],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=cluster.bare_environment(),
            start_new_session=True,
            preexec_fn=_dies_with_parent(),  # two system calls, prepared before the fork
            **(user.spawn_options() if user else {}),
        )


def _dies_with_parent() -> Callable[[], None] | None:
    """What the child runs before it becomes PostgreSQL: a fast shutdown (SIGINT) when this thread ends."""
    if not sys.platform.startswith("linux"):
        return None  # an orphan is ended by the next start
    set_option = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask() -> None:
        set_option(1, signal.SIGINT)  # PR_SET_PDEATHSIG; after the change of user, which would clear it
        if os.getppid() != parent:
            os._exit(1)

    return ask


def _await_ready(server: subprocess.Popen[bytes], place: Path) -> None:
    """Wait until the server writes 'ready' into its pid file. Raises CannotRun with the end of its log."""
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        lines = _pid_file(place)
        if len(lines) >= 8 and lines[0] == str(server.pid) and lines[7].strip() == "ready":
            return
        time.sleep(0.01)
    tail = (place / "server.log").read_text(encoding="utf-8", errors="replace").splitlines()[-3:]
    raise CannotRun(f"The embedded database did not start: {' '.join(tail)[-500:]}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """A fast shutdown: sessions are ended, everything acknowledged is on disk."""
    for sign, patience in ((signal.SIGINT, _STOP), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        if server.poll() is not None:
            return
        server.send_signal(sign)
        try:
            server.wait(patience)
        except subprocess.TimeoutExpired:
            continue


def _pid_file(place: Path) -> list[str]:
    try:
        return (place / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _end_orphan(place: Path) -> None:
    """Deal with the pid file of an earlier start: end its server if it still lives, then drop the file.

    We hold the lock, so that server has lost its parent. PostgreSQL alone would refuse to start where its
    number was given to another process meanwhile, as happens in containers.
    """
    lines = _pid_file(place)
    if not lines or not lines[0].strip().isdigit():
        return
    pid = int(lines[0])
    deadline = time.monotonic() + _STOP
    while _is_server_of(pid, place):
        if time.monotonic() > deadline:
            raise CannotRun(f"An earlier server of {place} (process {pid}) does not end: end it and try again.")
        try:
            os.kill(pid, signal.SIGINT)
        except ProcessLookupError:
            break
        time.sleep(0.1)
    (place / "postmaster.pid").unlink(missing_ok=True)
    if len(lines) > 4 and Path(lines[4]).name.startswith("referral-hub-"):
        remove_tree(Path(lines[4]))


def _is_server_of(pid: int, place: Path) -> bool:
    """True when process `pid` is the PostgreSQL of `place` (its working directory is its data)."""
    try:
        return os.path.samefile(f"/proc/{pid}/cwd", place)
    except OSError:
        if Path("/proc/self").exists():
            return False
    try:
        os.kill(pid, 0)  # without /proc the number alone has to do
    except OSError:
        return False
    return True
