"""What is asked about the institution that sends."""

from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import connection


async def kind_of_sender(actor: Actor) -> str:
    """The kind of the actor's institution, '' for none."""
    async with connection() as sql:
        return str(await sql.fetchval("select kind from institution where id = $1", actor.institution) or "")
