"""Set every row that says "this institution" to another one: a statement per column, what moved by table."""

from collections.abc import Mapping
from uuid import UUID

import asyncpg
import msgspec

from referral_hub import clock
from referral_hub.database.columns import new_id, to_json
from referral_hub.duplicates.columns import Place, institution_places, moving, site_places

Moved = dict[str, list[str]]
"""`table.column` → keys of the rows that moved, as text."""

_PHONES = "('phone', 'mobile', 'helpline', 'fax')"


def _last_digits(column: str) -> str:
    """SQL: a number without prefix and blanks."""
    return f"right(regexp_replace({column}, '\\D', '', 'g'), 9)"


async def move_rows(sql: asyncpg.Connection, merged: UUID, kept: UUID) -> Moved:
    """Everything of `merged` belongs to `kept` from now on; safe to repeat."""
    moved: Moved = {}
    await _settle_waiting(sql, merged, kept, moved)
    for place in moving():
        await _move(sql, place, merged, kept, moved)
    await _move_identifiers(sql, merged, kept, moved)
    await _move_contacts(sql, merged, kept, moved)
    await _move_verdicts(sql, merged, kept)
    await _move_children(sql, merged, kept, moved)
    return moved


async def _move(
    sql: asyncpg.Connection, place: Place, merged: UUID, kept: UUID, moved: Moved, unless: str = "true"
) -> None:
    rows = await sql.fetch(
        # names of ours, found in the tables' metadata
        f"update {place.table} t set {place.column} = $2 where {place.column} = $1 and {unless} "  # noqa: S608 -- names of our own, values are parameters
        f"returning {place.key}::text as key",
        merged,
        kept,
    )
    if rows:
        moved.setdefault(place.name, []).extend(row["key"] for row in rows)


async def _move_identifiers(sql: asyncpg.Connection, merged: UUID, kept: UUID, moved: Moved) -> None:
    unless = """not exists (select 1 from institution_identifier o where o.institution = $2
        and o.scheme = t.scheme and o.value = t.value)"""
    await _move(sql, Place("institution_identifier", "institution", "id"), merged, kept, moved, unless)


async def _move_contacts(sql: asyncpg.Connection, merged: UUID, kept: UUID, moved: Moved) -> None:
    """Contacts both have stay where they are, but what was last known of them is kept."""
    same = f"""o.institution = $2 and o.belongs_to is null and t.belongs_to is null and o.extension = t.extension and (
        (o.kind = t.kind and lower(o.value) = lower(t.value))
        or (o.kind in {_PHONES} and t.kind in {_PHONES}
            and {_last_digits("o.value")} = {_last_digits("t.value")}))"""
    await sql.execute(
        f"""update contact o set confirmed_on = t.confirmed_on, confirmed_how = t.confirmed_how from contact t
        where t.institution = $1 and {same} and t.confirmed_on > coalesce(o.confirmed_on, '-infinity')""",  # noqa: S608 -- names of our own, values are parameters
        merged,
        kept,
    )
    unless = f"not exists (select 1 from contact o where {same})"  # noqa: S608 -- names of our own, values are parameters
    after = await sql.fetchval(
        "select coalesce(max(position) + 1, 0) from contact where institution = $1 and belongs_to is null", kept
    )
    await sql.execute(
        f"update contact t set position = position + $3 where institution = $1 and belongs_to is null and {unless}",  # noqa: S608 -- names of our own, values are parameters
        merged,
        kept,
        after,
    )
    await _move(sql, Place("contact", "institution", "id"), merged, kept, moved, unless)


async def _settle_waiting(sql: asyncpg.Connection, merged: UUID, kept: UUID, moved: Moved) -> None:
    """What may wait only once for each institution: of two open calls one goes on; a waiting change of the merged
    entry's own fields becomes a suggestion about the survivor where that has a change waiting itself."""
    await sql.execute(
        """update call_task set done_at = $3 where institution = $1 and done_at is null
        and exists (select 1 from call_task o where o.institution = $2 and o.done_at is null)""",
        merged,
        kept,
        clock.now(),
    )
    await _move(sql, Place("call_task", "institution", "id"), merged, kept, moved)
    clashing = await sql.fetch(
        """update pending_edit t set state = 'withdrawn', decided_at = $3, word = 'merge' where subject = $1
        and state = 'waiting' and exists (select 1 from pending_edit o where o.subject = $2 and o.state = 'waiting')
        returning id, made_by, made_at, changes, before""",
        merged,
        kept,
        clock.now(),
    )
    for row in clashing:
        before = msgspec.json.decode(row["before"])
        await sql.executemany(
            """insert into suggestion (id, institution, subject_kind, subject, field, present, suggested, note, origin,
             account, made_at, state) values ($1, $2, 'institution', $2, $3, $4, $5, '', 'partner', $6, $7, 'open')""",
            [
                (new_id(), kept, field, to_json(before.get(field)), to_json(value), row["made_by"], row["made_at"])
                for field, value in msgspec.json.decode(row["changes"]).items()
            ],
        )
    await _move(sql, Place("pending_edit", "subject", "id"), merged, kept, moved)


async def _move_verdicts(sql: asyncpg.Connection, merged: UUID, kept: UUID) -> None:
    """„To różne instytucje” about the merged entry holds for the survivor as well."""
    rows = await sql.fetch(
        """select case when first = $1 then second else first end as other, verdict, why, by, at, evidence
        from duplicate_verdict where $1 in (first, second) and verdict = 'different'""",
        merged,
    )
    for row in rows:
        if row["other"] != kept:
            first, second = sorted((kept, row["other"]))
            await sql.execute(
                """insert into duplicate_verdict (id, first, second, verdict, why, by, at, evidence)
                values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing""",
                new_id(),
                first,
                second,
                *(row["verdict"], row["why"], row["by"], row["at"], row["evidence"]),
            )


async def _move_children(sql: asyncpg.Connection, merged: UUID, kept: UUID, moved: Moved) -> None:
    """Units of the merged entry are the survivor's; the survivor keeps a parent, and never itself."""
    await sql.execute(
        """update institution k set parent = m.parent from institution m
        where k.id = $2 and m.id = $1 and (k.parent is null or k.parent = $1) and k.parent is distinct from m.parent
        and m.parent is distinct from $2""",
        merged,
        kept,
    )
    await sql.execute("update institution set parent = null where id = $2 and parent = $1", merged, kept)
    await _move(sql, Place("institution", "parent", "id"), merged, kept, moved)


async def move_site(sql: asyncpg.Connection, gone: UUID, stays: UUID, institution: UUID) -> Moved:
    """What happens at a place that is listed twice happens at the one that stays; registers' rows know it by that."""
    moved: Moved = {}
    await sql.execute(
        """delete from offer_site t where site = $1
        and exists (select 1 from offer_site o where o.offer = t.offer and o.site = $2)""",
        gone,
        stays,
    )
    for place in site_places():
        await _move(sql, place, gone, stays, moved)
    for table in ("contact", "notice"):
        await _move(sql, Place(table, "belongs_to", "id"), gone, stays, moved)
    await sql.execute(
        """update source_record set made = replace(made::text, $1, $2)::jsonb
        where institution = $3 and made::text like '%' || $1 || '%'""",
        str(gone),
        str(stays),
        institution,
    )
    return moved


async def count_rows(sql: asyncpg.Connection, institution: UUID) -> Mapping[str, int]:
    """How many rows of each table belong to an institution, for the page that asks before a merge."""
    counts: dict[str, int] = {}
    for place in institution_places():
        found = await sql.fetchval(
            f"select count(*) from {place.table} where {place.column} = $1",  # noqa: S608 -- names of ours
            institution,
        )
        if found:
            counts[place.name] = found
    return counts


async def write_line(
    sql: asyncpg.Connection,
    subject: tuple[str, UUID],
    field: str,
    before: object,
    value: object,
    *,
    source: str,
    why: str,
    account: UUID | None,
) -> None:
    """A line of history with its reason."""
    await sql.execute(
        """insert into field_source (id, subject_kind, subject, field, before, value, source, why, account, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        new_id(),
        *subject,
        field,
        to_json(before),
        to_json(value),
        source,
        why,
        account,
        clock.now(),
    )
