"""Plan meetings, change and cancel them. Each function is one transaction with its audit line.

Whoever is enrolled hears of a new time, a new place or a cancellation: the rooms above carry that out by the job
`tell_enrolled`, which is wished for here.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import structs

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import retrying, transaction
from referral_hub.directory.ownership import looks_after
from referral_hub.errors import NotFound, Problem, Refused, Stale
from referral_hub.jobs.actions import enqueue
from referral_hub.timetable.planned import Planned, Span, spans
from referral_hub.timetable.rhythm import ONCE, moment_of

_ADD = """insert into meeting (id, offer, series, site, room, topic, starts_at, ends_at, leader_role, led_by_member,
 places, note, made_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)"""
_LOCKED = "select * from meeting where id = $1 and offer = $2 and status <> 'aside' for update"
# Two meetings in one room, of whichever offer; of one offer also where no room is named.
_IN_THE_ROOM = """select m.id, m.starts_at, o.title from meeting m join offer o on o.id = m.offer
where m.site is not distinct from $1 and lower(m.room) = lower($2)
and (m.offer = $6 or (m.site is not null and $2 <> ''))
and m.status = 'planned' and m.kind = 'meeting' and m.starts_at < $4 and m.ends_at > $3
and m.id <> all($5::uuid[]) order by m.starts_at limit 1"""


@retrying
async def add_meetings(
    offer: UUID,
    plan: Planned,
    *,
    actor: Actor,
    rhythm: str = ONCE,
    until: date | None = None,
    on_holidays: bool = False,
    anyway: bool = False,
) -> list[UUID]:
    """One meeting, or a series; their ids in order. `anyway` takes a room that another meeting has at that time.

    Raises NotFound, Refused("invalid") with every problem, among them `room_taken` with which meeting.
    """
    found, problems = spans(plan, rhythm, until, on_holidays=on_holidays, now=clock.now(), today=clock.today())
    if problems:
        raise Refused("invalid", problems)
    async with transaction(actor.scope) as sql:
        institution = await own(sql, offer, actor)
        await check_site(sql, institution, plan.site)
        if not anyway:
            await check_room(sql, offer, plan, found)
        series = new_id() if len(found) > 1 else None
        made = [(new_id(), span) for span in found]
        moment = clock.now()
        facts = (plan.leader_role, plan.led_by_member, plan.places, plan.note, moment)
        await sql.executemany(
            _ADD,
            [
                (one, offer, series, plan.site, plan.room, plan.topic, span.starts_at, span.ends_at, *facts)
                for one, span in made
            ],
        )
        counted = {"meetings": len(made), "rhythm": rhythm}
        await record(Event.MEETING_ADD, by=actor.scope, subject=("offer", offer), facts=counted)
    return [one for one, _ in made]


@retrying
async def change_meeting(
    meeting: UUID, plan: Planned, *, actor: Actor, offer: UUID, version: int, rest: bool = False, anyway: bool = False
) -> int:
    """Change one meeting, with `rest` also the later ones of its series; how many were changed.

    Another day moves each of the rest by as many days; hours stay hours in Warsaw. Raises NotFound, Stale,
    Refused("invalid"): the same problems as planning, and `fewer_than_enrolled`.
    """
    async with transaction(actor.scope) as sql:
        institution = await own(sql, offer, actor)
        rows = await chosen(sql, meeting, offer, rest=rest)
        first = rows[0]
        if first["kind"] == "appointment":
            raise NotFound
        if first["version"] != version:
            raise Stale
        if first["status"] != "planned" or first["starts_at"] <= clock.now():
            raise Refused("meeting_is_over")
        await check_site(sql, institution, plan.site)
        moved = _moved(rows, plan)
        too_few = max((row["enrolled"] for row in rows), default=0)
        if plan.places is not None and plan.places < too_few:
            raise Refused("invalid", [Problem("places", "fewer_than_enrolled", {"enrolled": too_few})])
        if not anyway:
            await check_room(sql, offer, plan, [span for _, span in moved], [row["id"] for row, _ in moved])
        for row, span in moved:
            await _write(sql, row["id"], plan, span)
        news = [row["id"] for row, span in moved if row["enrolled"] and _is_news(row, plan, span)]
        if news:
            await enqueue("tell_enrolled", {"meetings": [str(one) for one in news], "what": "changed"})
        await record(Event.MEETING_EDIT, by=actor.scope, subject=("offer", offer), facts={"meetings": len(moved)})
    return len(moved)


@retrying
async def cancel_meeting(meeting: UUID, *, actor: Actor, offer: UUID, rest: bool = False) -> int:
    """Cancel one meeting or appointment, with `rest` also the later ones of its series; how many.

    A meeting already cancelled stays so (a second tap changes nothing). Raises NotFound, Refused `meeting_is_over`.
    """
    async with transaction(actor.scope) as sql:
        await own(sql, offer, actor)
        rows = await chosen(sql, meeting, offer, rest=rest)
        if rows[0]["status"] == "held" or rows[0]["ends_at"] <= clock.now():
            raise Refused("meeting_is_over")
        return await call_off(sql, [row for row in rows if row["status"] == "planned"], offer, actor)


async def call_off(sql: asyncpg.Connection, rows: Sequence[asyncpg.Record], offer: UUID, actor: Actor) -> int:
    """Cancel these meetings inside the caller's transaction, and have those enrolled told."""
    if not rows:
        return 0
    await sql.execute(
        "update meeting set status = 'cancelled', version = version + 1, updated_at = $2 where id = any($1::uuid[])",
        [row["id"] for row in rows],
        clock.now(),
    )
    news = [str(row["id"]) for row in rows if row["enrolled"]]
    if news:
        await enqueue("tell_enrolled", {"meetings": news, "what": "cancelled"})
    facts = {"meetings": len(rows), "cancelled": True}
    await record(Event.MEETING_EDIT, by=actor.scope, subject=("offer", offer), facts=facts)
    return len(rows)


async def own(sql: asyncpg.Connection, offer: UUID, actor: Actor) -> UUID:
    """The institution of an offer the actor looks after. Raises NotFound."""
    row = await sql.fetchrow("select institution, status from offer where id = $1", offer)
    if row is None or row["status"] == "archived" or not looks_after(actor, row["institution"]):
        raise NotFound
    return UUID(str(row["institution"]))


async def check_site(sql: asyncpg.Connection, institution: UUID, site: UUID | None) -> None:
    """A place of the institution itself; whoever plans something there waits for whoever plans there now."""
    if site is None:
        return
    await sql.execute("select pg_advisory_xact_lock(hashtextextended($1, 7))", str(site))
    known = "select true from site where id = $1 and institution = $2 and status <> 'archived'"
    if await sql.fetchval(known, site, institution) is None:
        raise Refused("invalid", [Problem("site", "not_a_choice")])


async def check_room(
    sql: asyncpg.Connection, offer: UUID, plan: Planned, found: Sequence[Span], own_ids: Sequence[UUID] = ()
) -> None:
    """Refused `room_taken` where another meeting is in the same named room, or one of the same offer in the same place.

    Whoever plans for one offer without a place waits for whoever plans for it now.
    """
    await sql.execute("select pg_advisory_xact_lock(hashtextextended($1, 9))", str(offer))
    for span in found:
        other = await sql.fetchrow(
            _IN_THE_ROOM, plan.site, plan.room, span.starts_at, span.ends_at, list(own_ids), offer
        )
        if other is not None:
            there = other["starts_at"].astimezone(clock.WARSAW)
            facts = {"title": other["title"], "day": there.date(), "hour": there.strftime("%H:%M")}
            raise Refused("invalid", [Problem("room", "room_taken", facts)])


async def chosen(sql: asyncpg.Connection, meeting: UUID, offer: UUID, *, rest: bool) -> list[asyncpg.Record]:
    """The meeting, locked, and with `rest` the later planned ones of its series. Raises NotFound."""
    first = await sql.fetchrow(_LOCKED, meeting, offer)
    if first is None:
        raise NotFound
    # An appointment's series is its duty: that ends on a page of its own.
    if not rest or first["series"] is None or first["kind"] == "appointment":
        return [first]
    later = await sql.fetch(
        """select * from meeting where series = $1 and status = 'planned' and starts_at > $2 and id <> $3
        order by id for update""",
        first["series"],
        first["starts_at"],
        meeting,
    )
    return [first, *sorted(later, key=lambda row: row["starts_at"])]


def _moved(rows: Sequence[asyncpg.Record], plan: Planned) -> list[tuple[asyncpg.Record, Span]]:
    """Each row with its new moments. Raises Refused("invalid")."""
    by = plan.day - _day(rows[0]["starts_at"])
    moved: list[tuple[asyncpg.Record, Span]] = []
    for row in rows:
        day = _day(row["starts_at"]) + by
        shifted = structs.replace(plan, day=day)
        found, problems = spans(shifted, ONCE, None, on_holidays=True, now=clock.now(), today=clock.today())
        if problems and (row is rows[0] or moment_of(day, plan.from_hour) is not None):
            raise Refused("invalid", problems)
        moved += [(row, span) for span in found]
    return moved


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.WARSAW).date()


async def _write(sql: asyncpg.Connection, meeting: UUID, plan: Planned, span: Span) -> None:
    await sql.execute(
        """update meeting set starts_at = $2, ends_at = $3, site = $4, room = $5, topic = $6, leader_role = $7,
        led_by_member = $8, places = $9, note = $10, version = version + 1, updated_at = $11 where id = $1""",
        meeting,
        span.starts_at,
        span.ends_at,
        plan.site,
        plan.room,
        plan.topic,
        plan.leader_role,
        plan.led_by_member,
        plan.places,
        plan.note,
        clock.now(),
    )


def _is_news(row: Any, plan: Planned, span: Span) -> bool:
    """Whether somebody who comes has to know: another time or another place."""
    before = (row["starts_at"], row["ends_at"], row["site"], row["room"])
    return before != (span.starts_at, span.ends_at, plan.site, plan.room)
