"""Whom the coordinator calls: open call tasks with the number to dial, and partners who never took part."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from referral_hub import clock
from referral_hub.database.transaction import connection
from referral_hub.directory.capacity import CAPACITY_COLUMNS, CAPACITY_JOINS, warsaw_day
from referral_hub.directory.cards import is_holiday
from referral_hub.directory.freshness import silent
from referral_hub.directory.hours import Today, from_stored, today_hours
from referral_hub.directory.queries import own_of
from referral_hub.directory.schemas import OwnOffer
from referral_hub.institutions.contacts import LATELY
from referral_hub.institutions.phones import pretty
from referral_hub.upkeep.board import label_in_sql
from referral_hub.upkeep.schemas import Partner, Phone, Replacement, Task
from referral_hub.upkeep.standings import AWAY, TAKES_PART
from referral_hub.vocabularies.words import sort_key

_TASKS = """select c.institution, c.id, c.why, c.made_at, c.due_on, c.tries from call_task c
join institution i on i.id = c.institution where c.done_at is null and i.status = 'published'"""
_OFFERS = f"""select o.institution, i.name, i.kind, o.id, o.title, o.form, o.status, o.rhythm, {CAPACITY_COLUMNS}
from offer o join institution i on i.id = o.institution {CAPACITY_JOINS}
where o.status = 'published' and i.status = 'published'"""  # noqa: S608 -- constants of ours
_OF_SOME = f"{_OFFERS} and i.id = any($1)"
_OUTSIDE = f"""{_OFFERS} and not {TAKES_PART}
 and not exists (select 1 from call_task c where c.institution = i.id and c.done_at is null)"""  # noqa: S608 -- constants of ours
_AGE = "($1::date - (r.as_of at time zone 'Europe/Warsaw')::date)"
_HOW_MANY_OUTSIDE = f"""select count(distinct i.id) from offer o join institution i on i.id = o.institution
{CAPACITY_JOINS} where o.status = 'published' and i.status = 'published' and not {TAKES_PART}
 and {label_in_sql(_AGE, "o.rhythm")} in ('not_suggested', 'closed', 'unknown')
 and not exists (select 1 from call_task c where c.institution = i.id and c.done_at is null)"""  # noqa: S608 -- ours
_CALLS = """select distinct on (institution) institution, at, heard from call_note where institution = any($1)
order by institution, at desc, id desc"""
_PHONES = """select id, institution, value, extension, label, doubted_at from contact
where institution = any($1) and kind in ('phone', 'mobile', 'helpline')
order by institution, doubted_at is not null, belongs_to is not null, position, value"""
_HOURS = """select distinct on (institution) institution, hours, hours_text from site
where institution = any($1) and status = 'published' and hours_text <> ''
order by institution, main desc, place, street, id"""


async def call_list() -> tuple[list[Partner], list[Partner]]:
    """(to call now, to call another day): institutions with an open call task, the longest silent first."""
    today = clock.today()
    async with connection() as sql:
        tasks = {row["institution"]: row for row in await sql.fetch(_TASKS)}
        partners = await _partners(sql, await sql.fetch(_OF_SOME, list(tasks)), today, tasks)
    # A task without an offer to ask about is over; the next round of the ladder says so.
    partners = [one for one in partners if one.offers]
    now = sorted((one for one in partners if one.task and one.task.due_on <= today), key=_silence)
    later = sorted(
        (one for one in partners if one.task and one.task.due_on > today),
        key=lambda one: (one.task.due_on if one.task else today, sort_key(one.name)),
    )
    return now, later


async def outside_list(page: int, per_page: int) -> tuple[list[Partner], int]:
    """(one page, how many there are): institutions that nobody asks, since they never took part, and whose numbers are
    too old or were never given; those with an old number first."""
    today = clock.today()
    async with connection() as sql:
        rows = [row for row in await sql.fetch(_OUTSIDE) if silent(warsaw_day(row["as_of"]), row["rhythm"], today)]
        oldest: dict[UUID, tuple[date, str]] = {}
        for row in rows:
            place = (warsaw_day(row["as_of"]) or date.max, sort_key(row["name"]))
            oldest[row["institution"]] = min(place, oldest.get(row["institution"], place))
        order = sorted(oldest, key=lambda one: (oldest[one], one))
        chosen = set(order[(page - 1) * per_page : page * per_page])
        partners = await _partners(sql, [row for row in rows if row["institution"] in chosen], today, {})
    return sorted(partners, key=_silence), len(order)


async def how_many_outside() -> int:
    """How many `outside_list` has, counted in the database."""
    async with connection() as sql:
        return int(await sql.fetchval(_HOW_MANY_OUTSIDE, clock.today()))


async def one_partner(institution: UUID) -> Partner | None:
    """Any published institution with a published offer, as the list shows it."""
    today = clock.today()
    async with connection() as sql:
        tasks = {row["institution"]: row for row in await sql.fetch(f"{_TASKS} and i.id = $1", institution)}
        partners = await _partners(sql, await sql.fetch(_OF_SOME, [institution]), today, tasks)
    return partners[0] if partners else None


async def _partners(
    sql: asyncpg.Connection, rows: Sequence[Mapping[str, Any]], today: date, tasks: Mapping[UUID, Mapping[str, Any]]
) -> list[Partner]:
    offers, names = defaultdict[UUID, list[OwnOffer]](list), dict[UUID, tuple[str, str]]()
    for row in rows:
        names[row["institution"]] = (row["name"], row["kind"])
        offer = own_of(row, today)
        if offer.due:
            offers[row["institution"]].append(offer)
    ids = list(names)
    calls = {row["institution"]: row for row in await sql.fetch(_CALLS, ids)}
    hours = {row["institution"]: row for row in await sql.fetch(_HOURS, ids)}
    phones = await _phones(sql, ids)
    away = {row["institution"]: row for row in await sql.fetch(AWAY, ids, today, clock.now() - LATELY)}
    return [
        Partner(
            one,
            *names[one],
            phones=phones.get(one, []),
            offers=sorted(offers[one], key=lambda offer: sort_key(offer.title)),
            task=_task(tasks[one]) if one in tasks else None,
            last_heard=calls[one]["heard"] if one in calls else "",
            last_call=calls[one]["at"] if one in calls else None,
            today=_today(hours[one], today) if one in hours else None,
            hours_text=hours[one]["hours_text"] if one in hours else "",
            away=_replacement(away[one]) if one in away else None,
        )
        for one in ids
    ]


async def _phones(sql: asyncpg.Connection, ids: list[UUID]) -> dict[UUID, list[Phone]]:
    """The numbers of each, those nobody doubts first."""
    phones = defaultdict[UUID, list[Phone]](list)
    for row in await sql.fetch(_PHONES, ids):
        number = pretty(row["value"]) + (f" w. {row['extension']}" if row["extension"] else "")
        phones[row["institution"]].append(Phone(number, row["label"], row["id"], row["doubted_at"]))
    return phones


def _task(row: Mapping[str, Any]) -> Task:
    return Task(row["id"], row["why"], row["made_at"], row["due_on"], row["tries"])


def _replacement(row: Mapping[str, Any]) -> Replacement:
    return Replacement(row["replacement"], pretty(row["phone"]) if row["phone"] else "", row["until_on"])


def _today(row: Mapping[str, Any], today: date) -> Today:
    week = from_stored(msgspec.json.decode(row["hours"]))
    return today_hours(week, today, holiday=is_holiday(today))


def _silence(partner: Partner) -> tuple[date, str]:
    """Those who once told and fell silent longest ago first; those who never told after them, by name."""
    days = [offer.capacity.as_of for offer in partner.offers if offer.capacity.as_of]
    return (min(days, default=date.max), sort_key(partner.name))
