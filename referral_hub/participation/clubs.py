"""Which institutions people take part in: the network's own club, and every other one of that kind."""

from typing import Final
from uuid import UUID

from referral_hub.database.transaction import connection

CLUB: Final = "(i.club or i.kind = 'kis')"
"""SQL, over `institution i`."""


async def is_club(institution: UUID | None) -> bool:
    """Whether people take part in this institution."""
    async with connection() as sql:
        return bool(await sql.fetchval(f"select {CLUB} from institution i where i.id = $1", institution))  # noqa: S608 -- a constant of ours
