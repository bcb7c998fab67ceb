"""Read what partners, coordinators and registers say of the same fields."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from referral_hub.institutions.source_ranks import PEOPLE, load_ranks
from referral_hub.moderation.conflicts import TRACKED, Conflict, Key, Say, find, raw_field, register_says, words

_FIELDS = sorted({field for fields in TRACKED.values() for field in fields})

# Institutions of which a person and a register both said something.
_SPOKEN = """with told as (
 select distinct subject from field_source where source = any($1) and field = any($2)),
 whose as (
 select i.id from told join institution i on i.id = told.subject where i.status = 'published'
 union select s.institution from told join site s on s.id = told.subject where s.status = 'published'
 union select o.institution from told join offer o on o.id = told.subject where o.status in ('published', 'closed'))
select distinct w.id from whose w join source_record r on r.institution = w.id where r.said ? 'institution'"""

_PEOPLE = """select distinct on (subject, field, source) subject_kind, subject, field, source, value, at
 from field_source where subject = any($1) and field = any($2) and source = any($3)
 order by subject, field, source, at desc, id desc"""


async def institutions_spoken_of(sql: asyncpg.Connection) -> list[UUID]:
    """Where sources can disagree at all."""
    return [row["id"] for row in await sql.fetch(_SPOKEN, list(PEOPLE), _FIELDS)]


async def conflicts_of(sql: asyncpg.Connection, institutions: Sequence[UUID]) -> list[Conflict]:
    """What waits to be settled, the latest word first."""
    ranks = await load_ranks(sql)
    present = await _present(sql, institutions)
    registers = await _registers(sql, institutions)
    owners = {subject: one for one, values in present.items() for _, subject, _ in values}
    people = await _people(sql, owners)
    settled = await _settled(sql, institutions)
    found = [
        conflict
        for one in institutions
        for conflict in find(one, present[one], people[one], registers[one], settled[one], ranks)
    ]
    return sorted(found, key=lambda conflict: (conflict.since, str(conflict.subject), conflict.field), reverse=True)


async def said_of(sql: asyncpg.Connection, institution: UUID, subject: tuple[str, UUID], field: str) -> dict[str, Any]:
    """What every source says of a field at this moment, as a settlement keeps it."""
    key = raw_field(subject[0], subject[1], institution, field)
    registers = await _registers(sql, [institution])
    people = await _people(sql, {key[1]: institution})
    return words(registers[institution].get(key, ()), people[institution].get(key, ()))


async def says_of(sql: asyncpg.Connection, institution: UUID, subject: tuple[str, UUID], field: str) -> list[Say]:
    """Everybody's latest word on a field, whoever is believed first on top."""
    key, ranks = raw_field(subject[0], subject[1], institution, field), await load_ranks(sql)
    registers = await _registers(sql, [institution])
    people = await _people(sql, {key[1]: institution})
    every = [*people[institution].get(key, ()), *registers[institution].get(key, ())]
    return sorted(every, key=lambda say: ranks.rank(key[2], say.kind or say.source))


async def _present(sql: asyncpg.Connection, institutions: Sequence[UUID]) -> dict[UUID, dict[Key, Any]]:
    found: dict[UUID, dict[Key, Any]] = defaultdict(dict)
    ids = list(institutions)
    for row in await sql.fetch("select * from institution where id = any($1)", ids):
        for field in TRACKED["institution"]:
            found[row["id"]]["institution", row["id"], field] = row[field]
        found[row["id"]]["contact", row["id"], "contacts"] = []
    for row in await sql.fetch(
        """select institution, kind, value, extension from contact where institution = any($1)
        order by position, id""",
        ids,
    ):
        found[row["institution"]]["contact", row["institution"], "contacts"].append(
            [row["kind"], row["value"], row["extension"]]
        )
    for table, status in (("site", "('published')"), ("offer", "('published', 'closed')")):
        rows = await sql.fetch(
            f"select * from {table} where institution = any($1) and status in {status}",  # noqa: S608 -- our names
            ids,
        )
        for row in rows:
            for field in TRACKED[table]:
                value = msgspec.json.decode(row[field]) if field == "eligibility" else row[field]
                found[row["institution"]][table, row["id"], field] = value
    return found


async def _registers(sql: asyncpg.Connection, institutions: Sequence[UUID]) -> dict[UUID, dict[Key, list[Say]]]:
    found: dict[UUID, dict[Key, list[Say]]] = defaultdict(lambda: defaultdict(list))
    for row in await sql.fetch(
        """select institution, source, kind, said, made, last_at, as_at from source_record
        where institution = any($1) and said ? 'institution' order by source, source_id""",
        list(institutions),
    ):
        said, made = msgspec.json.decode(row["said"]), msgspec.json.decode(row["made"])
        for key, value in register_says(said, made, row["institution"]):
            if value not in (None, "", [], {}):
                say = Say(row["source"], row["kind"], value, row["last_at"], row["as_at"])
                found[row["institution"]][key].append(say)
    return found


async def _people(sql: asyncpg.Connection, owners: Mapping[UUID, UUID]) -> dict[UUID, dict[Key, list[Say]]]:
    """Each person's latest word; `owners`: subject → its institution."""
    found: dict[UUID, dict[Key, list[Say]]] = defaultdict(lambda: defaultdict(list))
    for row in await sql.fetch(_PEOPLE, list(owners), _FIELDS, list(PEOPLE)):
        kind, value = row["subject_kind"], msgspec.json.decode(row["value"])
        say = Say(row["source"], "", value, row["at"])
        found[owners[row["subject"]]][kind, row["subject"], row["field"]].append(say)
    return found


async def _settled(sql: asyncpg.Connection, institutions: Iterable[UUID]) -> dict[UUID, dict[Key, Mapping[str, Any]]]:
    found: dict[UUID, dict[Key, Mapping[str, Any]]] = defaultdict(dict)
    for row in await sql.fetch(
        """select distinct on (subject, field) institution, subject_kind, subject, field, said from settlement
        where institution = any($1) order by subject, field, at desc, id desc""",
        list(institutions),
    ):
        key = raw_field(row["subject_kind"], row["subject"], row["institution"], row["field"])
        found[row["institution"]][key] = msgspec.json.decode(row["said"])
    return found
