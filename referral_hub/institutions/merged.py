"""Where an institution that became part of another is found today."""

from typing import Final
from uuid import UUID

from referral_hub.database.transaction import connection

ONE_IMPORT: Final = 7205118845
"""The advisory lock of an import of a register: while one runs, nothing is merged under its hands."""

_LAST = """with recursive way as (
  select id, merged_into, array[id] as seen from institution where id = $1
  union all
  select i.id, i.merged_into, way.seen || i.id from institution i join way on i.id = way.merged_into
  where i.id <> all(way.seen))
select id from way where merged_into is null"""


async def survivor_of(institution: UUID) -> UUID | None:
    """The institution that a merged one is part of today, to the end of the chain; None where it was never merged."""
    async with connection() as sql:
        last: UUID | None = await sql.fetchval(_LAST, institution)
    return None if last == institution else last
