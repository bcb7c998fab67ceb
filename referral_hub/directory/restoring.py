"""Give an entry back a value it once had, or all of them: a new change by the same rules, nothing is erased."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import retrying, transaction
from referral_hub.directory.contact_forms import contact_fields
from referral_hub.directory.entries import COLUMNS, PARTS, Entry, read_entry
from referral_hub.directory.field_history import Line, as_of
from referral_hub.directory.saving import Saved, may_moderate, save_entry
from referral_hub.errors import NotFound, Refused
from referral_hub.institutions.actions import NewContact

RESTORED = "restored"
"""The word why of a restored value; pages say it in the reader's language."""
OF_STATE = frozenset({"status", "visible_from", "closed_until", "closed_why"})
"""Moved by the table of states, not by history."""
NEEDED = frozenset({"title", "form", "name", "kind", "place", "rhythm", "intake_mode", "address_visibility"})
OWN_FIELDS = frozenset({"short_name", "description", "phone", "email", "www"})
"""What editors may change of their own institution."""


def wishes(entry: Entry, kind: str, field: str, value: Any) -> dict[str, Any]:
    """The values of a form that a value of history stands for; {} where it stands for none."""
    if kind == "contact":
        told = [NewContact(kind=row[0], value=row[1], extension=row[2]) for row in value or ()]
        return {name: text for name, text in contact_fields(told).items() if name in entry.values}
    if field == "eligibility":
        return {name: (value or {}).get(key, _empty(entry.values[name])) for name, key in PARTS.items()}
    if field == "accessibility":
        overall = (value or {}).get("overall") or {}
        return {"access": overall.get("answer", "unknown"), "access_text": overall.get("text", "")}
    if field in OF_STATE or (field not in COLUMNS[entry.kind] and field != "sites"):
        return {}
    return {field: _empty(entry.values[field]) if value is None else value}


def _empty(present: Any) -> Any:
    """What stood there before anybody said anything."""
    if isinstance(present, bool):
        return False
    return [] if isinstance(present, list) else {} if isinstance(present, dict) else "" if present is not None else None


def restorable(entry: Entry, line: Line, actor: Actor) -> bool:
    """Whether this reader could put back what stood before a line."""
    wished = wishes(entry, line.kind, line.field, line.before)
    if not wished or (line.before is None and line.field in NEEDED):
        return False
    return may_moderate(actor) or entry.kind != "institution" or set(wished) <= OWN_FIELDS


@retrying
async def restore_value(kind: str, subject: UUID, line: UUID, *, actor: Actor) -> Saved:
    """Put back what stood before one line of an entry's own history.

    Raises NotFound for another entry's line, Refused("not_restorable"), Refused("invalid") as the rules are today.
    """
    async with transaction(actor.scope) as sql:
        entry = await read_entry(sql, kind, subject, actor)
        found = next((one for one in await lines_of(sql, entry) if one.id == line), None)
        if found is None:
            raise NotFound
        if not restorable(entry, found, actor):
            raise Refused("not_restorable")
        wished = wishes(entry, found.kind, found.field, found.before)
        return await save_entry(kind, subject, wished, actor=actor, why=RESTORED)


@retrying
async def restore_version(kind: str, subject: UUID, moment: datetime, *, actor: Actor) -> Saved:
    """Make an entry and its contacts what they were right after a moment; its state stays what it is.

    Raises NotFound, Refused("not_restorable") where nothing was written by then, Refused("invalid").
    """
    async with transaction(actor.scope) as sql:
        entry = await read_entry(sql, kind, subject, actor)
        lines = await lines_of(sql, entry)
        if not lines or moment < min(line.at for line in lines):
            raise Refused("not_restorable")
        wished: dict[str, Any] = {}
        for (of, field), value in as_of(lines, moment).items():
            if value is not None or field not in NEEDED:
                wished |= wishes(entry, of, field, value)
        if not may_moderate(actor) and kind == "institution":
            wished = {name: value for name, value in wished.items() if name in OWN_FIELDS}
        return await save_entry(kind, subject, wished, actor=actor, why=RESTORED)


async def lines_of(sql: asyncpg.Connection, entry: Entry) -> list[Line]:
    """Every line of an entry and of its own contacts, the oldest first."""
    rows: list[Mapping[str, Any]] = await sql.fetch(
        """select id, subject_kind as kind, field, before, value, source, why, account, at from field_source
        where subject = $1 and subject_kind = any($2::text[]) order by at, id""",
        entry.id,
        [entry.kind, "contact"],
    )
    return [
        Line(**{**dict(row), "before": msgspec.json.decode(row["before"]), "value": msgspec.json.decode(row["value"])})
        for row in rows
    ]
