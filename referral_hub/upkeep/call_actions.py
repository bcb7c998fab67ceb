"""The telephone's turn: a call task is made, put off with growing pauses, and done by what was heard or told."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.directory.queries import offers_of
from referral_hub.directory.reading_actions import Said, report_reading
from referral_hub.directory.schemas import OwnOffer
from referral_hub.directory.still_true import unchanged
from referral_hub.errors import NotFound, Problem, Refused
from referral_hub.institutions.confirmations import confirm_contacts, doubt_phone
from referral_hub.upkeep.ladder import call_again_on

HEARD = ("no_change", "new_number", "nobody_answered")
TOLD_BY_ITSELF = "told"
"""What a task ends with when the partner told its numbers before anybody called."""

_NOTE = """insert into call_note (id, institution, at, account, heard, again_on) values ($1, $2, $3, $4, $5, $6)"""


async def wish_for_call(sql: asyncpg.Connection, institution: UUID, why: str, *, due_on: date) -> bool:
    """A call task, unless one is open; in the caller's transaction. False where one was."""
    made = await sql.fetchval(
        """insert into call_task (id, institution, why, made_at, due_on) values ($1, $2, $3, $4, $5)
        on conflict (institution) where done_at is null do nothing returning id""",
        new_id(),
        institution,
        why,
        clock.now(),
        due_on,
    )
    if made is None:
        return False
    facts = {"why": str(why)}
    await record(Event.CALL_WISH, by=SYSTEM, subject=("institution", institution), facts=facts)
    return True


async def call_off(sql: asyncpg.Connection, institution: UUID) -> None:
    """Nobody needs to call: every number has been told."""
    await sql.execute(
        "update call_task set done_at = $2, heard = $3 where institution = $1 and done_at is null",
        institution,
        clock.now(),
        TOLD_BY_ITSELF,
    )


@retrying
async def note_call(
    institution: UUID,
    heard: str,
    *,
    actor: Actor,
    numbers: Mapping[UUID, int] | None = None,
    again_on: date | None = None,
    contact: UUID | None = None,
    seen: tuple[UUID, int] | None = None,
) -> list[UUID]:
    """Record a call to a partner; the readings it gave.

    `heard`: `no_change` confirms every number of the institution that is due, `new_number` takes `numbers` (offer →
    free places); both end the call task. `nobody_answered` puts it off to `again_on`, by default by a pause that grows.
    `contact`: the number that was dialled, which is thereby confirmed or doubted, and nothing else of the institution.
    `seen`: the task and its tries as the caller's page had them, so that two callers do not note one call twice.
    All of it or nothing. Raises NotFound, Refused("invalid"), `no_number_to_confirm` or `call_noted_meanwhile`.
    """
    if heard not in HEARD:
        raise Refused("invalid", [Problem("heard", "not_a_choice")])
    offers = {offer.id: offer for offer in await offers_of(institution) if offer.status == "published"}
    if not offers:
        raise NotFound
    said = _said(heard, offers, numbers or {})
    async with transaction(actor.scope) as sql:
        task = await sql.fetchrow(
            "select id, tries from call_task where institution = $1 and done_at is null for update", institution
        )
        if seen is not None and (task is None or (task["id"], task["tries"]) != seen):
            raise Refused("call_noted_meanwhile")
        same = heard == "no_change"
        told = {one: await unchanged(one, free) if same else Said(free=free) for one, free in said.items()}
        made = [await report_reading(offer, one, actor=actor) for offer, one in told.items()]
        tries = (task["tries"] if task else 0) + 1
        again = (again_on or call_again_on(tries, clock.today())) if heard == "nobody_answered" else None
        await sql.execute(_NOTE, new_id(), institution, clock.now(), actor.account, heard, again)
        if task is not None:
            await _move_on(sql, task["id"], heard, again, actor)
        if contact is not None:
            await _judge_number(sql, institution, contact, heard, actor)
        facts = {"heard": heard}
        await record(Event.CALL_NOTE, by=actor.scope, subject=("institution", institution), facts=facts)
    return made


def _said(heard: str, offers: Mapping[UUID, OwnOffer], numbers: Mapping[UUID, int]) -> dict[UUID, int]:
    """Free places by offer, as the partner said on the phone."""
    if heard == "no_change":
        said = {one: offer.still for one, offer in offers.items() if offer.due and offer.still is not None}
        if not said:
            raise Refused("no_number_to_confirm")
        return said
    if heard == "nobody_answered":
        return {}
    if not numbers:
        raise Refused("invalid", [Problem("free", "required")])
    if any(offer not in offers for offer in numbers):
        raise NotFound
    return dict(numbers)


async def _move_on(sql: asyncpg.Connection, task: UUID, heard: str, again: date | None, actor: Actor) -> None:
    if again is not None:
        await sql.execute("update call_task set tries = tries + 1, due_on = $2 where id = $1", task, again)
        return
    await sql.execute(
        "update call_task set done_at = $2, done_by = $3, heard = $4 where id = $1",
        task,
        clock.now(),
        actor.account,
        heard,
    )


async def _judge_number(sql: asyncpg.Connection, institution: UUID, contact: UUID, heard: str, actor: Actor) -> None:
    """Somebody answered at this number, or nobody did."""
    theirs = await sql.fetchval("select 1 from contact where id = $1 and institution = $2", contact, institution)
    if theirs is None:
        return
    if heard == "nobody_answered":
        await doubt_phone(contact, by=actor.scope)
    else:
        await confirm_contacts(institution, [contact], how="call", by=actor.scope)
