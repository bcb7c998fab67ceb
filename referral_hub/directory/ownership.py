"""Is it theirs: whose sites and offers an actor may change, and as whose word a reading counts."""

from uuid import UUID

import asyncpg

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.errors import NotAllowed, NotFound

SITES, OFFERS = "site", "offer"


def looks_after(actor: Actor, institution: UUID) -> bool:
    """Whether the actor may change this institution's entries: its own editor, the coordinator, the hub itself."""
    if actor.kind == "system":
        return True
    if actor.kind == "account" and actor.may(Permission.DIRECTORY_MODERATE):
        return True
    return actor.institution == institution and actor.kind == "account" and actor.may(Permission.OFFER_EDIT)


async def locked(sql: asyncpg.Connection, table: str, row: UUID, actor: Actor) -> asyncpg.Record:
    """The row of `site` or `offer`, locked for a change.

    Raises NotFound for what is not there or not the actor's to see (somebody else's draft), NotAllowed for what
    anyone may see and only its owner may change.
    """
    found = await sql.fetchrow(f"select * from {table} where id = $1 for update", row)  # noqa: S608 -- names of our own, values are parameters
    if found is None:
        raise NotFound
    if not looks_after(actor, found["institution"]):
        raise NotFound
    return found


def source_of(actor: Actor, institution: UUID) -> str:
    """As whose word a reading by this actor counts: `declared` by the institution, else `reported`.

    Raises NotAllowed for those who may not report on others, NotFound for the holder of another one's link.
    """
    if actor.kind == "capacity":
        if actor.institution != institution:
            raise NotFound
        return "declared"
    if actor.kind == "system":
        return "declared"
    if actor.kind != "account" or not actor.may(Permission.READING_REPORT):
        raise NotAllowed
    if actor.institution == institution:
        return "declared"
    if not actor.may(Permission.DIRECTORY_STAFF):
        raise NotFound
    return "reported"
