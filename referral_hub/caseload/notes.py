"""Internal notes on a referral: sealed, read by the sender's caseworkers only, removed by whoever wrote them."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, seal, unseal
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.errors import NotAllowed, NotFound, Problem, Refused
from referral_hub.participants.disclosures import log_opening
from referral_hub.participants.free_text import holds_pesel
from referral_hub.referrals.case import Case, load_case
from referral_hub.referrals.drafts import sending

LONGEST: Final = 2000
KEPT_AFTER_REMOVAL: Final = timedelta(days=1)
"""For so long a removal can be undone; then the words are gone."""

_NOTES = """select n.id, n.at, n.account, n.words_sealed, n.removed_at,
 coalesce(nullif(a.name, ''), a.email, '') as writer
from task_note n left join account a on a.id = n.account
where n.task = $1 and n.institution = $2 and (n.removed_at is null or n.removed_at > $3)
order by n.at, n.id"""

_COUNT = """select (select count(*) from task_note n
 where n.task = t.id and n.institution = $2 and n.removed_at is null)
from referral_task t where t.id = $1 and t.sender = $2"""


class Note(Struct, frozen=True):
    """One note, opened; `own` says that the reader wrote it, `removed` that it can still be brought back."""

    id: UUID
    at: datetime
    writer: str
    words: str
    own: bool
    removed: bool


async def _case(sql: asyncpg.Connection, task: UUID, actor: Actor) -> Case:
    """The task, where the actor's institution sends it. Raises NotFound."""
    case = await load_case(sql, task)
    if case is None or case["sender"] != actor.institution:
        raise NotFound
    return case


async def count_notes(task: UUID, actor: Actor) -> int:
    """How many notes the actor could open. Raises NotFound for a referral of others, NotAllowed."""
    actor = sending(actor)
    async with transaction(actor.scope, by_key=True) as sql:
        count = await sql.fetchval(_COUNT, task, actor.institution)
    if count is None:
        raise NotFound
    return int(count)


async def open_notes(task: UUID, *, actor: Actor) -> list[Note]:
    """The notes, oldest first, and a line in the person's disclosures if there was one. Raises NotFound, NotAllowed."""
    actor = sending(actor)
    async with transaction(actor.scope) as sql:
        case = await _case(sql, task, actor)
        rows = await sql.fetch(_NOTES, task, actor.institution, clock.now() - KEPT_AFTER_REMOVAL)
        shown = [row for row in rows if row["removed_at"] is None or row["account"] == actor.account]
        if any(row["removed_at"] is None for row in shown):
            await log_opening(
                sql, participant=case["participant"], fields=["own_note"], by=actor.scope, task=task, purpose="note"
            )
    return [
        Note(
            row["id"],
            row["at"],
            row["writer"],
            "" if row["removed_at"] else unseal(row["words_sealed"]),
            row["account"] == actor.account,
            row["removed_at"] is not None,
        )
        for row in shown
    ]


@retrying
async def add_note(task: UUID, words: str, *, actor: Actor) -> UUID:
    """Keep a note. Raises NotFound, NotAllowed, Refused("invalid") for no words, too many, or a PESEL in them."""
    actor, words = sending(actor), words.strip()
    problems = []
    if not words:
        problems.append(Problem("words", "required"))
    elif len(words) > LONGEST:
        problems.append(Problem("words", "too_long", {"most": LONGEST, "length": len(words)}))
    elif holds_pesel(words):
        problems.append(Problem("words", "text_holds_pesel"))
    if problems:
        raise Refused("invalid", problems)
    note = new_id()
    async with transaction(actor.scope) as sql:
        await _case(sql, task, actor)
        await sql.execute(
            "insert into task_note (id, task, institution, account, at, words_sealed) values ($1, $2, $3, $4, $5, $6)",
            note,
            task,
            actor.institution,
            actor.account,
            clock.now(),
            seal(words),
        )
        await record(Event.REFERRAL_NOTE, by=actor.scope, subject=("referral", task))
    return note


@retrying
async def remove_note(note: UUID, *, actor: Actor, back: bool = False) -> None:
    """Take a note away, or with `back` bring it back within a day. Raises NotFound, NotAllowed for others' notes."""
    actor = sending(actor)
    async with transaction(actor.scope) as sql:
        row = await sql.fetchrow(
            "select task, account, removed_at from task_note where id = $1 and institution = $2 for update",
            note,
            actor.institution,
        )
        if row is None or (back and row["removed_at"] is None):
            raise NotFound
        if row["account"] != actor.account:
            raise NotAllowed("note_is_not_yours")
        await sql.execute("update task_note set removed_at = $2 where id = $1", note, None if back else clock.now())
        event = Event.REFERRAL_NOTE if back else Event.REFERRAL_NOTE_REMOVE
        await record(event, by=actor.scope, subject=("referral", row["task"]))


async def forget_removed() -> int:
    """Delete the words of notes removed a day ago; how many."""
    async with transaction(SYSTEM) as sql:
        gone = await sql.fetch(
            "delete from task_note where removed_at < $1 returning 1", clock.now() - KEPT_AFTER_REMOVAL
        )
    return len(gone)
