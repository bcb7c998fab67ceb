"""What every change of the directory leaves behind: a history line per field, and word to the read models."""

import asyncio
import contextvars
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import Scope, after_commit, connection
from referral_hub.database.writes import Write, write_all

CHANNEL = "hub_directory"
_SHARDS = 64

# The hints of the request at hand: whoever answers it waits until its own process has read what it wrote.
TOLD: contextvars.ContextVar[set[str] | None] = contextvars.ContextVar("hub_told", default=None)


def _tell_request(hint: str) -> None:
    told = TOLD.get()
    if told is not None:
        told.add(hint)


async def keep_history(
    sql: asyncpg.Connection,
    subject: tuple[str, UUID],
    before: Mapping[str, object],
    after: Mapping[str, object],
    *,
    source: str,
    by: Scope,
    why: str = "",
) -> list[str]:
    """One `field_source` line for each field whose value differs; the names of those fields.

    `subject` is (institution|site|offer|contact, id); `source` says who gave the value: partner, coordinator,
    caseworker, or the name of an import; `why` a word of whoever changed it. Values are business facts, never about a
    participant.
    """
    changed = [field for field, value in after.items() if before.get(field) != value]
    await sql.executemany(
        """insert into field_source (id, subject_kind, subject, field, before, value, source, account, at, why)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
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
                why,
            )
            for field in changed
        ],
    )
    return changed


_RAISE = f"""insert into directory_version (id, number) values (1 + pg_backend_pid() % {_SHARDS}, 1)
on conflict (id) do update set number = directory_version.number + 1"""  # noqa: S608 -- a constant of ours


def places_news(offer: UUID) -> Write:
    """An offer's places have changed: raise the version with the change, and hint shortly after the commit.

    A hint inside the transaction would make all commits wait in a line (PostgreSQL orders notices), and places change
    with every referral. If the process dies before the hint, the version tells whoever polls that something changed.
    """
    _tell_request(f"offer:{offer}")
    soon = after_commit(partial(_hint_soon, offer))
    return Write(_RAISE, (), notify=None if soon else (CHANNEL, f"offer:{offer}"))


_hinted: set[UUID] = set()
_sending: set[asyncio.Task[None]] = set()
_GATHER_SECONDS = 0.05


def _hint_soon(offer: UUID) -> None:
    """Gather the hints of a moment; one task at a time sends them, outside anybody's transaction."""
    _hinted.add(offer)
    if len(_hinted) == 1:
        task = asyncio.get_running_loop().create_task(_send_hints(), context=contextvars.Context())
        _sending.add(task)
        task.add_done_callback(_sending.discard)


# Raised once more: whoever has read the version meanwhile looks again because of it. Nobody waits for the disk: after a
# crash every process reads the directory anew.
_HINTS = f"""with raised as ({_RAISE})
select set_config('synchronous_commit', 'off', true), pg_notify($1, 'offer:' || offer)
from unnest($2::text[]) as offer"""  # noqa: S608 -- a constant of ours


async def _send_hints() -> None:
    await asyncio.sleep(_GATHER_SECONDS)
    offers = [str(offer) for offer in _hinted]
    _hinted.clear()
    with suppress(OSError, RuntimeError, asyncpg.PostgresError, asyncpg.InterfaceError):
        async with connection() as sql:
            await sql.execute(_HINTS, CHANNEL, offers)


async def tell_directory(
    sql: asyncpg.Connection, *, offer: UUID | None = None, institution: UUID | None = None
) -> None:
    """Raise the directory's version in the caller's transaction and hint to listeners on `hub_directory`.

    The version is `select sum(number) from directory_version`: one row would make all writers wait in a line, so
    each connection raises a row of its own. The hint is `offer:<id>`, `institution:<id>` or `all`.
    """
    hint = f"offer:{offer}" if offer else f"institution:{institution}" if institution else "all"
    _tell_request(hint)
    await write_all(sql, [Write(_RAISE, (), notify=(CHANNEL, hint))])
