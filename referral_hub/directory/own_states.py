"""The states of an institution's offers and what of it waits, for those who look after it."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.database.transaction import connection
from referral_hub.directory.states import State, state_of
from referral_hub.vocabularies.words import sort_key


class OwnState(Struct, frozen=True):
    """An offer's state today, with its days; `waits`: a change of it waits for the coordinator."""

    id: UUID
    title: str
    state: State
    visible_from: date | None
    closed_until: date | None
    closed_why: str
    waits: bool


async def own_states(institution: UUID) -> dict[UUID, OwnState]:
    """The state of every offer of an institution, archived ones too, by title."""
    today = clock.today()
    async with connection() as sql:
        rows = await sql.fetch(
            """select o.id, o.title, o.status, o.visible_from, o.closed_until, o.closed_why,
             exists (select 1 from pending_edit p where p.subject = o.id and p.state = 'waiting') as waits
            from offer o where o.institution = $1""",
            institution,
        )
    return {
        row["id"]: OwnState(
            row["id"],
            row["title"],
            state_of(row, today),
            row["visible_from"],
            row["closed_until"],
            row["closed_why"],
            row["waits"],
        )
        for row in sorted(rows, key=lambda row: sort_key(row["title"]))
    }


async def waiting_subjects(institution: UUID) -> set[UUID]:
    """Whatever of an institution has a change that waits: itself, its places, its offers."""
    async with connection() as sql:
        rows = await sql.fetch(
            "select subject from pending_edit where institution = $1 and state = 'waiting'", institution
        )
    return {row["subject"] for row in rows}
