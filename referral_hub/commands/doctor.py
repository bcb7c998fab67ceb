"""`doctor`: looks at everything that has to hold and says in one line each what does not."""

import argparse
import asyncio
import shutil
import socket
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import msgspec
from msgspec import Struct

from referral_hub.commands.opened import database
from referral_hub.database.binaries import CannotRun, find_bin
from referral_hub.database.cluster import Urls
from referral_hub.database.migrate import applied_migrations, known_migrations
from referral_hub.settings import settings

GOOD, ODD, BAD = "ok", "warning", "error"


class Finding(Struct, frozen=True):
    """One thing looked at: `state` is ok, warning or error."""

    state: str
    what: str
    text: str


def add_to(commands: Any) -> None:
    """The command and its option."""
    command = commands.add_parser(
        "doctor",
        help="check that everything is in order",
        description="Checks the machine, the key file, the database and the queues. Exit 1 when something is wrong.",
    )
    command.add_argument("--json", action="store_true", help="answer as JSON")
    command.set_defaults(run=_doctor)


def _doctor(chosen: argparse.Namespace) -> int:
    findings = [*_machine(), *_database()]
    if chosen.json:
        print(msgspec.json.format(msgspec.json.encode(findings), indent=2).decode())
    else:
        for finding in findings:
            print(f"{finding.state:8}{finding.what}: {finding.text}")
    return int(any(finding.state == BAD for finding in findings))


def _machine() -> Iterator[Finding]:
    current = settings()
    yield Finding(GOOD, "python", sys.version.split()[0])
    yield _space(current.data_dir)
    yield _key_file(current.key_file)
    try:
        found = find_bin()
        yield Finding(GOOD, "PostgreSQL programs", f"{found.major} in {found.directory}")
    except CannotRun as error:
        yield Finding(BAD if current.embedded else ODD, "PostgreSQL programs", str(error))
    yield Finding(
        GOOD if current.https else ODD,
        "public address",
        current.public_url if current.https else f"{current.public_url}: without https, for this machine only",
    )
    yield _mail(current.smtp_url)


def _space(data_dir: Path) -> Finding:
    there = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    free = shutil.disk_usage(there).free
    state = GOOD if free > 2**30 else ODD if free > 2**27 else BAD
    return Finding(state, "data directory", f"{data_dir}, {free / 2**30:.1f} GiB free")


def _key_file(path: Path) -> Finding:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        return Finding(BAD, "key file", f"{path}: {error.strerror}; `referral-hub init` makes one for a new database")
    if mode & 0o077:
        return Finding(BAD, "key file", f"{path} can be read by others: chmod 600")
    return Finding(GOOD, "key file", f"{path}; keep a copy elsewhere")


def _mail(url: str) -> Finding:
    parts = urlsplit(url)
    if not parts.hostname:
        return Finding(ODD, "mail", "REFERRAL_HUB_SMTP_URL is not set: mail waits in the queue")
    address = (parts.hostname, parts.port or (465 if parts.scheme == "smtps" else 25))
    try:
        with socket.create_connection(address, timeout=5):
            return Finding(GOOD, "mail", f"{address[0]}:{address[1]} answers")
    except OSError as error:
        return Finding(BAD, "mail", f"{address[0]}:{address[1]}: {error}")


def _database() -> list[Finding]:
    try:
        with database() as urls:
            return asyncio.run(_ask(urls))
    except (CannotRun, OSError, asyncpg.PostgresError) as error:
        return [Finding(BAD, "database", " ".join(str(error).split()))]


async def _ask(urls: Urls) -> list[Finding]:
    app = await asyncpg.connect(urls.app)
    try:
        version = app.get_server_version()
        found = [
            Finding(
                GOOD if version.major >= 15 else BAD,
                "database",
                f"PostgreSQL {await app.fetchval('show server_version')}",
            )
        ]
        for question in (_structure, _role, _locked_rows, _clock, _checksums, _queue, _sealed_by_our_key):
            found.append(await question(app))
            if question is _structure and found[-1].state == BAD:
                break
        return found
    finally:
        await app.close()


async def _structure(app: asyncpg.Connection) -> Finding:
    applied = await applied_migrations(app)
    if not applied:
        return Finding(BAD, "migrations", "none applied yet: run `referral-hub init`")
    missing, strange = known_migrations() - applied, applied - known_migrations()
    if missing:
        return Finding(BAD, "migrations", f"{len(missing)} not applied: run `referral-hub init`")
    if strange:
        return Finding(BAD, "migrations", f"{len(strange)} are of a newer release than this one")
    return Finding(GOOD, "migrations", f"{len(applied)} applied")


async def _role(app: asyncpg.Connection) -> Finding:
    row = await app.fetchrow(
        """select current_user::text as name, rolsuper or rolbypassrls as mighty,
        exists (select 1 from pg_class where relowner = pg_roles.oid and relkind = 'r') as owner
        from pg_roles where rolname = current_user"""
    )
    if row["mighty"] or row["owner"]:
        why = "is a superuser or passes row-level security" if row["mighty"] else "owns tables"
        return Finding(
            BAD,
            "the app's role",
            f"{row['name']} {why}, so the second lock on personal data is open: "
            "name a plain role in REFERRAL_HUB_DATABASE_URL and the owner in REFERRAL_HUB_DATABASE_OWNER_URL",
        )
    return Finding(GOOD, "the app's role", f"{row['name']}, neither owner nor superuser")


async def _locked_rows(app: asyncpg.Connection) -> Finding:
    open_tables = await app.fetch(
        """select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
        and not relrowsecurity and relname = any($1)""",
        ["participant", "referral_task", "referral_request", "legal_basis", "disclosure", "task_event", "hold"],
    )
    if open_tables:
        names = ", ".join(row["relname"] for row in open_tables)
        return Finding(BAD, "row-level security", f"is off on {names}")
    return Finding(GOOD, "row-level security", "on")


async def _clock(app: asyncpg.Connection) -> Finding:
    before = datetime.now(UTC)
    there = await app.fetchval("select clock_timestamp()")
    apart = abs((there - before).total_seconds())
    return Finding(GOOD if apart < 5 else BAD, "clock", f"{apart:.1f} s apart from the database's")


async def _checksums(app: asyncpg.Connection) -> Finding:
    on = await app.fetchval("show data_checksums") == "on"
    return Finding(GOOD if on else ODD, "data checksums", "on" if on else "off: damage on disk would go unseen")


async def _queue(app: asyncpg.Connection) -> Finding:
    late, failed = await app.fetchrow(
        """select count(*) filter (where failed_at is null and run_at < now() - interval '15 minutes'),
        count(*) filter (where failed_at is not null) from job where done_at is null"""
    )
    if late:
        return Finding(BAD, "jobs", f"{late} late by over 15 minutes: does `worker` run?")
    return Finding(ODD if failed else GOOD, "jobs", f"{failed} given up" if failed else "none late")


async def _sealed_by_our_key(app: asyncpg.Connection) -> Finding:
    from referral_hub.database.columns import unseal

    async with app.transaction(readonly=True):
        await app.execute("select set_config('hub.kind', 'system', true)")
        sealed = await app.fetchval("select label_sealed from participant limit 1")
    if sealed is None:
        return Finding(GOOD, "personal data", "none yet")
    try:
        unseal(sealed)
    except (ValueError, OSError) as error:
        return Finding(BAD, "personal data", f"cannot be read: {error}. Put the right key file back.")
    return Finding(GOOD, "personal data", "the key file opens it")
