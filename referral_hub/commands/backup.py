"""`backup OUT` and `restore IN`: PostgreSQL's own dump of the whole database, without the key file."""

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import asyncpg
from tqdm import tqdm

from referral_hub.commands.opened import database
from referral_hub.database.binaries import CannotRun, find_client
from referral_hub.database.cluster import bare_environment
from referral_hub.database.migrate import migrate
from referral_hub.settings import settings

_DUMP = (
    "Writes the whole database into one file (PostgreSQL's custom format, compressed). The key file is not in it: "
    "keep a copy of that elsewhere, since without it nobody can read the personal data of a backup."
)
_RESTORE = (
    "Reads a backup back, whole or not at all. Needs the key file that was in use when it was made. "
    "A database that holds accounts is only overwritten with --replace; stop `serve` first."
)


def add_to(commands: Any) -> None:
    """The two commands and their options."""
    backup = commands.add_parser("backup", help="write the database into a file", description=_DUMP)
    backup.add_argument("out", type=Path, metavar="OUT")
    backup.set_defaults(run=_backup)
    restore = commands.add_parser("restore", help="read a backup back", description=_RESTORE)
    restore.add_argument("source", type=Path, metavar="IN")
    restore.add_argument("--replace", action="store_true", help="overwrite what is there")
    restore.set_defaults(run=_restore)


def _backup(chosen: argparse.Namespace) -> None:
    out: Path = chosen.out.absolute()
    if not out.parent.is_dir():
        raise CannotRun(f"{out.parent} is no directory")
    draft = out.with_name(f"{out.name}.part")
    with database() as urls:
        asyncio.run(_check_present(urls.owner))
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        try:
            _run("pg_dump", urls.superuser, ["--format=custom", "--no-owner", "--no-acl", f"--file={draft}"], draft)
            draft.replace(out)
        finally:
            draft.unlink(missing_ok=True)
    print(f"{out} ({out.stat().st_size:,} bytes)")
    print(f"The key file is not in it: keep a copy of {settings().key_file} elsewhere.")


def _restore(chosen: argparse.Namespace) -> None:
    source: Path = chosen.source.absolute()
    with source.open("rb") as file:
        if file.read(5) != b"PGDMP":
            raise CannotRun(f"{source} is no backup made by `referral-hub backup`")
    if not settings().key_file.exists():
        print(
            f"Note: there is no key file at {settings().key_file}; without the old one the personal data "
            "in this backup cannot be read.",
            file=sys.stderr,
        )
    with database() as urls:
        if not chosen.replace and asyncio.run(_accounts(urls.owner)):
            raise CannotRun("This database holds accounts already: restore into an empty one, or say --replace.")
        options = ["--clean", "--if-exists", "--no-owner", "--no-acl", "--single-transaction", "--exit-on-error"]
        _run("pg_restore", urls.owner, [*options, str(source)])
        asyncio.run(migrate(urls.owner, urls.app))
    print(f"restored from {source}")


def _run(program: str, url: str, arguments: list[str], growing: Path | None = None) -> None:
    """Run one of PostgreSQL's programs on `url`, with a bar once it takes longer than a second.

    Raises CannotRun with its own last words.
    """
    address, password = without_password(url)
    environment = bare_environment() | ({"PGPASSWORD": password} if password else {})
    server = int(asyncio.run(_ask(url, "show server_version_num"))) // 10_000
    client = find_client(server)
    command = [str(client.program(program)), f"--dbname={address}", *arguments]
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said,
        subprocess.Popen(command, env=environment, stderr=said) as process,  # noqa: S603 -- found by us
        tqdm(desc=program, unit="B", unit_scale=True, delay=1, disable=None, leave=False) as bar,
    ):
        while process.poll() is None:
            time.sleep(0.05)
            bar.update((growing.stat().st_size if growing else 0) - bar.n)
        if process.returncode:
            said.seek(0)
            words = " ".join(said.read().split())[:500]
            other = f" ({program} is of PostgreSQL {client.major}, the server of {server})"
            raise CannotRun(f"{program}: {words}{other if client.major != server else ''}")


def without_password(url: str) -> tuple[str, str]:
    """A DSN that others may see in the list of processes, and its password ('' where it names none)."""
    found = re.match(r"([a-z]+://[^:/@]*):([^@/]*)@", url)
    if not found:
        return url, ""
    return f"{found[1]}@{url[found.end() :]}", unquote(found[2])


async def _check_present(url: str) -> None:
    if not await _ask(url, "select to_regclass('public.migration') is not null"):
        raise CannotRun("There is nothing to back up: this database was never initialised.")


async def _accounts(url: str) -> int:
    if not await _ask(url, "select to_regclass('public.account') is not null"):
        return 0
    return int(await _ask(url, "select count(*) from account"))


async def _ask(url: str, sql: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()
