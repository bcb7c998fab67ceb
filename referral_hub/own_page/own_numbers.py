"""The number on a person's card, as people type it."""

import re
from typing import Final
from uuid import UUID

from referral_hub.database.transaction import SYSTEM, transaction

_TYPED: Final = re.compile(r"\D*([0-9]{4})\D*([0-9]{1,9})\D*")
_WHOSE = """select participant from referral_task
where number = $1 and sent_at is not null and state <> 'void' and not held_back"""


def number_typed(text: str) -> str:
    """„2026 17”, „nr 2026-0017” and „20260017” are all 2026/0017; '' for what is no number of ours."""
    found = _TYPED.fullmatch(text[:40])
    return f"{found[1]}/{int(found[2]):04d}" if found and text.isascii() else ""


async def person_of_number(typed: str) -> UUID | None:
    """Whose referral has this number; asked as the hub, told to nobody. None where nothing like it was sent."""
    async with transaction(SYSTEM) as sql:
        found: UUID | None = await sql.fetchval(_WHOSE, number_typed(typed))
    return found


async def entries_merged_into(person: UUID | None) -> list[UUID]:
    """The entries that became this one: what was printed for them still names their ids. As the hub, told to nobody."""
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch("select id from participant where merged_into = $1", person)
    return [row["id"] for row in rows]
