"""A person who came by no referral joins a group of the club: attendance stands on referrals, so one is made, to us.

It is an ordinary referral from the club to its own offer, inside one legal person: nothing leaves the house, the lists
know the person as they know everybody, and the hours are summed as everybody's. Taking part was agreed on already, so
the club's caseworker takes the person on at once: a walk-in waits for no intake, and expires by nobody's silence.
"""

from typing import Final
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import SYSTEM, connection, retrying, transaction
from referral_hub.errors import NotFound, Refused
from referral_hub.participants.basis import internal_ground
from referral_hub.participation.actions import working
from referral_hub.participation.queries import participation_seen_by
from referral_hub.referrals.actions import draft, perform
from referral_hub.vocabularies import book

OWN_GROUND: Final = {"kind": "internal", "ground": internal_ground().code, "fields": ["label"]}
OWN_NEED: Final = "grupa"


class OwnGroup(Struct, frozen=True):
    """An offer of the club with meetings to come."""

    offer: UUID
    title: str
    form: str


_GROUPS = """select o.id as offer, o.title, o.form from offer o where o.institution = $1 and o.status = 'published'
and exists (select 1 from meeting m where m.offer = o.id and m.kind = 'meeting' and m.status = 'planned'
 and m.starts_at > $2) order by o.title, o.id"""
_GOING_ON = """select t.id, t.version, t.state = 'sent' and t.sender = t.receiver as asks_us
from referral_task t where t.participant = $1 and t.offer = $2
and t.state in ('sent', 'info_needed', 'accepted', 'scheduled', 'in_progress') order by t.made_at desc limit 1"""


async def groups_of(institution: UUID | None) -> list[OwnGroup]:
    """The club's own offers that meet."""
    async with connection() as sql:
        return [OwnGroup(**row) for row in await sql.fetch(_GROUPS, institution, clock.now())]


@retrying
async def join_group(participation: UUID, offer: UUID, *, actor: Actor) -> UUID:
    """A referral of the person to the club's own offer, accepted at once; the task's id.

    Who goes there already gets the referral that stands. Raises NotFound, Refused `participation_is_over`, `no_place`.
    """
    actor = working(actor)
    part = await participation_seen_by(actor, participation)
    if part.ended_on is not None:
        raise Refused("participation_is_over")
    group = next((one for one in await groups_of(actor.institution) if one.offer == offer), None)
    if group is None:
        raise NotFound
    answered = book.needs_for(group.form)
    async with transaction(SYSTEM) as sql:
        # A second press waits here, and then finds the referral that the first one made.
        await sql.execute("select 1 from participation where id = $1 for update", participation)
        async with transaction(actor.scope) as own:
            standing = await own.fetchrow(_GOING_ON, part.participant, offer)
        if standing is not None:
            if standing["asks_us"]:
                await perform(standing["id"], actor=actor, verb="accept", version=standing["version"], in_house=True)
            return UUID(str(standing["id"]))
        task = await draft(
            actor=actor,
            person=part.participant,
            offer=offer,
            need=answered[0] if answered else OWN_NEED,
            basis=OWN_GROUND,
        )
        version = await sql.fetchval("select version from referral_task where id = $1", task)
        await perform(task, actor=actor, verb="send", version=version, fields={"text": group.title})
        await perform(task, actor=actor, verb="accept", version=version + 1, in_house=True)
    return task
