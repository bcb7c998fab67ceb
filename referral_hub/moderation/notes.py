"""Private notes of one institution's staff about a partner: business facts only, seen by that staff alone."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import connection, retrying, transaction
from referral_hub.errors import NotAllowed, NotFound, Problem, Refused
from referral_hub.institutions.free_text import holds_pesel

MOST: Final = 600
_SHOWN: Final = 30


class Note(Struct, frozen=True):
    """A note as a colleague reads it. `offer_title` '' when it is about the whole institution."""

    id: UUID
    text: str
    made_at: datetime
    who: str
    offer_title: str
    removable: bool


@retrying
async def add_note(institution: UUID, text: str, *, actor: Actor, offer: UUID | None = None) -> UUID:
    """Keep a note for one's own colleagues; its id. Raises NotFound, Refused("invalid")."""
    problem = "required" if not text.strip() else "too_long" if len(text) > MOST else ""
    problem = problem or ("text_holds_pesel" if holds_pesel(text) else "")
    if problem:
        raise Refused("invalid", [Problem("text", problem, {"most": MOST})])
    made = new_id()
    async with transaction(actor.scope) as sql:
        known = await sql.fetchval(
            """select true from institution i where id = $1 and status in ('published', 'archived')
            and ($2::uuid is null or exists (select 1 from offer o where o.id = $2 and o.institution = i.id))""",
            *(institution, offer),
        )
        if known is None:
            raise NotFound
        await sql.execute(
            """insert into staff_note (id, owner, institution, offer, text, account, made_at)
            values ($1, $2, $3, $4, $5, $6, $7)""",
            *(made, actor.institution, institution, offer, text.strip(), actor.account, clock.now()),
        )
        await record(Event.NOTE_ADD, by=actor.scope, subject=("institution", institution), facts={"length": len(text)})
    return made


@retrying
async def remove_note(note: UUID, *, actor: Actor) -> UUID:
    """Take a note away; the institution it was about. Its author may, and a coordinator of the same institution.

    Raises NotFound for what is not there, removed already, or another institution's; NotAllowed for a colleague's.
    """
    async with transaction(actor.scope) as sql:
        row = await sql.fetchrow(
            "select institution, owner, account from staff_note where id = $1 and removed_at is null for update", note
        )
        if row is None or row["owner"] != actor.institution:
            raise NotFound
        if not _may_remove(actor, row["account"]):
            raise NotAllowed
        # The words go at once; that there was a note stays.
        await sql.execute("update staff_note set removed_at = $2, text = '' where id = $1", note, clock.now())
        await record(Event.NOTE_REMOVE, by=actor.scope, subject=("institution", row["institution"]))
        return UUID(str(row["institution"]))


async def notes_about(institution: UUID, actor: Actor) -> list[Note]:
    """What this actor's own colleagues noted, the newest first; nothing for anybody else."""
    if actor.kind != "account" or actor.by_key or not actor.may(Permission.NOTE_KEEP) or actor.institution is None:
        return []
    async with connection() as sql:
        rows = await sql.fetch(
            """select n.id, n.text, n.made_at, n.account, a.name, coalesce(o.title, '') as offer_title
            from staff_note n join account a on a.id = n.account left join offer o on o.id = n.offer
            where n.institution = $1 and n.owner = $2 and n.removed_at is null
            order by n.made_at desc, n.id limit $3""",
            *(institution, actor.institution, _SHOWN),
        )
    return [
        Note(
            row["id"], row["text"], row["made_at"], row["name"], row["offer_title"], _may_remove(actor, row["account"])
        )
        for row in rows
    ]


def _may_remove(actor: Actor, author: UUID) -> bool:
    return actor.account == author or actor.may(Permission.DIRECTORY_MODERATE)
