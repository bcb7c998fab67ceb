"""Who the embedded server runs as: PostgreSQL refuses root, so root hands it to a service user."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from msgspec import Struct

CANDIDATES = ("postgres", "nobody")


class ServiceUser(Struct, frozen=True):
    """A system account to run the server as, seen from root."""

    name: str
    uid: int
    gid: int

    def spawn_options(self) -> dict[str, Any]:
        """Arguments of `subprocess` that make the child this user, with no other groups."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Make this user the owner of `path`."""
        os.chown(path, self.uid, self.gid)

    def can_enter(self, directory: Path) -> bool:
        """True when this user can walk into `directory` (asked as that user: ACLs and mounts count too)."""
        return self._passes("-x", directory)

    def can_run(self, program: Path) -> bool:
        """True when this user can execute `program`."""
        try:
            run = subprocess.run([program, "--version"], cwd="/", capture_output=True, **self.spawn_options())
        except OSError:
            return False
        return run.returncode == 0

    def _passes(self, question: str, path: Path) -> bool:
        run = subprocess.run(["/bin/sh", "-c", f'test {question} "$1"', "sh", path], cwd="/", **self.spawn_options())
        return run.returncode == 0


def service_user() -> ServiceUser | None:
    """The account for the server: None means "as I am" (an ordinary user needs no other)."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    import pwd  # there is none on Windows

    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServiceUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    return ServiceUser("65534", 65534, 65534)


def remove_tree(path: Path) -> None:
    """Delete a directory tree that may not be there."""
    shutil.rmtree(path, ignore_errors=True)
