"""Whether two institutions are one legal person: between them nothing passes to another controller."""

from uuid import UUID

import asyncpg

# One above the other, both under one, or the same tax number: „inny dział OPS” is no other controller.
_SAME = """with recursive above (of_one, id, depth) as (
 select i.id = $1, i.id, 0 from institution i where i.id in ($1, $2)
 union select above.of_one, i.parent, depth + 1 from above join institution i on i.id = above.id
 where i.parent is not null and depth < 8)
select exists (select 1 from above one join above other on other.id = one.id where one.of_one and not other.of_one)
or exists (select 1 from institution_identifier one join institution_identifier other
 on other.scheme = 'nip' and other.value = one.value
 where one.scheme = 'nip' and one.value <> '' and one.institution = $1 and other.institution = $2)"""


async def same_legal_person(sql: asyncpg.Connection, one: UUID, other: UUID) -> bool:
    """Two units of one body; an institution and itself are one as well."""
    return one == other or bool(await sql.fetchval(_SAME, one, other))
