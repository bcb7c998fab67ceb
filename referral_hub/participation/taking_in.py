"""Somebody sent to the club takes part in it: from what was disclosed to us, and nothing else.

offered_person(task, *, actor, open_person=()) -> Incoming
take_in(task, person, described, *, actor, same=None) -> UUID
"""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from msgspec import Struct, structs

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import NotFound, Refused
from referral_hub.participants.actions import register
from referral_hub.participation.actions import start, working
from referral_hub.participation.clubs import CLUB
from referral_hub.participation.course import Described
from referral_hub.referrals.actions import perform
from referral_hub.referrals.queries import Referral, referral
from referral_hub.referrals.states import UNDER_WAY, State

OPEN_TO: Final = UNDER_WAY | {State.DELIVERED}
STARTS: Final = frozenset({State.ACCEPTED, State.SCHEDULED})
_OURS = "select id from participation where task = $1"


class Incoming(Struct, frozen=True):
    """A referral to our club as our caseworker sees it; `ours`: its participation, once there is one."""

    referral: Referral
    own_person: UUID | None
    ours: UUID | None

    @property
    def may_be_taken_in(self) -> bool:
        """Accepted, and nobody took the person in yet."""
        return self.ours is None and State(self.referral.state) in OPEN_TO and not self.referral.no_data


async def offered_person(task: UUID, *, actor: Actor, open_person: Collection[str] = ()) -> Incoming:
    """A referral to the actor's own club; these fields are opened, and that is logged, unless the person is our own.

    Raises NotFound, NotAllowed.
    """
    worker = _only(working(actor))
    async with transaction(worker.scope, by_key=True) as sql:
        row = await sql.fetchrow(
            f"""select t.sender, t.receiver, t.participant, {CLUB} as club from referral_task t
            join institution i on i.id = t.receiver where t.id = $1""",  # noqa: S608 -- a constant of ours
            task,
        )
        if row is None or row["receiver"] != worker.institution or not row["club"]:
            raise NotFound
        ours = await sql.fetchval(_OURS, task)
    own = row["participant"] if row["sender"] == worker.institution else None
    found = await referral(worker, task, open_person=() if own else open_person, read_words=False)
    return Incoming(found, own, ours)


@retrying
async def take_in(
    task: UUID, person: Mapping[str, Any], described: Described, *, actor: Actor, same: UUID | None = None
) -> UUID:
    """Register the person (or take `same`, who is ours already) and start taking part; the participation's id.

    Where the actor also answers for the club and the help had not begun, the referral moves on by its own verb.
    """
    actor = working(actor)
    async with transaction(actor.scope):
        found = await offered_person(task, actor=actor)
        if found.ours is not None:
            return found.ours
        if not found.may_be_taken_in:
            raise Refused("referral_is_not_accepted")
        own = same or found.own_person
        if own is None:
            own = (await register(actor=actor, **person)).id
        made = await start(own, described, actor=actor, task=task)
        await _begin(found.referral, described, actor)
    return made


async def _begin(found: Referral, described: Described, actor: Actor) -> None:
    if not actor.may(Permission.REFERRAL_ANSWER) or State(found.state) not in STARTS:
        return
    fields = {"date": described.started_on.isoformat()}
    await perform(found.id, actor=actor, verb="start", version=found.version, fields=fields)


def _only(actor: Actor) -> Actor:
    """The actor in this one role: a coordinator's view of the same referral would hide what was disclosed."""
    return structs.replace(actor, roles=(actor.role,), by_role={actor.role: actor.by_role[actor.role]})
