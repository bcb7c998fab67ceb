"""One PostgreSQL cluster on disk: where it lies, how it is made, who may log in."""

import os
import secrets
import subprocess
from pathlib import Path
from urllib.parse import quote

import msgspec
from msgspec import Struct

from referral_hub.database.binaries import SHARED_HOME, Binaries, CannotRun
from referral_hub.database.service_user import ServiceUser, remove_tree

DATABASE = "referral_hub"
SUPERUSER, OWNER, APP = "hub_superuser", "hub_owner", "hub_app"

# Errors are logged without the statement and its values: they may hold personal data.
_QUIET_LOG = """log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length_on_error = 0
log_checkpoints = off
"""
_SMALL = """shared_buffers = 24MB
max_connections = 40
max_wal_size = 256MB
min_wal_size = 32MB
autovacuum_max_workers = 1
max_worker_processes = 2
max_parallel_workers = 0
max_parallel_workers_per_gather = 0
max_logical_replication_workers = 0
"""
# A web process holds eight connections and two that listen; by default there is one process a core.
_LARGE = f"""shared_buffers = 256MB
max_connections = {max(100, 12 * (os.cpu_count() or 1) + 40)}
max_wal_size = 2GB
"""
# io_method: the worker processes of PostgreSQL 18 cost memory and win nothing on one small database.
_IO_18 = "io_method = sync\n"
_HBA = f"local all {SUPERUSER} scram-sha-256\nlocal all {OWNER},{APP} scram-sha-256\n"


class Passwords(Struct, frozen=True):
    """The three random passwords of a cluster, kept in a 0600 file of the data directory."""

    superuser: str
    owner: str
    app: str


class Urls(Struct, frozen=True):
    """DSNs of the embedded database over its socket: `owner` migrates, `app` works, `superuser` backs up."""

    owner: str
    app: str
    superuser: str


def urls(passwords: Passwords, sockets: Path) -> Urls:
    """The DSNs for a server that listens in the directory `sockets`."""

    def dsn(role: str, password: str) -> str:
        return f"postgresql://{role}:{password}@/{DATABASE}?host={quote(str(sockets), safe='/')}&port=5432"

    return Urls(dsn(OWNER, passwords.owner), dsn(APP, passwords.app), dsn(SUPERUSER, passwords.superuser))


def passwords_of(data_dir: Path, *, make: bool) -> Passwords:
    """Read the passwords of `data_dir`, with `make` writing new ones where there are none."""
    path = data_dir / "postgres.passwords.json"
    if make and not path.exists():
        fresh = Passwords(*(secrets.token_urlsafe(24) for _ in range(3)))
        write_private(path, msgspec.json.encode(fresh))
    return msgspec.json.decode(path.read_bytes(), type=Passwords)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    draft.rename(path)


def place_of(data_dir: Path, user: ServiceUser | None) -> Path:
    """The directory of the cluster: in the data directory, or where the service user can reach it.

    The second kind is named in the file `postgres.location` of the data directory.
    """
    pointer = data_dir / "postgres.location"
    if pointer.exists():
        return Path(pointer.read_text(encoding="utf-8").strip())
    inside = data_dir / "postgres"
    if user is None or inside.exists() or user.can_enter(data_dir):
        return inside
    SHARED_HOME.mkdir(mode=0o711, parents=True, exist_ok=True)
    # Random, so that a data directory deleted and made again does not meet its old cluster.
    outside = SHARED_HOME / secrets.token_hex(8)
    if not user.can_enter(SHARED_HOME):
        raise CannotRun(
            f"User {user.name}, who runs the database for root, can enter neither {data_dir} nor {SHARED_HOME}."
        )
    write_private(pointer, f"{outside}\n".encode())
    return outside


def make(place: Path, binaries: Binaries, passwords: Passwords, user: ServiceUser | None) -> None:
    """Make a new cluster at `place`, with its roles and its empty database; whole or not at all."""
    draft = place.with_name(f"{place.name}.new")
    remove_tree(draft)
    draft.mkdir(mode=0o700)
    if user:
        user.give(draft)
    _run([binaries.program("initdb"), *_initdb_options(binaries), "-D", draft], user)
    with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\ninclude 'referral_hub.conf'\n")
    (draft / "pg_hba.conf").write_text(_HBA, encoding="utf-8")
    configure(draft, binaries, small=True, user=user)
    single: list[str | Path] = [binaries.program("postgres"), "--single", "-F", "-D", draft, "template1"]
    _run(single, user, _roles_and_database(passwords))
    draft.rename(place)


def configure(place: Path, binaries: Binaries, *, small: bool, user: ServiceUser | None) -> None:
    """Write our part of the server's configuration; read at every start, so a new release may change it."""
    lines = [
        "listen_addresses = ''",
        "unix_socket_permissions = 0700",
        "timezone = 'UTC'",
        "lc_messages = 'C'",
        "jit = off",
        "wal_level = minimal",
        "max_wal_senders = 0",
    ]
    text = "\n".join(lines) + "\n" + _QUIET_LOG + (_SMALL if small else _LARGE)
    path = place / "referral_hub.conf"
    path.write_text(text + (_IO_18 if binaries.major >= 18 else ""), encoding="utf-8")
    path.chmod(0o600)
    if user:
        user.give(path)


def check_version(place: Path) -> int:
    """The major version whose data lies at `place`."""
    return int((place / "PG_VERSION").read_text(encoding="ascii").strip().partition(".")[0])


def _initdb_options(binaries: Binaries) -> list[str]:
    options = [
        f"--username={SUPERUSER}",
        "--auth=reject",
        "--encoding=UTF8",
        "--data-checksums",
        "--no-instructions",
    ]
    if binaries.major >= 17:
        return [*options, "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return [*options, "--locale=C.UTF-8"]


def _roles_and_database(passwords: Passwords) -> str:
    """The app's role is neither owner nor superuser: row-level security binds it, migrations grant it."""
    return "\n".join(
        (
            f"alter role {SUPERUSER} password '{passwords.superuser}'",
            f"create role {OWNER} login nosuperuser nocreatedb nocreaterole password '{passwords.owner}'",
            f"create role {APP} login nosuperuser nocreatedb nocreaterole password '{passwords.app}'",
            f"create database {DATABASE} owner {OWNER}",
            f"revoke all on database {DATABASE} from public",
            f"grant connect, temporary on database {DATABASE} to {APP}",
        )
    )


def _run(command: list[str | Path], user: ServiceUser | None, sql: str = "") -> None:
    """Run one of PostgreSQL's programs with a bare environment. Raises CannotRun with its own words."""
    done = subprocess.run(
        command,
        input=sql + "\n",
        cwd="/",
        env=bare_environment(),
        capture_output=True,
        text=True,
        **(user.spawn_options() if user else {}),
    )
    # The single-user server answers errors by a line, not by its exit status.
    if done.returncode or "ERROR:" in done.stderr or "FATAL:" in done.stderr:
        words = " ".join((done.stderr or done.stdout).split())[-400:]
        raise CannotRun(f"{Path(command[0]).name} could not make the database: {words}")


def bare_environment() -> dict[str, str]:
    """What PostgreSQL's programs get: nothing of ours, above all no PG… variables and no locale."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}
