"""Offers an account keeps at hand: its own list, nobody else's."""

from typing import Final
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import connection, retrying, transaction
from referral_hub.errors import NotAllowed, NotFound, Refused

MOST: Final = 200

_VISIBLE: Final = """select true from offer o join institution i on i.id = o.institution
where o.id = $1 and o.status in ('published', 'closed') and i.status = 'published'
and (o.visible_from is null or o.visible_from <= $2)"""


async def favourites_of(actor: Actor) -> list[UUID]:
    """The offers this account keeps, the newest first; empty for those who keep none and for programs."""
    if actor.account is None or not actor.may(Permission.FAVOURITE_KEEP):
        return []
    async with connection() as sql:
        rows = await sql.fetch(
            "select offer from favourite where account = $1 order by made_at desc, id desc", actor.account
        )
    return [row["offer"] for row in rows]


@retrying
async def keep_favourite(offer: UUID, *, actor: Actor) -> None:
    """Keep an offer at hand; keeping it twice is the same.

    Raises NotFound for an offer nobody can find, NotAllowed, Refused `favourites_too_many`.
    """
    account = _owner(actor)
    async with transaction(actor.scope) as sql:
        if not await sql.fetchval(_VISIBLE, offer, clock.today()):
            raise NotFound
        if await sql.fetchval("select count(*) from favourite where account = $1", account) >= MOST:
            raise Refused("favourites_too_many", most=MOST)
        made = await sql.fetchval(
            """insert into favourite (id, account, offer, made_at) values ($1, $2, $3, $4)
            on conflict (account, offer) do nothing returning id""",
            new_id(),
            account,
            offer,
            clock.now(),
        )
        if made is not None:
            await record(Event.FAVOURITE_CHANGE, by=actor.scope, subject=("offer", offer), facts={"kept": True})


@retrying
async def drop_favourite(offer: UUID, *, actor: Actor) -> None:
    """Keep it no longer, also one that has since been put away. Raises NotFound where it was not kept."""
    account = _owner(actor)
    async with transaction(actor.scope) as sql:
        gone = await sql.fetchval(
            "delete from favourite where account = $1 and offer = $2 returning id", account, offer
        )
        if gone is None:
            raise NotFound
        await record(Event.FAVOURITE_CHANGE, by=actor.scope, subject=("offer", offer), facts={"kept": False})


def _owner(actor: Actor) -> UUID:
    if actor.account is None or not actor.may(Permission.FAVOURITE_KEEP):
        raise NotAllowed
    return actor.account
