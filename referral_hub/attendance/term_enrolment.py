"""Put a referral into a term (an edition of a course, a traineeship, a vacancy), or take it out: one at a time.

    put_into_term(task, term, *, actor)    the term chosen before is given back
    leave_term(task, term, *, actor)       the place is free again
    terms_chosen(task, *, actor)           as the referral's page shows them

The sender's caseworker and the receiver's intake may. A referral that ends, waits or rests gives its place back in the
transaction of its move: `referrals/unlisting.py`.
"""

from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.attendance.enrolling import speaking, tell_other_side
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import NotFound, Refused
from referral_hub.referrals.case import in_each_role
from referral_hub.timetable.terms_actions import give_place_back, take_place
from referral_hub.timetable.terms_queries import Term, as_term

_LISTED = "select term from enrolment where task = $1 and state = 'enrolled' and term is not null"
_LIST = """insert into enrolment (id, task, term, state, made_at, made_by) values ($1, $2, $3, 'enrolled', $4, $5)
on conflict (task, term) do update set state = 'enrolled', made_at = excluded.made_at, made_by = excluded.made_by
where enrolment.state = 'cancelled' returning id"""
_END = """update enrolment set state = 'cancelled' where task = $1 and term = $2 and state = 'enrolled' returning id"""
_CHOSEN = """select o.* from enrolment e join offer_term o on o.id = e.term
where e.task = $1 and e.state = 'enrolled' order by coalesce(o.starts_on, o.apply_by), o.id"""


@retrying
async def put_into_term(task: UUID, term: UUID, *, actor: Actor) -> None:
    """Give the referral a place of a term of its own offer; again changes nothing.

    Raises NotFound, NotAllowed, Refused `term_not_open`, and why the referral cannot be enrolled now.
    """
    async with speaking(task, actor) as (sql, one, case, party):
        if await sql.fetchval("select offer from offer_term where id = $1", term) != case["offer"]:
            raise NotFound
        before = {row["term"] for row in await sql.fetch(_LISTED, task)}
        if term in before:
            return
        if not await take_place(sql, case["offer"], term):
            raise Refused("term_not_open")
        await sql.fetchval(_LIST, new_id(), task, term, clock.now(), actor.account)
        for other in sorted(before, key=str):
            await _end(sql, task, other)
        await record(Event.ENROLMENT_ADD, by=one.scope, subject=("referral", task), facts={"term": str(term)})
        await tell_other_side(sql, one, case, party)


@retrying
async def leave_term(task: UUID, term: UUID, *, actor: Actor) -> None:
    """Take the referral out of a term; a second tap changes nothing. Raises NotFound, NotAllowed."""
    async with speaking(task, actor, ending=True) as (sql, one, case, party):
        if not await _end(sql, task, term):
            return
        await record(Event.ENROLMENT_END, by=one.scope, subject=("referral", task), facts={"term": str(term)})
        await tell_other_side(sql, one, case, party)


async def _end(sql: asyncpg.Connection, task: UUID, term: UUID) -> bool:
    if await sql.fetchval(_END, task, term) is None:
        return False
    await give_place_back(sql, term)
    return True


async def terms_chosen(task: UUID, *, actor: Actor) -> list[Term]:
    """Terms the referral has a place in, as far as the actor sees the referral; [] for what is not theirs."""
    for one in in_each_role(actor):
        async with transaction(one.scope, by_key=True) as sql:
            rows = await sql.fetch(_CHOSEN, task)
        if rows:
            return [as_term(row, clock.today()) for row in rows]
    return []
