"""Groups that meet every week, duty hours of experts, some people on the lists, and one meeting that was held."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR, Actor
from referral_hub.attendance.enrolling import OPEN_TO, enrol, enrol_in_series
from referral_hub.attendance.marking import close_list, count_others, mark_all
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.marks import NETWORK, RUN, mark, marks
from referral_hub.demo.people import hands
from referral_hub.errors import HubError
from referral_hub.timetable.actions import add_meetings
from referral_hub.timetable.duty_actions import DutyFacts, add_duty
from referral_hub.timetable.planned import Planned
from referral_hub.timetable.queries import Met, meetings_of, past_meetings
from referral_hub.timetable.rhythm import WEEK

PLANNED, ENROLLED = "timetable", "enrolments"
CLUB: Final = "kis-razem"
BEGUN, AHEAD = timedelta(days=21), timedelta(days=70)


class Group(Struct, frozen=True):
    """A weekly group: whose offer, weekday 1–7, hours, who leads, places, room, topic."""

    at: str
    offer: str
    weekday: int
    from_hour: str
    until_hour: str
    leader: str
    places: int | None
    room: str
    topic: str = ""


GROUPS: Final = (
    Group(CLUB, "grupa-praca", 1, "17:00", "19:00", "czlonek_grupy", 10, "sala 2", "Rozmowa o pracę: próba na sucho"),
    Group(CLUB, "samopomoc-mieszkanie", 3, "16:00", "17:30", "czlonek_grupy", 12, "sala 1"),
    Group("kis-przystanek", "klub-dzienny", 2, "11:00", "13:00", "czlonek_grupy", 12, "kuchnia", "Wspólny obiad"),
    Group("ngo-otwarte-drzwi", "grupa", 4, "16:30", "18:30", "psycholog", 8, "parter"),
    Group("cudzoziemcy", "rozmowy", 6, "10:00", "12:00", "czlonek_grupy", None, ""),
)
# Whose offer, weekday, hours, minutes for each, who.
DUTIES: Final = (
    (CLUB, "psycholog-dyzur", 2, "14:00", "17:00", 60, "psycholog"),
    (CLUB, "psycholog-dyzur", 4, "14:00", "17:00", 30, "prawnik"),
    ("ngo-krok", "prawnik", 4, "10:00", "13:00", 30, "prawnik"),
)


async def plan_timetable(now: datetime) -> None:
    """The groups have met for three weeks; appointments stand open, once."""
    if PLANNED in await marks(RUN):
        return
    made = await marks(NETWORK)
    async with transaction(SYSTEM) as sql:
        with clock.at(now - BEGUN):
            for group in GROUPS:
                await _group(sql, group, made)
        with clock.at(now):
            for at, key, weekday, from_hour, until_hour, minutes, leader in DUTIES:
                offer = _offer(made, at, key)
                if offer is not None:
                    site = await _site(sql, offer)
                    facts = DutyFacts(
                        weekday=weekday,
                        from_hour=from_hour,
                        until_hour=until_hour,
                        minutes=minutes,
                        starts_on=clock.today(),
                        site=site,
                        leader_role=leader,
                    )
                    await add_duty(offer, facts, actor=SYSTEM_ACTOR)
        await mark(RUN, PLANNED, {})


async def _group(sql: asyncpg.Connection, group: Group, made: dict[str, dict[str, object]]) -> None:
    offer = _offer(made, group.at, group.offer)
    if offer is None:
        return
    tomorrow = clock.today() + timedelta(days=1)
    first = tomorrow + timedelta(days=(group.weekday - tomorrow.isoweekday()) % 7)
    planned = Planned(
        day=first,
        from_hour=group.from_hour,
        until_hour=group.until_hour,
        site=await _site(sql, offer),
        room=group.room,
        topic=group.topic,
        leader_role=group.leader,
        led_by_member=group.leader == "czlonek_grupy",
        places=group.places,
    )
    until = clock.today() + BEGUN + AHEAD
    await add_meetings(offer, planned, actor=SYSTEM_ACTOR, rhythm=WEEK, until=until)


def _offer(made: dict[str, dict[str, object]], at: str, key: str) -> UUID | None:
    offers = made.get(at, {}).get("offers", {})
    found = offers.get(key) if isinstance(offers, dict) else None
    return UUID(str(found)) if found else None


async def _site(sql: asyncpg.Connection, offer: UUID) -> UUID | None:
    found: UUID | None = await sql.fetchval("select site from offer_site where offer = $1 limit 1", offer)
    return found


_GOING_ON = """select t.id, t.sender, (select max(at) from task_event where task = t.id) as moved from referral_task t
where t.offer = $1 and t.state = any($2::text[]) and not t.no_data and not t.sharing_ended order by t.number limit 8"""


async def fill_lists(now: datetime) -> None:
    """Referrals of the history stand on the lists; the club's last meeting has its attendance, once."""
    if ENROLLED in await marks(RUN):
        return
    made, actors = await marks(NETWORK), await hands()
    async with transaction(SYSTEM) as sql:
        senders = {actor.institution: actor for (_, role), actor in actors.items() if role == "caseworker"}
        for group in GROUPS:
            offer = _offer(made, group.at, group.offer)
            if offer is not None:
                await _enrol_all(sql, offer, senders, now)
        for at, key in {(at, key): None for at, key, *_ in DUTIES}:
            offer = _offer(made, at, key)
            if offer is not None:
                await _book(sql, offer, senders, now)
        held = _offer(made, CLUB, "samopomoc-mieszkanie")
        if held is not None and (CLUB, "partner_intake") in actors:
            await _held(held, actors[CLUB, "partner_intake"], now)
        await mark(RUN, ENROLLED, {})


async def _enrol_all(sql: asyncpg.Connection, offer: UUID, senders: dict[UUID | None, Actor], now: datetime) -> None:
    """Everybody going on takes part in the series; who was accepted before the last meeting was expected there."""
    with clock.at(now):
        last = next((met for met in await past_meetings(offer) if met.status == "planned"), None)
        coming = [met for met in await meetings_of(offer, sees="all") if met.series is not None]
    for row in await sql.fetch(_GOING_ON, offer, sorted(OPEN_TO)):
        actor = senders.get(row["sender"])
        if actor is None:
            continue
        if last is not None and row["moved"] < last.starts_at - timedelta(hours=1):
            await _quietly(row["id"], last, actor, last.starts_at - timedelta(hours=1))
        if coming and coming[0].series is not None:
            with clock.at(now):
                await enrol_in_series(row["id"], coming[0].series, actor=actor)


async def _book(sql: asyncpg.Connection, offer: UUID, senders: dict[UUID | None, Actor], now: datetime) -> None:
    """Each referral going on has one of the next appointments."""
    rows = await sql.fetch(_GOING_ON, offer, sorted(OPEN_TO))
    with clock.at(now):
        slots = await meetings_of(offer, sees="all", kind="appointment")
    for row, slot in zip(rows, slots[1::2], strict=False):
        actor = senders.get(row["sender"])
        if actor is not None:
            await _quietly(row["id"], slot, actor, now)


async def _quietly(task: UUID, met: Met, actor: Actor, moment: datetime) -> None:
    """A referral of the history that cannot be enrolled stays as its story left it."""
    try:
        with clock.at(moment):
            await enrol(task, [met.id], actor=actor)
    except HubError:
        return


async def _held(offer: UUID, intake: Actor, now: datetime) -> None:
    """The last meeting over: everybody came, three more walked in, the list is closed the same evening."""
    with clock.at(now):
        last = next((met for met in await past_meetings(offer) if met.status == "planned"), None)
    if last is None:
        return
    with clock.at(min(now, last.ends_at + timedelta(minutes=20))):
        await mark_all(last.id, actor=intake, offer=offer)
        await count_others(last.id, 3, actor=intake, offer=offer)
        await close_list(last.id, actor=intake, offer=offer)
