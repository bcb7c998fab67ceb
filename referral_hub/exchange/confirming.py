"""What a register confirms: the fields its row states, as they stand in the directory, on the register's own day.

A row without a day confirms nothing; nor does it where somebody of the network has given another value. An address
that the row leaves out is not confirmed by what it says of the telephone.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.database.columns import new_id
from referral_hub.directory.hours import tidy
from referral_hub.exchange.drafts import RowDraft
from referral_hub.institutions.confirmations import filed

# A doubt raised after the register's day stands: the register did not know of it.
_CONTACTS = """update contact c set confirmed_on = s.day, confirmed_how = 'import',
 doubted_at = case when c.doubted_at::date > s.day then c.doubted_at end
from (select institution, kind, value, extension, max(day) as day
 from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::date[]) as u(institution, kind, value, extension, day)
 group by institution, kind, value, extension) s
where c.institution = s.institution and c.belongs_to is null and c.kind = s.kind and c.value = s.value
 and c.extension = s.extension and (c.confirmed_on is null or c.confirmed_on < s.day)
returning c.institution, c.kind, c.value, c.confirmed_on"""
_SITES = """select s.institution, s.id, u.field, max(u.day) as day
from unnest($1::uuid[], $2::text[], $3::text[], $4::date[]) as u(site, field, stated, day)
join site s on s.id = u.site and u.stated = case u.field when 'street' then s.street else s.hours_text end
where not exists (select 1 from field_confirmation f
 where f.subject = s.id and f.field = u.field and f.confirmed_on >= u.day)
group by s.institution, s.id, u.field"""
_ADD = """insert into field_confirmation (id, institution, subject_kind, subject, field, confirmed_on, how, at)
values ($1, $2, $3, $4, $5, $6, 'import', $7)"""


class Stated(Struct, frozen=True):
    """A row of the file, its institution, and the sites it made, in the order in which it names them."""

    row: RowDraft
    institution: UUID
    sites: Sequence[UUID]


async def confirm_stated(sql: asyncpg.Connection, stated: Sequence[Stated]) -> int:
    """Confirm what the rows state and the directory shows, once a day of the register; how many fields."""
    dated = [(one, one.row.as_at) for one in stated if one.row.as_at is not None and one.row.as_at <= clock.today()]
    lines = [*await _contacts(sql, dated), *await _sites(sql, dated)]
    moment = clock.now()
    await sql.executemany(_ADD, [(new_id(), *line, moment) for line in lines])
    return len(lines)


async def _contacts(
    sql: asyncpg.Connection, dated: Sequence[tuple[Stated, date]]
) -> list[tuple[UUID, str, UUID, str, date]]:
    said = [(one.institution, contact, day) for one, day in dated for contact in one.row.contacts]
    rows = await sql.fetch(
        _CONTACTS,
        [institution for institution, _, _ in said],
        [contact.kind for _, contact, _ in said],
        [contact.value for _, contact, _ in said],
        [contact.extension for _, contact, _ in said],
        [day for _, _, day in said],
    )
    return [
        (row["institution"], "contact", row["institution"], filed(row["kind"], row["value"]), row["confirmed_on"])
        for row in rows
    ]


async def _sites(
    sql: asyncpg.Connection, dated: Sequence[tuple[Stated, date]]
) -> list[tuple[UUID, str, UUID, str, date]]:
    said = [
        (site, field, text, day)
        for one, day in dated
        for site, draft in zip(one.sites, one.row.sites, strict=False)
        for field, text in (("hours_text", tidy(draft.hours_text)), ("street", draft.street))
        if text
    ]
    columns = [list(column) for column in zip(*said, strict=True)] or [[], [], [], []]
    rows = await sql.fetch(_SITES, *columns)
    return [(row["institution"], "site", row["id"], row["field"], row["day"]) for row in rows]
