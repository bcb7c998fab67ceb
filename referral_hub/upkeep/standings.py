"""The facts of the ladder as the database has them: one question for all institutions, or for some."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.database.transaction import connection
from referral_hub.directory.capacity import warsaw_day
from referral_hub.directory.freshness import due
from referral_hub.institutions.contacts import BY_LINK, LATELY, brought
from referral_hub.institutions.phones import is_mobile
from referral_hub.settings import settings
from referral_hub.upkeep.ladder import Asked, Counted, Standing, Way
from referral_hub.vocabularies.book import counted

REMEMBERED = timedelta(days=400)
"""Rungs older than this stand on no ladder that still runs."""

# Who takes part: an editor, a link that was sent, or a number once told. All others are left in peace.
TAKES_PART = """(exists (select 1 from account a where a.institution = i.id and a.active)
 or exists (select 1 from link l where l.institution = i.id and l.kind = 'c')
 or exists (select 1 from capacity_reading t join offer s on s.id = t.offer
            where s.institution = i.id and t.source = 'declared'))"""
_COUNTED = f"""select o.institution, o.form, o.rhythm, r.as_of from offer o join institution i on i.id = o.institution
 left join offer_places p on p.offer = o.id left join capacity_reading r on r.id = p.reading
where o.status = 'published' and (o.visible_from is null or o.visible_from <= $2) and i.status = 'published'
 and ($1::uuid[] is null or i.id = any($1)) and {TAKES_PART} order by o.id"""  # noqa: S608 -- constants of ours
_INSTITUTIONS = """select i.id, i.reached_by, i.language, exists (select 1 from site s where s.institution = i.id
  and s.status = 'published' and s.hours @> '[{"days": [6, 7]}]') as every_day,
 exists (select 1 from call_task c where c.institution = i.id and c.done_at is null) as call_open,
 (select max(r.recorded_at) from offer o join capacity_reading r on r.offer = o.id where o.institution = i.id
  and r.source in ('declared', 'reported') and r.voids is null and r.voided_at is null) as answered_at
from institution i where i.id = any($1)"""
_ASKED = """select institution, rung, at from asking
where institution = any($1) and failed_at is null and at > $2 order by at, id"""
# A number that the holder of a link put in is for people to dial: links are texted to it after a week unnoticed.
_CONTACTS = f"""select institution, kind, value, failing_since from contact
where institution = any($1) and (kind = 'email' or (kind in ('phone', 'mobile') and not {brought(BY_LINK, "$2")}))
order by institution, belongs_to is not null, doubted_at is not null, position, value"""  # noqa: S608 -- ours
# An editor's own address comes after those of the office; of it only the last letter says whether it fails.
_EDITORS = """select a.institution, a.email,
 coalesce((select m.error <> '' from mail_sent m where lower(m.address) = a.email order by m.id desc limit 1), false)
  as fails
from account a join account_role r on r.account = a.id and r.role = 'partner_editor'
where a.institution = any($1) and a.active order by a.made_at, a.id"""
# Wherever a message did not arrive lately, also to a stand-in or by a gateway that was down, the next way is tried.
_FAILED = """select a.institution, lower(l.address) as address from asking a join link l on l.id = a.link
where a.institution = any($1) and a.failed_at > $2"""
AVOIDED = timedelta(days=7)
# Of an institution, or of the only one there who could answer.
# `ours`: an account said whom to text instead, or the number was the institution's already; a link alone turns no link
# to another phone.
AWAY = f"""select b.institution, b.replacement, b.phone, b.email, b.until_on, b.phone <> '' and (b.made_by is not null
 or exists (select 1 from contact where institution = b.institution and kind in ('phone', 'mobile')
  and right(regexp_replace(value, '\\D', '', 'g'), 9) = right(regexp_replace(b.phone, '\\D', '', 'g'), 9)
  and not {brought(BY_LINK, "$3")})) as ours
from absence b
where b.institution = any($1) and b.ended_at is null and b.from_on <= $2 and b.until_on >= $2
 and (b.account is null or not exists (select 1 from account a join account_role r on r.account = a.id
  where a.institution = b.institution and a.active and a.id <> b.account and r.role = 'partner_editor'))
order by b.institution, b.until_on desc"""  # noqa: S608 -- ours


async def standings(institutions: Sequence[UUID] | None = None) -> dict[UUID, Standing]:
    """Where each institution stands that takes part and has an offer due or a call task open."""
    today = clock.today()
    async with connection() as sql:
        offered = defaultdict[UUID, list[Counted]](list)
        chosen = None if institutions is None else list(institutions)
        for row in await sql.fetch(_COUNTED, chosen, today):
            if row["as_of"] or counted(row["form"]):
                offered[row["institution"]].append(Counted(warsaw_day(row["as_of"]), row["rhythm"]))
        calls = {
            row["institution"] for row in await sql.fetch("select institution from call_task where done_at is null")
        }
        asked = [
            institution
            for institution, offers in offered.items()
            if institution in calls or any(due(offer.as_of, offer.rhythm, today) for offer in offers)
        ]
        return await _stand(sql, {one: tuple(offered[one]) for one in asked}, today)


async def own_ways(institution: UUID) -> tuple[Way, ...]:
    """How to reach an institution itself, the best first; empty for an unknown one."""
    async with connection() as sql:
        ways, _ = await _ways(sql, [institution])
        reached_by = await sql.fetchval("select reached_by from institution where id = $1", institution)
    return _chosen(ways[institution], reached_by or "")


async def _stand(
    sql: asyncpg.Connection, counted: Mapping[UUID, tuple[Counted, ...]], today: date
) -> dict[UUID, Standing]:
    ids = list(counted)
    asked = defaultdict[UUID, list[Asked]](list)
    for row in await sql.fetch(_ASKED, ids, clock.now() - REMEMBERED):
        asked[row["institution"]].append(Asked(row["rung"], row["at"]))
    ways, failing = await _ways(sql, ids)
    failed = {(row["institution"], row["address"]) for row in await sql.fetch(_FAILED, ids, clock.now() - AVOIDED)}
    away = {row["institution"]: row for row in await sql.fetch(AWAY, ids, today, clock.now() - LATELY)}
    found = {}
    for row in await sql.fetch(_INSTITUTIONS, ids):
        one, absence = row["id"], away.get(row["id"])
        best = _chosen(ways[one], row["reached_by"]) if absence is None else _instead(absence, row["reached_by"])
        left = tuple(way for way in best if (one, way.to.lower()) not in failed)
        found[one] = Standing(
            offers=counted[one],
            ways=left,
            asked=tuple(asked[one]),
            answered_at=row["answered_at"],
            bounced=one in failing or left != best,
            prefers_phone=row["reached_by"] == "phone",
            away_until=absence["until_on"] if absence and not (absence["phone"] or absence["email"]) else None,
            every_day=row["every_day"],
            call_open=row["call_open"],
        )
    return found


async def _ways(sql: asyncpg.Connection, ids: list[UUID]) -> tuple[dict[UUID, list[Way]], set[UUID]]:
    """Every way to each institution that does not fail, and who has one that does."""
    ways, failing = defaultdict[UUID, list[Way]](list), set[UUID]()
    for row in await sql.fetch(_CONTACTS, ids, clock.now() - LATELY):
        if row["failing_since"] is not None:
            failing.add(row["institution"])
        elif row["kind"] == "email":
            ways[row["institution"]].append(Way("email", row["value"]))
        elif row["kind"] == "mobile" or is_mobile(row["value"]):
            ways[row["institution"]].append(Way("sms", row["value"]))
    for row in await sql.fetch(_EDITORS, ids):
        if row["fails"]:
            failing.add(row["institution"])
        else:
            ways[row["institution"]].append(Way("email", row["email"]))
    return ways, failing


def _chosen(ways: Sequence[Way], reached_by: str) -> tuple[Way, ...]:
    """Mail for everybody; a text message first for those who asked for it, since a phone lies nearer."""
    mails = [way for way in ways if way.channel == "email"]
    wanted = reached_by == "sms" and bool(settings().sms_url)
    texts = [way for way in ways if way.channel == "sms"] if wanted else []
    return (*texts, *mails)


def _instead(absence: Mapping[str, Any], reached_by: str) -> tuple[Way, ...]:
    """How to reach whoever stands in."""
    mobile = absence["ours"] and is_mobile(absence["phone"]) and bool(settings().sms_url)
    texts = [Way("sms", absence["phone"])] if mobile else []
    mails = [Way("email", absence["email"])] if absence["email"] else []
    return (*texts, *mails) if reached_by == "sms" else tuple(mails or texts)
