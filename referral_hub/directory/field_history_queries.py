"""What was ever changed of an entry and its contacts, and by whom, as far as the reader may know."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import connection
from referral_hub.directory.edit_forms import Compared, compared
from referral_hub.directory.entries import Entry, entry_of
from referral_hub.directory.field_history import changes
from referral_hub.directory.queries import sites_of
from referral_hub.directory.restoring import lines_of, restorable
from referral_hub.directory.saving import may_moderate

PER_PAGE = 25
# What is worked out from another field, or says nothing to a reader.
HIDDEN = frozenset({"hours", "lat", "lon", "precision", "sort_key"})


class Who(Struct, frozen=True):
    """Whose hand a change was: `source` (partner, coordinator, hub, an import's name …), and who of them.

    `name` is the account's e-mail for its own institution and the coordinator, else its institution's name.
    `approved`: a partner's words that somebody of another institution let in.
    """

    source: str
    name: str
    approved: bool


class Told(Struct, frozen=True):
    """One field of a change; `line` restores what stood before, None where that cannot be restored."""

    compared: Compared
    line: UUID | None


class Past(Struct, frozen=True):
    """One change, the newest first; `moment` restores everything as it stood then, None for the present."""

    at: datetime
    who: Who
    why: str
    fields: list[Told]
    moment: datetime | None


async def past_of(kind: str, subject: UUID, page: int, *, actor: Actor, language: str) -> tuple[Entry, list[Past], int]:
    """(the entry, a page of its changes, how many pages). Raises NotFound."""
    entry = await entry_of(kind, subject, actor)
    async with connection() as sql:
        lines = await lines_of(sql, entry)
        people = await _people(sql, {line.account for line in lines if line.account})
    sites = {str(site.id): site.name or site.street or site.place for site in await sites_of(entry.institution)}
    found = changes(line for line in lines if line.field not in HIDDEN)
    pages = max(1, -(-len(found) // PER_PAGE))
    start = (min(max(page, 1), pages) - 1) * PER_PAGE
    past = []
    for number, change in enumerate(found[start : start + PER_PAGE], start):
        told = [
            Told(
                compared(line.field, line.before, line.value, language, kind=line.kind, sites=sites),
                line.id if restorable(entry, line, actor) else None,
            )
            for line in change.lines
        ]
        who = _who(change.source, people.get(change.account) if change.account else None, entry, actor)
        past.append(Past(change.at, who, change.why, told, change.at if number else None))
    return entry, past, pages


async def _people(sql: asyncpg.Connection, accounts: set[UUID]) -> dict[UUID, Mapping[str, Any]]:
    rows = await sql.fetch(
        """select a.id, a.email, a.institution, i.name from account a join institution i on i.id = a.institution
        where a.id = any($1::uuid[])""",
        list(accounts),
    )
    return {row["id"]: row for row in rows}


def _who(source: str, person: Mapping[str, Any] | None, entry: Entry, actor: Actor) -> Who:
    if person is None:
        return Who(source, "", False)
    near = may_moderate(actor) or person["institution"] == actor.institution
    approved = source == "partner" and person["institution"] != entry.institution
    return Who(source, person["email"] if near else person["name"], approved)
