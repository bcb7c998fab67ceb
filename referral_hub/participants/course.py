"""What became of an entry inside the institution, from its own audit lines: registered, handed over, closed, merged."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from referral_hub.audit.events import Event
from referral_hub.database.transaction import connection

TOLD: Final = (
    Event.PERSON_ADD,
    Event.PERSON_HAND_OVER,
    Event.PERSON_MERGE,
    Event.PERSON_CLOSE,
    Event.PERSON_REOPEN,
)


class Line(Struct, frozen=True):
    """One line: `whom` is the name of the colleague who took over."""

    at: datetime
    event: str
    whom: str


async def course_of(person: UUID, names: Mapping[UUID, str]) -> list[Line]:
    """The lines of a person that the caller may see, the newest first."""
    async with connection() as sql:
        rows = await sql.fetch(
            """select at, event, facts from audit_event where subject_kind = 'participant' and subject = $1
            and event = any($2::text[]) order by at desc, id desc limit 50""",
            person,
            [event.value for event in TOLD],
        )
    found = []
    for row in rows:
        facts = msgspec.json.decode(row["facts"]) if isinstance(row["facts"], str) else row["facts"]
        to = facts.get("to")
        found.append(Line(row["at"], row["event"], names.get(UUID(to), "") if to else ""))
    return found
