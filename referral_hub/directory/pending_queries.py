"""The coordinator's queue: what waits, what the public sees meanwhile, what has moved since."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import connection
from referral_hub.directory.edit_forms import Compared, compared
from referral_hub.directory.entries import SHOWN, Entry, read_entry
from referral_hub.directory.entry_words import said
from referral_hub.directory.pending import Pending, conflicts, fingerprint
from referral_hub.directory.pending_actions import WAITING, pending_from
from referral_hub.directory.queries import sites_of
from referral_hub.errors import NotFound

PER_PAGE = 20


class Waiting(Struct, frozen=True):
    """One edit to decide. `gone`: it cannot be accepted any more. `by`: the address of whoever typed it.

    `fields` stand in the order of the form; `seen` is what a decision says it looked at. Of a draft that would be
    published `whole` holds everything else it says.
    """

    pending: Pending
    entry: Entry
    by: str
    fields: list[Compared]
    seen: str
    gone: bool
    whole: list[Compared]


async def how_many_wait() -> int:
    """The length of the queue."""
    async with connection() as sql:
        return int(await sql.fetchval("select count(*) from pending_edit where state = 'waiting'"))


async def queue_page(number: int, actor: Actor, language: str) -> tuple[list[Waiting], int]:
    """A page of the queue, the longest waiting first; how many pages there are."""
    pages = max(1, -(-await how_many_wait() // PER_PAGE))
    start = (min(max(number, 1), pages) - 1) * PER_PAGE
    async with connection() as sql:
        rows = await sql.fetch(f"{WAITING} order by made_at, id limit {PER_PAGE} offset $1", start)
        found = [await _waiting(sql, row, actor, language) for row in rows]
    return [one for one in found if one is not None], pages


async def one_waiting(edit: UUID, actor: Actor, language: str) -> Waiting:
    """One edit that waits. Raises NotFound, also once it is decided."""
    async with connection() as sql:
        row = await sql.fetchrow(f"{WAITING} and id = $1", edit)
        found = await _waiting(sql, row, actor, language) if row else None
    if found is None:
        raise NotFound
    return found


async def _waiting(sql: asyncpg.Connection, row: Mapping[str, Any], actor: Actor, language: str) -> Waiting | None:
    pending = pending_from(row)
    try:
        entry = await read_entry(sql, pending.kind, pending.subject, actor, lock=False)
    except NotFound:
        return None
    sites = {str(site.id): site.name or site.street or site.place for site in await sites_of(entry.institution)}
    by = await sql.fetchval("select email from account where id = $1", pending.made_by) if pending.made_by else ""
    back = pending.changes.get("status") == "published"
    return Waiting(
        pending,
        entry,
        by or "",
        _fields(pending, entry, language, sites),
        fingerprint(entry.version, pending),
        entry.institution_status not in ("published", "draft") or (entry.status == "archived" and not back),
        _whole(pending, entry, language, sites) if back and entry.status in ("draft", "archived") else [],
    )


def _fields(pending: Pending, entry: Entry, language: str, sites: Mapping[str, str]) -> list[Compared]:
    """What is wished, over what the public sees now; where that has moved, what stood there before is told too."""
    moved: Sequence[str] = conflicts(entry.values, pending)
    found = []
    for name in (one for one in SHOWN[entry.kind] if one in pending.changes):
        pair = compared(name, entry.values[name], pending.changes[name], language, kind=entry.kind, sites=sites)
        if name in moved:
            was = said(name, pending.before.get(name), language, kind=entry.kind, sites=sites)
            pair = Compared(pair.name, pair.label, pair.before, pair.after, pair.pieces, was)
        found.append(pair)
    return found


def _whole(pending: Pending, entry: Entry, language: str, sites: Mapping[str, str]) -> list[Compared]:
    """All that a new entry would show."""
    found = [
        compared(name, None, entry.values[name], language, kind=entry.kind, sites=sites)
        for name in SHOWN[entry.kind]
        if name not in pending.changes and name not in ("status", "sex")
    ]
    return [one for one in found if one.after]
