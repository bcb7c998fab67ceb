"""The database is what the tables say, and the migrations make exactly that."""

import asyncpg
import pytest
from piccolo.apps.migrations.commands.new import AutoMigrationManager

from referral_hub.database.piccolo_app import APP_CONFIG
from referral_hub.web.health import known_migrations

pytestmark = pytest.mark.anyio


async def test_migrations_match_the_tables() -> None:
    missing = await AutoMigrationManager(auto_input="n").get_alter_statements(app_config=APP_CONFIG)
    assert [statement for one in missing for statement in one.statements] == []


async def test_the_database_has_every_column_and_no_other(database: asyncpg.Connection) -> None:
    rows = await database.fetch(
        "select table_name, column_name from information_schema.columns where table_schema = 'public'"
    )
    there = {(row["table_name"], row["column_name"]) for row in rows if row["table_name"] != "migration"}
    meant = {
        (table._meta.tablename, column._meta.db_column_name)
        for table in APP_CONFIG.table_classes
        for column in table._meta.columns
    }
    assert there == meant


async def test_no_foreign_key_deletes_by_itself(database: asyncpg.Connection) -> None:
    rows = await database.fetch(
        "select conname from pg_constraint where contype = 'f' and confdeltype not in ('r', 'a')"
    )
    assert [row["conname"] for row in rows] == []


async def test_every_foreign_key_has_an_index(database: asyncpg.Connection) -> None:
    """Without one each deletion, and each question from the other side, reads the whole table."""
    rows = await database.fetch(
        """select c.conrelid::regclass::text as child, a.attname as field from pg_constraint c
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.contype = 'f' and not exists (
            select 1 from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])"""
    )
    small = {"role", "account_role", "vocabulary_term"}  # a handful of rows each
    assert [(row["child"], row["field"]) for row in rows if row["child"] not in small] == []


async def test_health_knows_every_migration(database: asyncpg.Connection) -> None:
    applied = {row["name"] for row in await database.fetch("select name from migration")}
    assert applied == known_migrations()
