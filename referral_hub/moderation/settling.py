"""A disagreement of sources is settled: for a value, until one of them says something new."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import retrying, transaction
from referral_hub.directory.actions import edit_offer, edit_site
from referral_hub.errors import NotFound, Problem, Refused, Stale
from referral_hub.institutions.actions import NewContact, edit_institution
from referral_hub.institutions.contacts import set_contacts
from referral_hub.institutions.queries import institution_facts
from referral_hub.moderation.conflict_queries import conflicts_of, said_of
from referral_hub.moderation.conflicts import Conflict, contact_key


async def settle_value(
    sql: asyncpg.Connection,
    institution: UUID,
    subject: tuple[str, UUID],
    field: str,
    value: Any,
    *,
    source: str,
    why: str,
    actor: Actor,
) -> None:
    """Remember the value and what every source said at this moment, in the caller's transaction."""
    said = await said_of(sql, institution, subject, field)
    await sql.execute(
        """insert into settlement (id, institution, subject_kind, subject, field, value, said, source, why, at, by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        *(new_id(), institution, *subject, field, to_json(value), to_json(said), source, why, clock.now()),
        actor.account,
    )
    await record(Event.CONFLICT_SETTLE, by=actor.scope, subject=subject, facts={"field": field, "source": source})


@retrying
async def settle(kind: str, subject: UUID, field: str, *, actor: Actor, take: str, seen: str, why: str) -> None:
    """Settle a conflict: `take` is the source whose value stands from now on, '' for what stands already.

    `seen` is the mark of what the coordinator saw. Raises NotFound when it no longer waits, Stale when somebody has
    said something else meanwhile, Refused("invalid").
    """
    async with transaction(actor.scope) as sql:
        conflict, _, mark = await find_conflict(sql, kind, subject, field)
        if mark != seen:
            raise Stale
        value = conflict.present
        if take:
            chosen = next((say for say in conflict.says if say.source == take), None)
            if chosen is None:
                raise Refused("invalid", [Problem("take", "not_a_choice")])
            value = chosen.value
            await _write(conflict, value, actor, why)
        await settle_value(
            sql, conflict.institution, (kind, subject), field, value, source=take or "present", why=why, actor=actor
        )


async def _write(conflict: Conflict, value: Any, actor: Actor, why: str) -> None:
    """The value through the ordinary edit, as the coordinator's word."""
    kind, subject, field = conflict.subject_kind, conflict.subject, conflict.field
    if kind == "contact":
        contacts = _joined(value, (await institution_facts(subject)).contacts)
        await set_contacts(subject, contacts, by=actor.scope, source="coordinator", why=why)
    elif kind == "institution":
        await edit_institution(subject, {field: value}, by=actor.scope, source="coordinator", why=why)
    elif kind == "site":
        await edit_site(subject, {field: value}, actor=actor, source="coordinator", why=why)
    else:
        await edit_offer(subject, {field: value}, actor=actor, source="coordinator", why=why)


def _joined(said: Sequence[Sequence[Any]], present: Sequence[NewContact]) -> list[NewContact]:
    """A source's contacts with the words and visibility known of them; what registers never name stays."""
    known = {contact_key(one.kind, one.value): one for one in present}
    wanted = {}
    for kind, value, *more in said:
        extension, label, visibility = (*more, "", "", "")[:3]
        new = NewContact(
            kind=kind, value=value, extension=extension, label=label or "", visibility=visibility or "public"
        )
        wanted[contact_key(kind, value)] = known.get(contact_key(kind, value), new)
    spoken = {key[0] for key in wanted}
    silent = [one for key, one in known.items() if key[0] not in spoken or one.visibility == "staff"]
    return [*wanted.values(), *(one for one in silent if one not in wanted.values())]


async def find_conflict(sql: asyncpg.Connection, kind: str, subject: UUID, field: str) -> tuple[Conflict, str, str]:
    """The same on a connection that may hold locks."""
    owner = await sql.fetchrow(
        """select id, name from institution where id in ($1, (select institution from site where id = $1),
        (select institution from offer where id = $1))""",
        subject,
    )
    if owner is None:
        raise NotFound
    for one in await conflicts_of(sql, [owner["id"]]):
        if (one.subject_kind, one.subject, one.field) == (kind, subject, field):
            return one, owner["name"], mark_of(one)
    raise NotFound


def mark_of(conflict: Conflict) -> str:
    """What the coordinator saw: the present value and everybody's word."""
    return to_json([conflict.present, {say.source: say.value for say in conflict.says}])
