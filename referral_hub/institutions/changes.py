"""What every change of the directory leaves behind: a history line per field, and word to the read models."""

from collections.abc import Mapping
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import Scope
from referral_hub.database.writes import Write, write_all

CHANNEL = "hub_directory"
_SHARDS = 64


async def keep_history(
    sql: asyncpg.Connection,
    subject: tuple[str, UUID],
    before: Mapping[str, object],
    after: Mapping[str, object],
    *,
    source: str,
    by: Scope,
) -> list[str]:
    """One `field_source` line for each field whose value differs; the names of those fields.

    `subject` is (institution|site|offer|contact, id); `source` says who gave the value: partner, coordinator,
    caseworker, or the name of an import. Values are business facts, never about a participant.
    """
    changed = [field for field, value in after.items() if before.get(field) != value]
    await sql.executemany(
        """insert into field_source (id, subject_kind, subject, field, before, value, source, account, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        [
            (
                new_id(),
                *subject,
                field,
                to_json(before.get(field)),
                to_json(after[field]),
                source,
                by.account,
                clock.now(),
            )
            for field in changed
        ],
    )
    return changed


_RAISE = f"""insert into directory_version (id, number) values (1 + pg_backend_pid() % {_SHARDS}, 1)
on conflict (id) do update set number = directory_version.number + 1"""  # noqa: S608 -- a constant of ours


def directory_news(*, offer: UUID | None = None, institution: UUID | None = None) -> Write:
    """The news as a write, for a change that gathers all it leaves behind."""
    hint = f"offer:{offer}" if offer else f"institution:{institution}" if institution else "all"
    return Write(_RAISE, (), notify=(CHANNEL, hint))


async def tell_directory(
    sql: asyncpg.Connection, *, offer: UUID | None = None, institution: UUID | None = None
) -> None:
    """Raise the directory's version in the caller's transaction and hint to listeners on `hub_directory`.

    The version is `select sum(number) from directory_version`: one row would make all writers wait in a line, so
    each connection raises a row of its own. The hint is `offer:<id>`, `institution:<id>` or `all`.
    """
    await write_all(sql, [directory_news(offer=offer, institution=institution)])
