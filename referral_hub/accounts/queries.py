"""Questions about accounts, scoped by who asks."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import connection
from referral_hub.errors import NotAllowed


class AccountRow(Struct, frozen=True):
    """One line of the list of accounts."""

    id: UUID
    email: str
    name: str
    institution: UUID
    institution_name: str
    own: bool
    roles: list[str]
    active: bool
    made_at: datetime
    last_seen_at: datetime | None


_LIST = """select a.id, a.email, a.name, a.institution, i.name as institution_name, i.club as own, a.active, a.made_at,
 a.last_seen_at,
 coalesce((select array_agg(r.role order by r.role) from account_role r where r.account = a.id), '{}') as roles
from account a join institution i on i.id = a.institution order by i.club desc, i.sort_key, a.email"""


async def accounts_seen_by(actor: Actor) -> list[AccountRow]:
    """Every account of the network, for those who may look after them. Raises NotAllowed."""
    if not actor.may(Permission.ACCOUNT_READ):
        raise NotAllowed
    return await every_account()


async def every_account() -> list[AccountRow]:
    """Every account of the network, for the command line, where the machine's owner asks."""
    async with connection() as sql:
        return [AccountRow(**dict(row)) for row in await sql.fetch(_LIST)]
