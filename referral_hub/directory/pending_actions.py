"""Let a change wait for the coordinator, go on editing it, take it back, decide it. One transaction each."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import retrying, transaction
from referral_hub.directory.entries import Entry, read_entry, write_entry
from referral_hub.directory.pending import Pending, fingerprint
from referral_hub.directory.pending_mails import tell_of_decision
from referral_hub.errors import NotAllowed, NotFound, Problem, Refused, Stale

LONGEST_WORD = 1000
WAITING = """select id, institution, subject_kind, subject, base_version, changes, before, why, made_at, made_by,
 state, word, decided_at from pending_edit where state = 'waiting'"""


def must_wait(actor: Actor, entry: Entry) -> bool:
    """Whether what this actor changes in this entry waits: not a draft's, not what the coordinator changes."""
    if actor.kind == "system" or (actor.kind == "account" and actor.may(Permission.DIRECTORY_MODERATE)):
        return False
    return entry.waits and entry.status != "draft"


async def waiting_for(sql: asyncpg.Connection, subject: UUID, *, lock: bool = True) -> Pending | None:
    """What waits for this subject, held against others until the transaction ends unless it is only looked at."""
    row = await sql.fetchrow(f"{WAITING} and subject = $1{' for update' if lock else ''}", subject)
    return pending_from(row) if row else None


def pending_from(row: Mapping[str, Any]) -> Pending:
    """A row of `pending_edit`; days come back as days."""
    return Pending(
        id=row["id"],
        institution=row["institution"],
        kind=row["subject_kind"],
        subject=row["subject"],
        base_version=row["base_version"],
        changes=_decoded(row["changes"]),
        before=_decoded(row["before"]),
        why=row["why"],
        made_at=row["made_at"],
        made_by=row["made_by"],
        state=row["state"],
        word=row["word"],
        decided_at=row["decided_at"],
    )


def _decoded(text: str) -> dict[str, Any]:
    values: dict[str, Any] = msgspec.json.decode(text)
    if values.get("visible_from"):
        values["visible_from"] = date.fromisoformat(values["visible_from"])
    return values


async def keep_waiting(
    sql: asyncpg.Connection,
    entry: Entry,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    why: str,
    present: Pending | None,
) -> None:
    """Let these changes wait instead of what waited before; no change left takes it back. The entry is locked."""
    if present is not None and not changes:
        await _close(sql, present, "withdrawn", actor, "")
        return
    if not changes or (present is not None and present.changes == changes and (not why or why == present.why)):
        return
    before = {name: entry.values[name] for name in changes}
    if present is not None:
        # What somebody saw when they first typed a field stays the measure of a conflict.
        before |= {name: value for name, value in present.before.items() if name in changes}
    await sql.execute(
        """insert into pending_edit (id, institution, subject_kind, subject, base_version, changes, before, why,
         made_at, made_by, state, word) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', '')
        on conflict (subject) where state = 'waiting' do update set changes = excluded.changes,
         before = excluded.before, base_version = excluded.base_version, made_at = excluded.made_at,
         made_by = excluded.made_by, why = case when excluded.why = '' then pending_edit.why else excluded.why end""",
        new_id(),
        entry.institution,
        entry.kind,
        entry.id,
        entry.version,
        to_json(changes),
        to_json(before),
        why,
        clock.now(),
        actor.account,
    )
    facts = {"fields": sorted(changes)}
    await record(Event.EDIT_PROPOSE, by=actor.scope, subject=(entry.kind, entry.id), facts=facts)


@retrying
async def withdraw(kind: str, subject: UUID, *, actor: Actor) -> None:
    """Take back what waits for one's own entry; the approved version stays. Raises NotFound."""
    async with transaction(actor.scope) as sql:
        await read_entry(sql, kind, subject, actor)
        present = await waiting_for(sql, subject)
        if present is None or present.kind != kind:
            raise NotFound
        await _close(sql, present, "withdrawn", actor, "")


@retrying
async def decide(edit: UUID, *, accepted: Collection[str] | None, word: str, seen: str | None, actor: Actor) -> str:
    """Accept a waiting edit (None: every field; else the named ones) or, with none named, reject it; what it became.

    What is not accepted is rejected with the `word`, and the institution is told by mail. `seen` is the fingerprint of
    what was looked at: raises Stale when either side has moved since, NotFound, NotAllowed, Refused.
    """
    if not (actor.kind == "account" and actor.may(Permission.DIRECTORY_MODERATE)):
        raise NotAllowed
    if len(word) > LONGEST_WORD:
        raise Refused("invalid", [Problem("word", "too_long", {"most": LONGEST_WORD, "length": len(word)})])
    async with transaction(actor.scope) as sql:
        found = await sql.fetchrow("select subject, subject_kind from pending_edit where id = $1", edit)
        if found is None:
            raise NotFound
        # The entry first, then the edit: the order in which editors take them.
        entry = await read_entry(sql, found["subject_kind"], found["subject"], actor)
        present = await waiting_for(sql, entry.id)
        if present is None or present.id != edit:
            raise Refused("edit_decided")
        if seen is not None and seen != fingerprint(entry.version, present):
            raise Stale
        taken = {name: value for name, value in present.changes.items() if accepted is None or name in set(accepted)}
        if taken:
            await _apply(sql, entry, present, taken, word, actor)
            return "accepted"
        if not word:
            raise Refused("invalid", [Problem("word", "required")])
        await _close(sql, present, "rejected", actor, word)
        await tell_of_decision(sql, entry, [], sorted(present.changes), word)
        return "rejected"


async def _apply(
    sql: asyncpg.Connection, entry: Entry, present: Pending, taken: Mapping[str, Any], word: str, actor: Actor
) -> None:
    gone = entry.status == "archived" and taken.get("status", "archived") == "archived"
    if entry.institution_status not in ("published", "draft") or gone:
        raise Refused("edit_subject_gone")
    rest = {name: value for name, value in present.changes.items() if name not in taken}
    if rest and not word:
        raise Refused("invalid", [Problem("word", "required")])
    await write_entry(entry, taken, actor=actor, source="partner", why=present.why)
    kept = {"changes": to_json(taken), "before": to_json({name: present.before.get(name) for name in taken})}
    await sql.execute("update pending_edit set changes = $2, before = $3 where id = $1", present.id, *kept.values())
    await _close(sql, present, "accepted", actor, "" if rest else word)
    if rest:
        await _reject_rest(sql, present, rest, word, actor)
    await tell_of_decision(sql, entry, sorted(taken), sorted(rest), word)


async def _reject_rest(
    sql: asyncpg.Connection, present: Pending, rest: Mapping[str, Any], word: str, actor: Actor
) -> None:
    """The fields that were not accepted are kept as an edit of their own, so that nobody has to type them again."""
    await sql.execute(
        """insert into pending_edit (id, institution, subject_kind, subject, base_version, changes, before, why,
         made_at, made_by, state, word, decided_at, decided_by)
        select $2, institution, subject_kind, subject, base_version, $3, $4, why, made_at, made_by, 'rejected', $5,
         $6, $7 from pending_edit where id = $1""",
        present.id,
        new_id(),
        to_json(rest),
        to_json({name: present.before.get(name) for name in rest}),
        word,
        clock.now(),
        actor.account,
    )


async def withdraw_all(sql: asyncpg.Connection, subject: UUID, actor: Actor) -> None:
    """What waits for an entry that leaves the directory waits for nothing any more."""
    present = await waiting_for(sql, subject)
    if present is not None:
        await _close(sql, present, "withdrawn", actor, "")


async def _close(sql: asyncpg.Connection, present: Pending, state: str, actor: Actor, word: str) -> None:
    await sql.execute(
        "update pending_edit set state = $2, word = $3, decided_at = $4, decided_by = $5 where id = $1",
        present.id,
        state,
        word,
        clock.now(),
        actor.account,
    )
    facts = {"state": state, "fields": sorted(present.changes)}
    await record(Event.EDIT_DECIDE, by=actor.scope, subject=(present.kind, present.subject), facts=facts)
