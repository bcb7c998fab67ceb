"""Mark who was there: one tap a person, taken back by another, until the list is closed.

Marks are only the list's until somebody closes it; then each becomes the referral's own move where its state allows,
else it is kept here with the reason. So a slip of the finger never stands in anybody's history as an absence.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.attendance.enrolling import day_fields
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import HubError, NotFound, Problem, Refused
from referral_hub.referrals.actions import perform
from referral_hub.referrals.fields import ATTENDANCE
from referral_hub.referrals.states import State

THERE: Final = frozenset({"came", "late"})
MOST_HOURS: Final = 24.0
MOST_OTHERS: Final = 1000
MOVED: Final = "moved"

_MINE = """select m.*, o.institution from meeting m join offer o on o.id = m.offer
where m.id = $1 and m.offer = $2 and o.institution = $3 for update of m"""
_ENROLLED = """select e.*, t.state as task_state, t.version as task_version from enrolment e
join referral_task t on t.id = e.task where e.meeting = $1 and e.state = 'enrolled'"""
_MARK = """update enrolment set attendance = $3, hours = $4, marked_at = $5, marked_by = $6
where meeting = $1 and task = $2 and state = 'enrolled' returning id"""
_UNDO = """update enrolment set attendance = '', hours = null, marked_at = null, marked_by = null
where meeting = $1 and state = 'enrolled' and marked_at = (
 select max(marked_at) from enrolment where meeting = $1 and state = 'enrolled' and attendance <> '') returning id"""


class Closed(Struct, frozen=True):
    """How many marks became moves of their referrals, and how many stay on the list only."""

    moved: int
    kept: int


@retrying
async def mark(
    meeting: UUID, task: UUID, attendance: str, *, actor: Actor, offer: UUID, hours: float | None = None
) -> None:
    """Mark one person; '' takes the mark back while the list is open. On a closed list it corrects the referral too.

    `hours` None: as long as the meeting, for those who were there. Raises NotFound, Refused.
    """
    if attendance not in ("", *ATTENDANCE):
        raise Refused("invalid", [Problem("attendance", "not_a_choice")])
    if hours is not None and not 0 <= hours <= MOST_HOURS:
        raise Refused("invalid", [Problem("hours", "out_of_range", {"least": 0, "most": int(MOST_HOURS)})])
    async with transaction(actor.scope) as sql:
        met = await _begun(sql, meeting, offer, actor)
        if not attendance and met["status"] == "held":
            raise Refused("list_is_closed")
        await _mark(sql, met, task, attendance, hours, actor, clock.now())
        if met["status"] == "held":
            row = await sql.fetchrow(f"{_ENROLLED} and e.task = $2", meeting, task)
            await _tell_referral(sql, met, row, actor)
        await _audit(actor, meeting, 1)


@retrying
async def mark_all(meeting: UUID, *, actor: Actor, offer: UUID) -> int:
    """Everybody not marked yet was there; how many these were."""
    async with transaction(actor.scope) as sql:
        met = await _begun(sql, meeting, offer, actor)
        if met["status"] == "held":
            raise Refused("list_is_closed")
        rows, moment = await sql.fetch(f"{_ENROLLED} and e.attendance = ''", meeting), clock.now()
        for row in rows:
            await _mark(sql, met, row["task"], "came", None, actor, moment)
        if rows:
            await _audit(actor, meeting, len(rows))
    return len(rows)


@retrying
async def undo_last(meeting: UUID, *, actor: Actor, offer: UUID) -> int:
    """Take the last tap back, be it one mark or everybody's; how many marks. Raises NotFound, Refused."""
    async with transaction(actor.scope) as sql:
        met = await _begun(sql, meeting, offer, actor)
        if met["status"] == "held":
            raise Refused("list_is_closed")
        taken_back = await sql.fetch(_UNDO, meeting)
        if taken_back:
            await _audit(actor, meeting, len(taken_back))
    return len(taken_back)


@retrying
async def count_others(meeting: UUID, number: int, *, actor: Actor, offer: UUID) -> None:
    """How many were there without a referral: a number, nobody's name. Raises NotFound, Refused."""
    if not 0 <= number <= MOST_OTHERS:
        raise Refused("invalid", [Problem("others", "out_of_range", {"least": 0, "most": MOST_OTHERS})])
    async with transaction(actor.scope) as sql:
        await _begun(sql, meeting, offer, actor)
        await sql.execute("update meeting set others = $2 where id = $1", meeting, number)
        await _audit(actor, meeting, 0)


@retrying
async def close_list(meeting: UUID, *, actor: Actor, offer: UUID) -> Closed:
    """The meeting was held: each mark goes to its referral; a second tap finds it done. Raises NotFound, Refused."""
    async with transaction(actor.scope) as sql:
        met = await _begun(sql, meeting, offer, actor)
        if met["status"] == "held":
            return Closed(0, 0)
        moved = kept = 0
        await sql.execute(
            "update meeting set status = 'held', version = version + 1, updated_at = $2 where id = $1",
            meeting,
            clock.now(),
        )
        for row in await sql.fetch(f"{_ENROLLED} and e.attendance <> '' order by e.id", meeting):
            if await _tell_referral(sql, met, row, actor):
                moved += 1
            else:
                kept += 1
        await _audit(actor, meeting, moved + kept)
    return Closed(moved, kept)


async def _begun(sql: asyncpg.Connection, meeting: UUID, offer: UUID, actor: Actor) -> asyncpg.Record:
    """The meeting of the actor's own institution, locked, once it has begun."""
    met = await sql.fetchrow(_MINE, meeting, offer, actor.institution)
    if met is None or met["status"] == "aside":
        raise NotFound
    if met["status"] == "cancelled":
        raise Refused("meeting_is_cancelled")
    if met["starts_at"] > clock.now():
        raise Refused("meeting_not_yet")
    return met


async def _mark(
    sql: asyncpg.Connection,
    met: Mapping[str, Any],
    task: UUID,
    attendance: str,
    hours: float | None,
    actor: Actor,
    moment: datetime,
) -> None:
    if attendance not in THERE:
        hours = None
    elif hours is None:
        hours = round((met["ends_at"] - met["starts_at"]).total_seconds() / 3600, 2)
    by = (moment, actor.account) if attendance else (None, None)
    if await sql.fetchval(_MARK, met["id"], task, attendance, hours, *by) is None:
        raise NotFound


async def _tell_referral(sql: asyncpg.Connection, met: Mapping[str, Any], row: Mapping[str, Any], actor: Actor) -> bool:
    """The mark as the referral's move; what the referral does not take is kept with its reason, and nothing else."""
    told = MOVED
    try:
        # A savepoint: a refused move leaves nothing of itself behind, and the list stays closed.
        async with transaction(actor.scope):
            version = row["task_version"]
            if row["task_state"] == State.ACCEPTED:
                fields = await day_fields(met["id"], met["starts_at"])
                await perform(row["task"], actor=actor, verb="schedule", version=version, fields=fields, booked=True)
                version += 1
            fields = {"attendance": row["attendance"]}
            await perform(row["task"], actor=actor, verb="attend", version=version, fields=fields)
    except HubError as refusal:
        told = refusal.code
    await sql.execute("update enrolment set told = $2 where id = $1", row["id"], told)
    return told == MOVED


async def _audit(actor: Actor, meeting: UUID, number: int) -> None:
    await record(Event.ATTENDANCE_MARK, by=actor.scope, subject=("meeting", meeting), facts={"people": number})
