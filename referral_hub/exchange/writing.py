"""Write differences in bulk: many institutions at once, a statement per table, inside the caller's transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct, structs

from referral_hub import clock
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import Scope
from referral_hub.exchange.difference import Difference
from referral_hub.exchange.drafts import ContactDraft, ReadingDraft

_JSON = {"hours", "accessibility", "eligibility"}
_ORDER = ("institution", "institution_identifier", "site", "offer", "offer_site")
_STAMPED = {"institution": ("made_at", "updated_at"), "site": ("updated_at",), "offer": ("made_at", "updated_at")}
NUMBERS = (
    "free", "maximum", "referred", "allocated", "arrived", "waiting", "waiting_days", "free_women", "free_men",
)  # fmt: skip
_STAYS = ("id", "visibility", "confirmed_on", "confirmed_how", "doubted_at", "failing_since")
_NEW = {"visibility": "public", "confirmed_on": None, "confirmed_how": "", "doubted_at": None, "failing_since": None}


class NewReading(Struct, frozen=True):
    """A reading of a row for one offer; `reference` is unique for this source, row and content."""

    offer: UUID
    reference: str
    draft: ReadingDraft


async def write(sql: asyncpg.Connection, found: Sequence[Difference], source: str, by: Scope) -> None:
    """Everything the differences say, their history, and an audit line per institution that changed."""
    await _insert_all(sql, found, source)
    for table, row_id, values in ((u.table, u.id, u.values) for one in found for u in one.updates):
        await _update(sql, table, row_id, values)
    await _write_contacts(sql, {one.institution: one.contacts for one in found if one.contacts is not None}, source)
    await _write_history(sql, found, source, by)
    await _write_audit(sql, [one for one in found if one.changes_anything], source, by)


async def insert_many(sql: asyncpg.Connection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with the same columns (names of ours) into a table."""
    if not rows:
        return
    names = list(rows[0])
    places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
    await sql.executemany(
        f"insert into {table} ({', '.join(names)}) values ({places})",  # noqa: S608 -- names of ours
        [tuple(row[name] for name in names) for row in rows],
    )


async def _insert_all(sql: asyncpg.Connection, found: Sequence[Difference], source: str) -> None:
    by_table: dict[str, list[dict[str, Any]]] = defaultdict(list)
    moment = clock.now()
    for one in found:
        for table, values in one.inserts:
            row = {name: _column(name, value) for name, value in values.items()}
            row |= dict.fromkeys(_STAMPED.get(table, ()), moment)
            if table == "institution_identifier":
                row["source"] = source
            by_table[table].append(row)
    for table in _ORDER:
        await insert_many(sql, table, by_table[table])


def _column(name: str, value: Any) -> Any:
    return to_json(value) if name in _JSON else value


async def _update(sql: asyncpg.Connection, table: str, row_id: UUID, values: Mapping[str, Any]) -> None:
    columns = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, start=3))
    await sql.execute(
        f"update {table} set {columns}, version = version + 1, updated_at = $2 where id = $1",  # noqa: S608 -- names of our own, values are parameters
        row_id,
        clock.now(),
        *(_column(name, value) for name, value in values.items()),
    )


async def _write_contacts(
    sql: asyncpg.Connection, contacts: Mapping[UUID, Sequence[ContactDraft]], source: str
) -> None:
    gone = await sql.fetch(
        """delete from contact where institution = any($1) and belongs_to is null returning id, institution, kind,
        value, extension, visibility, confirmed_on, confirmed_how, doubted_at, failing_since""",
        list(contacts),
    )
    # A number that stays keeps its row, and with it what is known of it.
    known = {tuple(row[name] for name in ("institution", "kind", "value", "extension")): row for row in gone}
    rows = []
    for institution, ones in contacts.items():
        for place, one in enumerate(ones):
            before = known.pop((institution, one.kind, one.value, one.extension), None)
            stays = {name: before[name] for name in _STAYS} if before else _NEW | {"id": new_id()}
            rows.append(
                {"institution": institution, **structs.asdict(one), "position": place, "source": source, **stays}
            )
    await insert_many(sql, "contact", rows)


async def _write_history(sql: asyncpg.Connection, found: Sequence[Difference], source: str, by: Scope) -> None:
    moment = clock.now()
    lines = [
        {
            "id": new_id(),
            "subject_kind": line.subject_kind,
            "subject": line.subject,
            "field": line.field,
            "before": to_json(line.before),
            "value": to_json(line.value),
            "source": source,
            "account": by.account,
            "at": moment,
        }
        for one in found
        for line in one.history
    ]
    await insert_many(sql, "field_source", lines)


async def _write_audit(sql: asyncpg.Connection, found: Sequence[Difference], source: str, by: Scope) -> None:
    """As `audit.actions.record` writes them, many at a time: the caller's transaction carries the scope."""
    moment = clock.now()
    lines = []
    for one in found:
        added = any(table == "institution" for table, _ in one.inserts)
        event = Event.INSTITUTION_ADD if added else Event.INSTITUTION_EDIT
        facts = {"source": source, "sites": one.count("site"), "offers": one.count("offer")}
        lines.append(
            {
                "id": new_id(),
                "at": moment,
                "event": event.value,
                "kind": by.kind,
                "account": by.account,
                "institution": by.institution,
                "role": by.role,
                "subject_kind": "institution",
                "subject": one.institution,
                "facts": to_json(facts),
            }
        )
    await insert_many(sql, "audit_event", lines)


async def write_readings(sql: asyncpg.Connection, readings: Iterable[NewReading]) -> int:
    """Add readings that are not there yet and put the newest of each offer in force; how many were added.

    As `directory.reading_actions.report_reading` does one by one: no hold is cancelled, places taken since count
    from the newest reading on.
    """
    wanted = {one.reference: one for one in readings}
    known = await sql.fetch("select source_ref from capacity_reading where source_ref = any($1)", list(wanted))
    for row in known:
        del wanted[row["source_ref"]]
    newest: dict[UUID, NewReading] = {}
    for one in sorted(wanted.values(), key=lambda one: (one.draft.as_of, one.reference)):
        newest[one.offer] = one
    counters = await _counters(sql, list(newest))
    moment = clock.now()  # one for all: within one table no reading came after another
    rows = [_reading_row(one, counters[one.offer], newest[one.offer], moment) for one in wanted.values()]
    await insert_many(sql, "capacity_reading", rows)
    ruling = [row for row in rows if _goes_in_force(row, counters, newest)]
    await sql.executemany(
        """update offer_places set reading = $2, free = $3, taken_since = 0, maximum = coalesce($4, maximum)
        where offer = $1""",
        [(row["offer"], row["id"], row["free"], row["maximum"]) for row in ruling],
    )
    return len(rows)


def _reading_row(one: NewReading, counter: Mapping[str, Any], newest: NewReading, moment: datetime) -> dict[str, Any]:
    """A row of the ledger; the one that goes in force remembers what was taken under the one before."""
    in_force = one is newest and _is_newer(one.draft.as_of, counter)
    return {
        "id": new_id(),
        "offer": one.offer,
        "as_of": noon(one.draft.as_of),
        "recorded_at": moment,
        "source": "imported",
        "unit": counter["unit"],
        **{name: getattr(one.draft, name) for name in NUMBERS},
        "source_ref": one.reference,
        "taken_before": counter["taken_since"] if in_force else 0,
    }


def _goes_in_force(
    row: Mapping[str, Any], counters: Mapping[UUID, Mapping[str, Any]], newest: Mapping[UUID, NewReading]
) -> bool:
    one = newest[row["offer"]]
    return bool(one.reference == row["source_ref"] and _is_newer(one.draft.as_of, counters[row["offer"]]))


def _is_newer(day: date, counter: Mapping[str, Any]) -> bool:
    return counter["as_of"] is None or noon(day) >= counter["as_of"]


async def _counters(sql: asyncpg.Connection, offers: list[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """The locked counter of each offer (made where there is none) with the day of the reading in force."""
    await sql.execute(
        """insert into offer_places (offer, held, taken_since) select unnest($1::uuid[]), 0, 0
        on conflict do nothing""",
        offers,
    )
    await sql.execute("select 1 from offer_places where offer = any($1) order by offer for update", offers)
    rows = await sql.fetch(
        """select p.offer, p.taken_since, r.as_of, o.unit from offer_places p join offer o on o.id = p.offer
        left join capacity_reading r on r.id = p.reading where p.offer = any($1)""",
        offers,
    )
    return {row["offer"]: row for row in rows}


def noon(day: date) -> datetime:
    """A day as a moment: its noon in Warsaw."""
    return datetime.combine(day, time(12), clock.WARSAW)
