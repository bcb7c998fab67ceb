"""Bring a database up to date: one node at a time, as the owner; then give the app's role what it needs."""

import contextlib
import io
from urllib.parse import unquote, urlsplit

import asyncpg
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager

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
            before = await _applied(owner)
            await _forwards(owner_url)
            await _grant(owner, role_of(app_url))
            return await _applied(owner) - before
        finally:
            await owner.execute("select pg_advisory_unlock($1)", _LOCK)
    finally:
        await owner.close()


async def _applied(owner: asyncpg.Connection) -> int:
    if await owner.fetchval("select to_regclass('public.migration')") is None:
        return 0
    return int(await owner.fetchval("select count(*) from migration"))


async def _forwards(owner_url: str) -> None:
    if ENGINE.pool is not None:
        raise MigrationFailed("close the pool before migrating")
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
        revoke delete on disclosure, task_event from {quoted};
        """
    )
