"""Several people to one meeting, course or offer at once: each with a task, a basis and a place of their own.

Every person gets a draft; those that may be sent are sent. Whoever has no basis yet, or finds no place, stays a draft
and is told with its reason: nothing is half done, and nobody is forgotten in silence. A group of the own house whose
intake is nobody's job is taken on by whoever asks: there is no one else to answer.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import NotFound, Problem, Refused
from referral_hub.referrals.actions import draft, perform
from referral_hub.referrals.case import Case, facts_of, load_case
from referral_hub.referrals.drafts import sending
from referral_hub.referrals.moves import INDEX, field_refusals, refusals
from referral_hub.referrals.own_house import nobody_else_answers
from referral_hub.referrals.states import Party, State, Verb

MOST: Final = 60
SENDING: Final = INDEX[Verb.SEND, State.DRAFT, Party.SND]


class Member(Struct, frozen=True, kw_only=True):
    """One person of a group referral; `basis` is None where none was given yet."""

    person: UUID
    basis: Mapping[str, object] | None = None


class Referred(Struct, frozen=True, kw_only=True):
    """What became of one person: the task, and why it was not sent ('' where it was)."""

    person: UUID
    case_code: str
    task: UUID
    number: str
    state: str
    version: int
    why_not: str
    no_data: bool = False


class Batch(Struct, frozen=True, kw_only=True):
    """A group referral as it stands now."""

    id: UUID
    offer: UUID
    offer_title: str
    receiver_name: str
    need: str
    people: list[Referred]

    @property
    def unsent(self) -> list[Referred]:
        """Those that are still drafts."""
        return [one for one in self.people if one.state == State.DRAFT]


@retrying
async def refer_group(
    *,
    actor: Actor,
    offer: UUID,
    need: str,
    people: Sequence[Member],
    priority: str = "ordinary",
    note: str = "",
    why: str = "",
    hold_back: int = 0,
) -> UUID:
    """The id of the batch. `why`: words for sending although the number is old or there are no places.

    Raises NotAllowed, NotFound (the offer, or a person of another institution: nobody is referred then),
    Refused("invalid") for what is wrong with the whole.
    """
    actor = sending(actor)
    if not people:
        raise Refused("invalid", [Problem("people", "choose_some")])
    if len({one.person for one in people}) != len(people) or len(people) > MOST:
        code = "choose_fewer" if len(people) > MOST else "each_person_once"
        raise Refused("invalid", [Problem("people", code, {"most": MOST})])
    batch, sent = new_id(), 0
    async with transaction(actor.scope, by_key=True) as sql:
        takes_on = await nobody_else_answers(sql, offer, actor)
        for one in people:
            task = await draft(
                actor=actor,
                person=one.person,
                offer=offer,
                need=need,
                priority=priority,
                basis=one.basis,
                note=note,
                batch=batch,
            )
            sent += one.basis is not None and await _sent(actor, task, 1, why, hold_back, takes_on)
        facts = {"people": len(people), "sent": sent}
        await record(Event.REFERRAL_BATCH, by=actor.scope, subject=("batch", batch), facts=facts)
    return batch


async def _sent(actor: Actor, task: UUID, version: int, why: str, hold_back: int, takes_on: bool) -> bool:
    """Whether it could be sent; what stops one stops no other. `takes_on`: the sender answers for the own house."""
    fields = {"text": why} if why else {}
    try:
        waits = 0 if takes_on else hold_back
        async with transaction(actor.scope, by_key=True):
            await perform(task, actor=actor, verb=Verb.SEND, version=version, fields=fields, hold_back=waits)
            if takes_on:
                await perform(task, actor=actor, verb=Verb.ACCEPT, version=version + 1, in_house=True)
    except Refused:
        return False
    return True


@retrying
async def send_rest(batch: UUID, *, actor: Actor, why: str = "", hold_back: int = 0) -> int:
    """Send those of a batch that can be sent by now; how many were. Raises NotAllowed, NotFound."""
    actor = sending(actor)
    async with transaction(actor.scope, by_key=True) as sql:
        found = await batch_seen_by(actor, batch)
        takes_on = await nobody_else_answers(sql, found.offer, actor)
        done = [await _sent(actor, one.task, one.version, why, hold_back, takes_on) for one in found.unsent]
        facts = {"people": len(found.unsent), "sent": sum(done)}
        await record(Event.REFERRAL_BATCH, by=actor.scope, subject=("batch", batch), facts=facts)
    return sum(done)


_TASKS = """select t.id, t.participant, q.case_code, o.title, i.name, q.need, t.offer, t.number, t.state, t.version,
 t.no_data
from referral_request q join referral_task t on t.request = q.id join offer o on o.id = t.offer
join institution i on i.id = t.receiver
where q.batch = $1 and q.sender = $2 order by q.case_code, t.made_at, t.id"""


async def batch_seen_by(actor: Actor, batch: UUID) -> Batch:
    """The batch of the actor's own institution, by case codes. Raises NotAllowed, NotFound."""
    actor = sending(actor)
    async with transaction(actor.scope, by_key=True) as sql:
        rows = await sql.fetch(_TASKS, batch, actor.institution)
        if not rows:
            raise NotFound
        people = [await _referred(sql, row) for row in rows]
    first = rows[0]
    return Batch(
        id=batch,
        offer=first["offer"],
        offer_title=first["title"],
        receiver_name=first["name"],
        need=first["need"],
        people=people,
    )


async def _referred(sql: asyncpg.Connection, row: asyncpg.Record) -> Referred:
    case = await load_case(sql, row["id"]) if row["state"] == State.DRAFT else None
    return Referred(
        person=row["participant"],
        case_code=row["case_code"],
        task=row["id"],
        number=row["number"],
        state=row["state"],
        version=row["version"],
        why_not=why_not_sent(case) if case is not None else "",
        no_data=row["no_data"],
    )


def why_not_sent(case: Case) -> str:
    """The code of what stops a draft now: the same rules that sending asks; '' where nothing does any more."""
    if case["basis"] is None:
        return "basis_missing"
    facts = facts_of(case, clock.now())
    stopped = [*refusals(SENDING, facts), *field_refusals(SENDING, facts)]
    if stopped == ["offer_is_sendable"] and facts.available == 0:
        return "no_place"
    return stopped[0] if stopped else ""
