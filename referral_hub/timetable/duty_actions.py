"""Duty hours of an expert, and the appointments they make: free ones come and go with the hours, booked ones stay."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct, structs

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR, Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.errors import NotFound, Problem, Refused, Stale
from referral_hub.timetable.actions import call_off, check_site, own
from referral_hub.timetable.planned import HORIZON, is_hour
from referral_hub.timetable.slots import AHEAD, Hours, slots, together

SHORTEST, LONGEST = 5, 480
_ADD = """insert into meeting (id, offer, kind, series, site, room, starts_at, ends_at, leader_role, places, made_at,
 updated_at) select r.id, $1, 'appointment', $2, $3, $4, r.starts_at, r.ends_at, $5, 1, $6, $6
from unnest($7::uuid[], $8::timestamptz[], $9::timestamptz[]) as r(id, starts_at, ends_at)
on conflict (series, starts_at) where kind = 'appointment' do update set status = 'planned', ends_at = excluded.ends_at,
 site = excluded.site, room = excluded.room, leader_role = excluded.leader_role, version = meeting.version + 1,
 updated_at = excluded.updated_at where meeting.status = 'aside' returning id"""
# Asked as the hub itself: who looks after the hours does not see who was enrolled, and a row somebody was enrolled in
# is history.
_UNUSED = """delete from meeting m where m.series = $1 and m.kind = 'appointment' and m.starts_at > $2
and m.enrolled = 0 and m.status = 'planned'
and ($3::date is null or (m.starts_at at time zone 'Europe/Warsaw')::date = $3)
and not exists (select 1 from enrolment e where e.meeting = m.id)"""
_ASIDE = """update meeting set status = 'aside', version = version + 1, updated_at = $2
where series = $1 and kind = 'appointment' and starts_at > $2 and enrolled = 0 and status = 'planned'
and ($3::date is null or (starts_at at time zone 'Europe/Warsaw')::date = $3)"""


class DutyFacts(Struct, frozen=True, kw_only=True):
    """What somebody says of duty hours; `leader_role` a code of `leader` or own words."""

    weekday: int
    from_hour: str
    until_hour: str
    minutes: int
    starts_on: date
    ends_on: date | None = None
    site: UUID | None = None
    room: str = ""
    leader_role: str = ""

    @property
    def hours(self) -> Hours:
        return Hours(self.weekday, self.from_hour, self.until_hour, self.minutes, self.starts_on, self.ends_on)


def duty_problems(facts: DutyFacts, today: date) -> list[Problem]:
    """Everything wrong with duty hours."""
    hours_of = (("from_hour", facts.from_hour), ("until_hour", facts.until_hour))
    found = [Problem(field, "not_an_hour") for field, hour in hours_of if not is_hour(hour)]
    if not 1 <= facts.weekday <= 7:
        found.append(Problem("weekday", "not_a_choice"))
    if not SHORTEST <= facts.minutes <= LONGEST:
        found.append(Problem("minutes", "out_of_range", {"least": SHORTEST, "most": LONGEST}))
    if facts.starts_on > today + HORIZON:
        found.append(Problem("starts_on", "date_too_late", {"latest": today + HORIZON}))
    if facts.ends_on is not None and facts.ends_on < max(facts.starts_on, today):
        found.append(Problem("ends_on", "date_too_early", {"earliest": max(facts.starts_on, today)}))
    if found:
        return found
    if facts.until_hour <= facts.from_hour:
        return [Problem("until_hour", "ends_before_it_begins")]
    monday = date(2024, 1, 1) + timedelta(days=facts.weekday - 1)
    once = structs.replace(facts.hours, starts_on=monday + timedelta(weeks=1), ends_on=None)
    if not slots(once, once.starts_on, once.starts_on):
        return [Problem("minutes", "slot_longer_than_duty")]
    return []


@retrying
async def add_duty(offer: UUID, facts: DutyFacts, *, actor: Actor) -> UUID:
    """New duty hours with their appointments. Raises NotFound, Refused("invalid"), among others `duty_overlaps`."""
    async with transaction(actor.scope) as sql:
        await _check(sql, offer, facts, actor, None)
        made, moment = new_id(), clock.now()
        row = {"id": made, "offer": offer, **structs.asdict(facts), "made_at": moment, "updated_at": moment}
        numbers = ", ".join(f"${number}" for number in range(1, len(row) + 1))
        await sql.execute(f"insert into duty_hours ({', '.join(row)}) values ({numbers})", *row.values())  # noqa: S608 -- names of our own, values are parameters
        number = await _fill(sql, row)
        counted = {"meetings": number, "duty": True}
        await record(Event.MEETING_ADD, by=actor.scope, subject=("offer", offer), facts=counted)
    return made


@retrying
async def change_duty(duty: UUID, facts: DutyFacts, *, actor: Actor, offer: UUID, version: int) -> int:
    """Other hours from now on: free appointments follow, those booked stay; how many of these no longer fit.

    Raises NotFound, Stale, Refused("invalid").
    """
    async with transaction(actor.scope) as sql:
        row = await _locked(sql, duty, offer)
        await _check(sql, offer, facts, actor, duty)
        if row["version"] != version:
            raise Stale
        changed = {**structs.asdict(facts), "updated_at": clock.now()}
        sets = ", ".join(f"{name} = ${number}" for number, name in enumerate(changed, 2))
        await sql.execute(f"update duty_hours set version = version + 1, {sets} where id = $1", duty, *changed.values())  # noqa: S608 -- names of our own, values are parameters
        await _clear(duty)
        await _fill(sql, {**dict(row), **changed})
        await record(Event.MEETING_EDIT, by=actor.scope, subject=("offer", offer), facts={"duty": True})
        return await _misfits(sql, duty, facts)


@retrying
async def end_duty(duty: UUID, *, actor: Actor, offer: UUID) -> int:
    """Take duty hours back; free appointments go, booked ones stay to be kept or cancelled: how many."""
    async with transaction(actor.scope) as sql:
        await own(sql, offer, actor)
        row = await _locked(sql, duty, offer)
        if row["ended_at"] is None:
            await sql.execute(
                "update duty_hours set ended_at = $2, updated_at = $2, version = version + 1 where id = $1",
                duty,
                clock.now(),
            )
            await _clear(duty)
            await record(Event.MEETING_EDIT, by=actor.scope, subject=("offer", offer), facts={"duty": True})
        return await _misfits(sql, duty, None)


@retrying
async def block_day(offer: UUID, day: date, *, actor: Actor) -> int:
    """Nobody is there on a day: free appointments go, booked ones are cancelled and their people told; how many."""
    if not clock.today() <= day <= clock.today() + HORIZON:
        latest: dict[str, object] = {"earliest": clock.today(), "latest": clock.today() + HORIZON}
        raise Refused(
            "invalid", [Problem("free_on", "date_too_early" if day < clock.today() else "date_too_late", latest)]
        )
    async with transaction(actor.scope) as sql:
        await own(sql, offer, actor)
        await sql.execute(
            """insert into duty_block (id, offer, free_on, made_at) values ($1, $2, $3, $4)
            on conflict (offer, free_on) do nothing""",
            new_id(),
            offer,
            day,
            clock.now(),
        )
        for row in await sql.fetch("select id from duty_hours where offer = $1", offer):
            await _clear(row["id"], day)
        booked = await sql.fetch(
            """select * from meeting where offer = $1 and kind = 'appointment' and status = 'planned' and starts_at > $3
            and (starts_at at time zone 'Europe/Warsaw')::date = $2 order by id for update""",
            offer,
            day,
            clock.now(),
        )
        if not await call_off(sql, booked, offer, actor):
            await record(Event.MEETING_EDIT, by=actor.scope, subject=("offer", offer), facts={"duty": True})
        return len(booked)


@retrying
async def unblock_day(offer: UUID, day: date, *, actor: Actor) -> None:
    """The day counts again; appointments nobody had stand open anew."""
    async with transaction(actor.scope) as sql:
        await own(sql, offer, actor)
        await sql.execute("delete from duty_block where offer = $1 and free_on = $2", offer, day)
        for row in await sql.fetch("select * from duty_hours where offer = $1 and ended_at is null", offer):
            await _fill(sql, row)
        await record(Event.MEETING_EDIT, by=actor.scope, subject=("offer", offer), facts={"duty": True})


@retrying
async def fill_appointments() -> int:
    """The job: appointments of all duty hours some weeks ahead; how many are new. A second run changes nothing."""
    made = 0
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch(
            """select d.* from duty_hours d join offer o on o.id = d.offer where d.ended_at is null
            and (d.ends_on is null or d.ends_on >= $1) and o.status in ('published', 'closed')""",
            clock.today(),
        )
        for row in rows:
            number = await _fill(sql, row)
            made += number
            if number:
                facts = {"meetings": number, "duty": True}
                await record(Event.MEETING_ADD, by=SYSTEM_ACTOR.scope, subject=("offer", row["offer"]), facts=facts)
    return made


async def _check(sql: asyncpg.Connection, offer: UUID, facts: DutyFacts, actor: Actor, but: UUID | None) -> None:
    institution = await own(sql, offer, actor)
    problems = duty_problems(facts, clock.today())
    if problems:
        raise Refused("invalid", problems)
    await check_site(sql, institution, facts.site)
    await sql.execute("select pg_advisory_xact_lock(hashtextextended($1, 8))", str(offer))
    for row in await sql.fetch(
        "select * from duty_hours where offer = $1 and ended_at is null and id is distinct from $2", offer, but
    ):
        same_room = (row["site"], row["room"].casefold()) == (facts.site, facts.room.casefold())
        if same_room and together(hours_of(row), facts.hours):
            told = {"from": row["from_hour"], "until": row["until_hour"]}
            raise Refused("invalid", [Problem("from_hour", "duty_overlaps", told)])


def hours_of(row: Any) -> Hours:
    """The hours of a row of `duty_hours`."""
    return Hours(row["weekday"], row["from_hour"], row["until_hour"], row["minutes"], row["starts_on"], row["ends_on"])


async def _locked(sql: asyncpg.Connection, duty: UUID, offer: UUID) -> asyncpg.Record:
    row = await sql.fetchrow("select * from duty_hours where id = $1 and offer = $2 for update", duty, offer)
    if row is None:
        raise NotFound
    return row


async def _fill(sql: asyncpg.Connection, row: Any) -> int:
    """The appointments of these hours that are not there yet; how many were made."""
    today, moment = clock.today(), clock.now()
    blocked = {
        one["free_on"] for one in await sql.fetch("select free_on from duty_block where offer = $1", row["offer"])
    }
    wanted = [slot for slot in slots(hours_of(row), today, today + AHEAD, blocked) if slot[0] > moment]
    made = await sql.fetch(
        _ADD,
        row["offer"],
        row["id"],
        row["site"],
        row["room"],
        row["leader_role"],
        moment,
        [new_id() for _ in wanted],
        [begins for begins, _ in wanted],
        [ends for _, ends in wanted],
    )
    return len(made)


async def _clear(duty: UUID, day: date | None = None) -> None:
    """Free appointments to come go away: of one day, or of all."""
    async with transaction(SYSTEM) as system:
        await system.execute(_UNUSED, duty, clock.now(), day)
        await system.execute(_ASIDE, duty, clock.now(), day)


async def _misfits(sql: asyncpg.Connection, duty: UUID, facts: DutyFacts | None) -> int:
    """Booked appointments to come that the hours no longer hold."""
    rows = await sql.fetch(
        """select starts_at, ends_at from meeting where series = $1 and kind = 'appointment' and status = 'planned'
        and enrolled > 0 and starts_at > $2""",
        duty,
        clock.now(),
    )
    if facts is None:
        return len(rows)
    fitting = set(slots(facts.hours, clock.today(), clock.today() + HORIZON))
    return sum((row["starts_at"], row["ends_at"]) not in fitting for row in rows)
