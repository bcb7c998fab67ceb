"""Who may keep people and cases of an institution."""

from uuid import UUID

from msgspec import Struct

from referral_hub.database.transaction import connection

_OPEN = """select distinct a.id, coalesce(nullif(a.name, ''), a.email) as name from account a
join account_role r on r.account = a.id
where a.institution = $1 and a.active and r.role = 'caseworker' order by name, a.id"""


class Caseworker(Struct, frozen=True):
    """Somebody with an open account."""

    id: UUID
    name: str


async def caseworkers_of(institution: UUID | None) -> list[Caseworker]:
    """The caseworkers of an institution, by name."""
    async with connection() as sql:
        return [Caseworker(**row) for row in await sql.fetch(_OPEN, institution)]
