"""Bring a database up to date: one node at a time, as the owner; then give the app's role what it needs."""

import contextlib
import io
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg

from referral_hub.database import migrations
from referral_hub.database.pool import ENGINE, connect_options

_LOCK = 7_205_118_843  # any number that only our migrations use


class MigrationFailed(RuntimeError):
    """The database could not be brought up to date; the text says why."""


def role_of(url: str) -> str:
    """The role a DSN signs in as."""
    return unquote(urlsplit(url).username or "")


async def migrate(owner_url: str, app_url: str) -> int:
    """Apply what is missing under an advisory lock; the number of migrations applied.

    Safe when two nodes start at once: the second waits and finds nothing to do. The pool must not be open yet.
    """
    owner = await asyncpg.connect(**connect_options(owner_url))
    try:
        version = owner.get_server_version()
        if version.major < 15:
            raise MigrationFailed(f"PostgreSQL 15 or newer is needed, this is {version.major}")
        await owner.execute("select pg_advisory_lock($1)", _LOCK)
        try:
            missing = known_migrations() - await applied_migrations(owner)
            if missing:
                await _forwards(owner_url)
            await _grant(owner, role_of(app_url))
            return len(missing)
        finally:
            await owner.execute("select pg_advisory_unlock($1)", _LOCK)
    finally:
        await owner.close()


@cache
def known_migrations() -> frozenset[str]:
    """The ids of the migrations that this version brings."""
    texts = (file.read_text(encoding="utf-8") for file in Path(migrations.__path__[0]).glob("hub_*.py"))
    return frozenset(found[1] for text in texts if (found := re.search(r"^ID = [\"'](.+?)[\"']", text, re.MULTILINE)))


async def applied_migrations(sql: asyncpg.Connection) -> frozenset[str]:
    """The ids of the migrations that this database has seen."""
    if await sql.fetchval("select to_regclass('public.migration')") is None:
        return frozenset()
    return frozenset(row["name"] for row in await sql.fetch("select name from migration"))


async def _forwards(owner_url: str) -> None:
    if ENGINE.pool is not None:
        raise MigrationFailed("close the pool before migrating")
    # A fifth of a second to import, and needed once in a release.
    from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager

    before, ENGINE.config = ENGINE.config, connect_options(owner_url)
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            result = await ForwardsMigrationManager(app_name="hub").run()
    finally:
        ENGINE.config = before
    if not result.success:
        raise MigrationFailed(result.message or said.getvalue())


async def _grant(owner: asyncpg.Connection, role: str) -> None:
    """The app's role may read and write rows, never the structure; the audit trail it may only add to and seal."""
    if not role or role == await owner.fetchval("select current_user"):
        return
    quoted = '"' + role.replace('"', '""') + '"'
    await owner.execute(
        f"""
        grant usage on schema public to {quoted};
        grant select, insert, update, delete on all tables in schema public to {quoted};
        revoke insert, update, delete on migration from {quoted};
        revoke delete, update on audit_event from {quoted};
        grant update (position, chain) on audit_event to {quoted};
        revoke delete, update on capacity_reading from {quoted};
        grant update (voided_at) on capacity_reading to {quoted};
        revoke delete, update on disclosure, task_event from {quoted};
        revoke insert, update, delete on own_person from {quoted};
        """
    )
