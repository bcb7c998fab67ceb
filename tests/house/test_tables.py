"""The database is what the tables say, and the migrations make exactly that."""

import asyncpg
import pytest
from piccolo.apps.migrations.commands.new import AutoMigrationManager

from referral_hub.database.migrate import applied_migrations, known_migrations
from referral_hub.database.piccolo_app import APP_CONFIG

pytestmark = pytest.mark.anyio


async def test_migrations_match_the_tables() -> None:
    missing = await AutoMigrationManager(auto_input="n").get_alter_statements(app_config=APP_CONFIG)
    assert [statement for one in missing for statement in one.statements] == []


async def test_the_database_has_every_column_and_no_other(database: asyncpg.Connection) -> None:
    rows = await database.fetch(
        """select table_name, column_name from information_schema.columns c
        join information_schema.tables t using (table_schema, table_name)
        where table_schema = 'public' and table_type = 'BASE TABLE'"""
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


# Asked and deleted from the other side a few times a year, if ever: an index would cost every write for nothing.
SELDOM = {
    *("institution.parent", "institution.merged_into", "link.institution"),
    *("unmet_need.institution", "api_key.institution", "legal_basis.receiver", "participation.institution"),
    *("referral_request.sender", "referral_request.applicant", "referral_request.opinion_giver"),
    *("referral_request.issuer", "account_role.role"),
}


async def test_every_foreign_key_has_an_index_or_is_seldom_asked(database: asyncpg.Connection) -> None:
    """Without one each deletion, and each question from the other side, reads the whole table."""
    rows = await database.fetch(
        """select c.conrelid::regclass::text || '.' || a.attname as field from pg_constraint c
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.contype = 'f' and not exists (
            select 1 from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])"""
    )
    assert sorted(row["field"] for row in rows if row["field"] not in SELDOM) == []


async def test_health_knows_every_migration(database: asyncpg.Connection) -> None:
    assert await applied_migrations(database) == known_migrations()
