"""Give a referral its places at meetings, or take them back: one transaction, never more than there are places.

    enrol(task, meetings, *, actor) -> Enrolled        chosen meetings, or one appointment
    enrol_in_series(task, series, *, actor) -> Enrolled    every meeting to come that still has a place
    end_enrolment(task, meeting, *, actor)             the place is free again

The sender's caseworker and the receiver's intake may. Raises NotFound for what is not theirs, NotAllowed, Refused.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import retrying, transaction
from referral_hub.database.writes import write_all
from referral_hub.errors import HubError, NotAllowed, NotFound, Refused
from referral_hub.referrals.actions import perform
from referral_hub.referrals.case import Case, in_each_role, load_case, standing
from referral_hub.referrals.emails import letters_to_keeper, letters_to_receiver
from referral_hub.referrals.states import Party, State
from referral_hub.timetable.queries import Sees, meetings_with

OPEN_TO = frozenset({State.SENT, State.INFO_NEEDED, State.ACCEPTED, State.SCHEDULED, State.IN_PROGRESS})
"""States in which somebody may be put on a list: asked or accepted, not waiting, not on hold, not ending."""
ANSWERED = frozenset({State.ACCEPTED, State.SCHEDULED, State.IN_PROGRESS})
MOST = 200


def speaks(actor: Actor, case: Mapping[str, Any]) -> bool:
    """Whether one of the actor's roles enrols for a side of this referral; `case` has `sender` and `receiver`."""
    return any(
        standing(one, case) in (Party.SND, Party.RCV)
        and Permission.MEETING_ENROL in one.by_role.get(one.role, frozenset())
        for one in in_each_role(actor)
    )


_TAKE = """update meeting set enrolled = enrolled + 1 where id = $1 and status = 'planned' and starts_at > $2
and (places is null or enrolled < places) returning id"""
_GIVE_BACK = "update meeting set enrolled = enrolled - 1 where id = $1"
_LIST = """insert into enrolment (id, task, meeting, state, made_at, made_by) values ($1, $2, $3, 'enrolled', $4, $5)
on conflict (task, meeting) do update set state = 'enrolled', attendance = '', hours = null, told = '',
 made_at = excluded.made_at, made_by = excluded.made_by where enrolment.state = 'cancelled' returning id"""
_END = """update enrolment set state = 'cancelled' where task = $1 and meeting = $2 and state = 'enrolled'
and attendance = '' returning id"""
_LISTED = "select meeting from enrolment where task = $1 and state = 'enrolled' and meeting is not null"
_NEXT_FREE = """select starts_at from meeting where offer = $1 and kind = $2 and status = 'planned' and starts_at > $3
and (places is null or enrolled < places) order by starts_at limit 3"""
_BOOKED = """select m.id, m.starts_at from enrolment e join meeting m on m.id = e.meeting
where e.task = $1 and e.state = 'enrolled' and e.attendance = '' and m.kind = 'appointment' and m.status = 'planned'
and m.starts_at > $2"""


class Enrolled(Struct, frozen=True):
    """How many places were newly given, how many meetings had none left, and whether the referral got its day."""

    new: int
    full: int
    scheduled: bool


@retrying
async def enrol(task: UUID, meetings: Sequence[UUID], *, actor: Actor) -> Enrolled:
    """Put the referral on the lists of these meetings, all or none; a new appointment replaces the one booked before.

    Refused: `meeting_full` with the next free days, `meeting_is_over`, and why the referral cannot be enrolled now.
    """
    if not meetings or len(meetings) > MOST:
        raise Refused("choose_a_meeting")
    async with speaking(task, actor) as (sql, one, case, party):
        rows = await _rows(sql, case, list(dict.fromkeys(meetings)))
        return await _enrol(sql, one, case, party, rows, skip_full=False)


@retrying
async def enrol_in_series(task: UUID, series: UUID, *, actor: Actor) -> Enrolled:
    """Put the referral on every list of a series to come that has a place. Refused `meeting_full` where none has."""
    async with speaking(task, actor) as (sql, one, case, party):
        rows = await sql.fetch(
            """select * from meeting where series = $1 and offer = $2 and kind = 'meeting' and status = 'planned'
            and starts_at > $3 order by starts_at limit $4""",
            series,
            case["offer"],
            clock.now(),
            MOST,
        )
        if not rows:
            raise NotFound
        return await _enrol(sql, one, case, party, rows, skip_full=True)


@retrying
async def end_enrolment(task: UUID, meeting: UUID, *, actor: Actor) -> None:
    """Take the referral off a list; a second tap changes nothing. Refused `meeting_is_over` once it was there."""
    async with speaking(task, actor, ending=True) as (sql, one, case, party):
        row = (await _rows(sql, case, [meeting], over=True))[0]
        if row["ends_at"] <= clock.now():
            raise Refused("meeting_is_over")
        if await sql.fetchval(_END, task, meeting) is None:
            return
        await sql.execute(_GIVE_BACK, meeting)
        await record(Event.ENROLMENT_END, by=one.scope, subject=("referral", task), facts={"meetings": 1})
        await tell_other_side(sql, one, case, party)


class speaking:
    """The referral, locked, in the first of the actor's roles that speaks for one of its sides; a transaction."""

    def __init__(self, task: UUID, actor: Actor, *, ending: bool = False) -> None:
        self.task, self.actor, self.ending = task, actor, ending

    async def __aenter__(self) -> tuple[asyncpg.Connection, Actor, Case, Party]:
        refusal: HubError = NotFound()
        for one in in_each_role(self.actor):
            opened = transaction(one.scope, by_key=True)
            sql = await opened.__aenter__()
            try:
                case = await load_case(sql, self.task, verb="schedule")
                party = None if case is None else standing(one, case)
                held = one.by_role.get(one.role, frozenset())
                if case is not None and party in (Party.SND, Party.RCV) and Permission.MEETING_ENROL in held:
                    if not self.ending:
                        _check(case)
                    self.opened = opened
                    return sql, one, case, party
                if case is not None:
                    refusal = NotAllowed()
            except BaseException as error:
                await opened.__aexit__(type(error), error, error.__traceback__)
                raise
            await opened.__aexit__(None, None, None)
        raise refusal

    async def __aexit__(self, *error: Any) -> None:
        await self.opened.__aexit__(*error)


def _check(case: Case) -> None:
    """Whether anybody may be put on a list for this referral now."""
    if case["no_data"]:
        raise Refused("receiver_was_told")
    if case["held_back"]:
        raise Refused("sending_has_left")
    if case["sharing_ended"]:
        raise Refused("sharing_goes_on")
    if State(case["state"]) not in OPEN_TO:
        raise Refused("referral_takes_no_meeting")


async def _rows(
    sql: asyncpg.Connection, case: Case, meetings: Sequence[UUID], *, over: bool = False
) -> list[asyncpg.Record]:
    """The meetings of the referral's own offer, the first one first. NotFound for any other."""
    rows = await sql.fetch(
        "select * from meeting where id = any($1::uuid[]) and offer = $2 order by starts_at, id",
        list(meetings),
        case["offer"],
    )
    if len(rows) != len(meetings):
        raise NotFound
    if not over and any(row["status"] != "planned" or row["starts_at"] <= clock.now() for row in rows):
        raise Refused("meeting_is_over")
    return list(rows)


async def _enrol(
    sql: asyncpg.Connection,
    actor: Actor,
    case: Case,
    party: Party,
    rows: Sequence[Mapping[str, Any]],
    *,
    skip_full: bool,
) -> Enrolled:
    listed = {row["meeting"] for row in await sql.fetch(_LISTED, case["id"])}
    wanted = [row for row in rows if row["id"] not in listed]
    appointments = [row for row in wanted if row["kind"] == "appointment"]
    if len(appointments) > 1:
        raise Refused("one_appointment_at_a_time")
    given: list[Mapping[str, Any]] = []
    # In the order of their ids, so that two people put on the same lists never wait for each other in a ring.
    for row in sorted(wanted, key=lambda row: str(row["id"])):
        if await sql.fetchval(_TAKE, row["id"], clock.now()) is not None:
            given.append(row)
        elif not skip_full:
            raise await _full(sql, case["offer"], row["kind"])
    if wanted and not given:
        raise await _full(sql, case["offer"], "meeting")
    for row in given:
        await sql.fetchval(_LIST, new_id(), case["id"], row["id"], clock.now(), actor.account)
    if appointments and given:
        await _give_up_booked(sql, case["id"], appointments[0]["id"])
    if not given:
        return Enrolled(0, 0, False)
    facts = {"meetings": len(given), "party": party}
    await record(Event.ENROLMENT_ADD, by=actor.scope, subject=("referral", case["id"]), facts=facts)
    first = min(given, key=lambda row: row["starts_at"])
    scheduled = await _schedule(actor, case, first, again=bool(appointments))
    await tell_other_side(sql, actor, case, party)
    return Enrolled(len(given), len(wanted) - len(given), scheduled)


async def _full(sql: asyncpg.Connection, offer: UUID, kind: str) -> Refused:
    """The refusal with the next days that still have a place."""
    rows = await sql.fetch(_NEXT_FREE, offer, kind, clock.now())
    days = [row["starts_at"].astimezone(clock.WARSAW).strftime("%d.%m.%Y %H:%M") for row in rows]
    return Refused("meeting_full", next=", ".join(days)) if days else Refused("meetings_all_full")


async def _give_up_booked(sql: asyncpg.Connection, task: UUID, but: UUID) -> None:
    """One appointment at a time: the one booked before is free again."""
    for row in await sql.fetch(_BOOKED, task, clock.now()):
        if row["id"] != but and await sql.fetchval(_END, task, row["id"]) is not None:
            await sql.execute(_GIVE_BACK, row["id"])


async def _schedule(actor: Actor, case: Case, first: Mapping[str, Any], *, again: bool) -> bool:
    """Let the referral's own move say the day: of an accepted one, and of a new appointment; else it stays."""
    state = State(case["state"])
    ahead = case["appointment_at"] and case["appointment_at"] >= clock.today().isoformat()
    if state not in ANSWERED or (state is not State.ACCEPTED and ahead and not again):
        return False
    fields = await day_fields(first["id"], first["starts_at"])
    await perform(case["id"], actor=actor, verb="schedule", version=case["version"], fields=fields, booked=True)
    return True


async def day_fields(meeting: UUID, starts_at: datetime) -> dict[str, object]:
    """Day and place of a meeting as a move wants them; the place as somebody accepted may know it."""
    sees: Sees = "accepted"
    place = (await meetings_with([meeting], sees=sees))[meeting].where
    moment = starts_at.astimezone(clock.WARSAW).strftime("%Y-%m-%dT%H:%M")
    return {"date": moment, "place": place}


async def tell_other_side(sql: asyncpg.Connection, actor: Actor, case: Case, party: Party) -> None:
    """The other side hears that there is something new, by the number of the referral."""
    if party is Party.SND:
        letters = await letters_to_receiver(sql, case, "referral_news", by=actor.scope)
    elif actor.account != case["keeper"]:
        letters = await letters_to_keeper(sql, case, "referral_news")
    else:
        letters = []
    if letters:
        await write_all(sql, letters)
