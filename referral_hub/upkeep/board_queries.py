"""The board's numbers, counted in the database: one pass over the open offers for each table."""

from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.database.transaction import connection
from referral_hub.geography.units import unit
from referral_hub.upkeep.board import LABELS, Group, Week, grouped, label_in_sql
from referral_hub.vocabularies.book import label

# Whose word the number in force is: the account, else by which way it came.
_EDITOR = """case when r.id is null then 'nobody' when r.account is not null then r.account::text
 when r.source = 'declared' then 'link' else r.source end"""
_GMINA = """coalesce((select s.terc from offer_site os join site s on s.id = os.site
 where os.offer = o.id and s.terc <> '' order by s.main desc, s.id limit 1), i.terc)"""
_KEYS: Final = {
    "kind": "i.kind",
    "gmina": _GMINA,
    "institution": "i.id::text",
    "editor": _EDITOR,
    "rhythm": "o.rhythm",
}
_LABEL = label_in_sql("($1::date - (r.as_of at time zone 'Europe/Warsaw')::date)", "o.rhythm")
_OPEN = """from offer o join institution i on i.id = o.institution
 left join offer_places p on p.offer = o.id left join capacity_reading r on r.id = p.reading
where o.status = 'published' and (o.visible_from is null or o.visible_from <= $1) and i.status = 'published'"""
_WEEK = """select
 (select count(distinct institution) from asking where at >= $1) as asked,
 (select count(*) from asking where at >= $1 and failed_at is null) as messages,
 (select count(*) from asking where at >= $1 and failed_at is null and channel = 'sms') as texts,
 (select count(*) from asking where at >= $1 and failed_at is not null) as failed,
 (select count(*) from (select institution, min(at) as at from asking where at >= $1 group by institution) a
  where exists (select 1 from offer o join capacity_reading r on r.offer = o.id where o.institution = a.institution
   and r.recorded_at > a.at and r.source = 'declared' and r.voids is null and r.voided_at is null)) as answered,
 (select count(*) from call_note where at >= $1) as calls,
 (select count(*) from call_note where at >= $1 and heard <> 'nobody_answered') as reached"""


class Found(Struct, frozen=True):
    """One open offer behind a number of the board."""

    id: UUID
    title: str
    institution: UUID
    institution_name: str
    rhythm: str
    label: str
    as_of: datetime | None


async def board(by: str, language: str) -> list[Group]:
    """The groups of one way to look at it (`WAYS`), with the names to show."""
    today = clock.today()
    text = f"select {_KEYS[by]} as key, {_LABEL} as label, count(*) {_OPEN} group by 1, 2"
    async with connection() as sql:
        rows = [(row["key"] or "", row["label"], row["count"]) for row in await sql.fetch(text, today)]
        names = await _names(sql, by, {key for key, _, _ in rows}, language)
    return grouped(rows, names)


async def everything() -> Group:
    """All open offers."""
    today = clock.today()
    text = f"select {_LABEL} as label, count(*) {_OPEN} group by 1"
    async with connection() as sql:
        counts = {row["label"]: row["count"] for row in await sql.fetch(text, today)}
    return Group("", "", {one: counts.get(one, 0) for one in LABELS})


async def offers_behind(by: str, key: str, wanted: str, page: int, per_page: int) -> tuple[list[Found], int]:
    """(one page, how many): the open offers of a group (`by` '': of all) with a label ('': any), the oldest first."""
    values: list[Any] = [clock.today()]
    where = ""
    if by:
        values.append(key)
        where += f" and coalesce({_KEYS[by]}, '') = ${len(values)}"
    if wanted:
        values.append(wanted)
        where += f" and {_LABEL} = ${len(values)}"
    text = f"""select o.id, o.title, i.id as institution, i.name as institution_name, o.rhythm, r.as_of,
    {_LABEL} as label {_OPEN}{where} order by r.as_of nulls first, i.sort_key, o.id
    limit {per_page} offset {(page - 1) * per_page}"""
    async with connection() as sql:
        total = await sql.fetchval(f"select count(*) {_OPEN}{where}", *values)
        return [Found(**dict(row)) for row in await sql.fetch(text, *values)], total


async def this_week() -> Week:
    """What was asked, answered and phoned since Monday, and which call tasks wait."""
    monday = clock.today() - timedelta(days=clock.today().weekday())
    async with connection() as sql:
        row = await sql.fetchrow(_WEEK, datetime.combine(monday, time(), clock.WARSAW))
        tasks = await sql.fetch("select why, count(*) from call_task where done_at is null group by why order by why")
    return Week(since=monday, **dict(row), tasks={task["why"]: task["count"] for task in tasks})


async def group_name(by: str, key: str, language: str) -> str:
    """The words for one key."""
    async with connection() as sql:
        return (await _names(sql, by, {key}, language)).get(key, key)


async def _names(sql: asyncpg.Connection, by: str, keys: set[str], language: str) -> dict[str, str]:
    """Words for keys of vocabularies, gminas, institutions and accounts; codes keep theirs for the page to say."""
    if by == "kind":
        return {key: label("kind", key, language) for key in keys}
    if by == "gmina":
        return {key: found.name for key in keys if (found := unit(key)) is not None}
    if by == "institution":
        rows = await sql.fetch("select id, name from institution where id = any($1)", _ids(keys))
        return {str(row["id"]): row["name"] for row in rows}
    if by == "editor":
        rows = await sql.fetch(
            """select a.id, coalesce(nullif(a.name, ''), a.email) as name, i.name as at from account a
            join institution i on i.id = a.institution where a.id = any($1)""",
            _ids(keys),
        )
        return {str(row["id"]): f"{row['at']}: {row['name']}" for row in rows}
    return {}


def _ids(keys: set[str]) -> list[UUID]:
    found = []
    for key in keys:
        try:
            found.append(UUID(key))
        except ValueError:
            continue
    return found
