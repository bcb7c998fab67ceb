"""Whoever keeps a referral hears that its meeting moved or was called off: a number and a link, nothing else."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.database.writes import write_all
from referral_hub.referrals.case import load_case
from referral_hub.referrals.emails import letters_to_keeper

_OF = """select distinct e.task from enrolment e join referral_task t on t.id = e.task
where e.meeting = any($1::uuid[]) and e.state = 'enrolled' and e.attendance = '' order by e.task"""
_END = """with ended as (
 update enrolment set state = 'cancelled' where meeting = any($1::uuid[]) and state = 'enrolled' and attendance = ''
 returning meeting, task),
back as (select meeting, count(*) as number from ended group by meeting),
given as (update meeting m set enrolled = m.enrolled - back.number from back where m.id = back.meeting returning m.id)
select distinct task from ended"""


async def tell_enrolled(meetings: Sequence[UUID], what: str) -> int:
    """Mail the keepers of all referrals on these lists, how many; of cancelled meetings the enrolments end."""
    async with transaction(SYSTEM) as sql:
        tasks = [row["task"] for row in await sql.fetch(_OF, list(meetings))]
        for task in tasks:
            await _mail(sql, task)
        if what == "cancelled":
            for row in await sql.fetch(_END, list(meetings)):
                facts = {"cancelled": True}
                await record(Event.ENROLMENT_END, by=SYSTEM, subject=("referral", row["task"]), facts=facts)
    return len(tasks)


async def _mail(sql: asyncpg.Connection, task: UUID) -> None:
    case = await load_case(sql, task)
    letters = [] if case is None else await letters_to_keeper(sql, case, "referral_news")
    if letters:
        await write_all(sql, letters)
