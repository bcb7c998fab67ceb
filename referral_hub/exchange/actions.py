"""Bring a register into the directory: read it, find whom it speaks of, write what is new, say what was doubtful.

One transaction: either the whole file is in, or nothing. A second run changes nothing, because each row is
compared with what the same source said last time.
"""

import asyncio
import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Protocol
from uuid import UUID

import asyncpg
from msgspec import Struct, structs

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import retrying, transaction
from referral_hub.exchange.boundaries import import_boundaries
from referral_hub.exchange.difference import Difference, difference
from referral_hub.exchange.drafts import RowDraft
from referral_hub.exchange.merging import Claim, merge
from referral_hub.exchange.problems import FileRefused, ImportProblem
from referral_hub.exchange.queries import Known, claims_of, key_index, rows_of, states_of
from referral_hub.exchange.reading import Sheet, read_file
from referral_hub.exchange.registers import capacity, rjps, support_institutions
from referral_hub.exchange.registers.gminy import Gminy, voivodeship_of
from referral_hub.exchange.registers.parts import Drafts
from referral_hub.exchange.report import Report
from referral_hub.exchange.same import lookups
from referral_hub.exchange.writing import NewReading, insert_many, write, write_readings
from referral_hub.geography.units import localities, units
from referral_hub.institutions.changes import tell_directory

Progress = Callable[[int, int], None]
"""Called with (rows done, rows in all)."""
BATCH = 200
_ONE_IMPORT = 7205118845
_NAME = re.compile(r"[\w.\-]{1,80}")


class Register(Protocol):
    """What every module in `registers` offers."""

    KIND: str
    COLUMNS: tuple[str, ...]

    def read(self, sheet: Sheet, gminy: Gminy, today: date) -> Drafts: ...


REGISTERS: Mapping[str, Register] = MappingProxyType(
    {module.KIND: module for module in (support_institutions, rjps, capacity)}
)
KINDS = (*REGISTERS, "boundaries")


class _DryRun(Exception):
    """Leaves the transaction of a dry run, so that all of it is undone."""


async def import_file(
    path: Path,
    *,
    source: str,
    kind: str,
    actor: Actor,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Read `path` as `kind` (one of KINDS) under the name `source`; the report. A dry run writes nothing.

    Raises FileRefused when the file as a whole cannot be taken; its `sentence` says why.
    """
    if not _NAME.fullmatch(source):
        raise FileRefused("source_name")
    if kind not in KINDS:
        raise FileRefused("unknown_kind", known=", ".join(KINDS))
    if kind == "boundaries":
        return await import_boundaries(path, source=source, actor=actor, dry_run=dry_run, progress=progress)
    sheet, drafts = await asyncio.to_thread(read_register, path, kind, clock.today())
    report = Report(read=sheet.read, problems=drafts.problems)
    with suppress(_DryRun):
        await _bring_in(drafts.rows, report, source, kind, actor, progress, dry_run)
    return report


def read_register(path: Path, kind: str, today: date) -> tuple[Sheet, Drafts]:
    """The file and its drafts, without the database."""
    register = REGISTERS[kind]
    sheet = read_file(path, register.COLUMNS)
    within = voivodeship_of((record.cells["powiat"] for record in sheet.records), units().values())
    return sheet, register.read(sheet, Gminy(units().values(), localities(), within), today)


@retrying
async def _bring_in(
    rows: Sequence[RowDraft],
    report: Report,
    source: str,
    kind: str,
    actor: Actor,
    progress: Progress | None,
    dry_run: bool,
) -> None:
    report.created = report.updated = report.unchanged = 0
    async with transaction(actor.scope) as sql:
        await sql.execute("select pg_advisory_xact_lock($1)", _ONE_IMPORT)
        known = await rows_of(sql, source)
        if other := next((one.kind for one in known.values() if one.kind != kind), None):
            raise FileRefused("source_is_another_kind", source=source, before=other)
        homes = await _find_homes(sql, rows, known, report)
        groups = _batches(homes)
        done = report.unchanged
        for group in groups:
            await _write_batch(sql, group, known, report, source, kind, actor)
            done += sum(map(len, group.values()))
            if progress is not None:
                progress(done, len(rows))
        report.rejected = report.read - report.created - report.updated - report.unchanged
        if report.created or report.updated:
            await tell_directory(sql)
        facts = {name: getattr(report, name) for name in ("read", "created", "updated", "unchanged", "rejected")}
        await record(Event.IMPORT_RUN, by=actor.scope, facts={"source": source, "kind": kind, **facts})
        if dry_run:
            raise _DryRun


async def _find_homes(
    sql: asyncpg.Connection, rows: Sequence[RowDraft], known: Mapping[str, Known], report: Report
) -> dict[UUID, list[RowDraft]]:
    """The institution of each row that is new or says something else; counts created, updated and unchanged."""
    index = await key_index(sql)
    homes: dict[UUID, list[RowDraft]] = defaultdict(list)
    for row in rows:
        before = known.get(row.id)
        if before is not None and before.content_hash == content_hash(row):
            report.unchanged += 1
            continue
        if before is not None and before.institution is not None:
            report.updated += 1
            home = before.institution
        else:
            report.created += 1
            home = _home(row, index, report)
        for key in row.institution.keys:
            index.setdefault(key, home)
        homes[home].append(row)
    return homes


def _home(row: RowDraft, index: Mapping[str, UUID], report: Report) -> UUID:
    found = list(dict.fromkeys(index[key] for key in lookups(row.institution.keys) if key in index))
    if len(found) > 1:
        name = row.institution.name
        report.problems.append(ImportProblem(row.line, "warning", "nazwa", name, "two_match"))
    return found[0] if found else new_id()


def content_hash(row: RowDraft) -> bytes:
    """What tells two sayings of one row apart: everything but the line it stands in."""
    return hashlib.sha256(to_json(structs.replace(row, line=0)).encode()).digest()


def _batches(homes: Mapping[UUID, list[RowDraft]]) -> list[dict[UUID, list[RowDraft]]]:
    names = list(homes)
    return [{name: homes[name] for name in names[start : start + BATCH]} for start in range(0, len(names), BATCH)]


class _Row(Struct, frozen=True):
    """A row of the file with its institution and what it made there."""

    draft: RowDraft
    institution: UUID
    made: dict[str, object]


async def _write_batch(
    sql: asyncpg.Connection,
    homes: Mapping[UUID, list[RowDraft]],
    known: Mapping[str, Known],
    report: Report,
    source: str,
    kind: str,
    actor: Actor,
) -> None:
    ids = [row.id for rows in homes.values() for row in rows]
    states = await states_of(sql, list(homes), source)
    claims = await claims_of(sql, homes, (source, ids))
    found: list[Difference] = []
    said: list[_Row] = []
    for institution, rows in homes.items():
        every = [*claims.get(institution, ()), *(Claim(source, kind, row) for row in rows)]
        one = difference(institution, merge(every), states[institution])
        found.append(one)
        said += [_Row(row, institution, one.made.get((source, row.id), {})) for row in rows]
        report.problems += [
            ImportProblem(rows[0].line, "info", name, "", "own_edit_kept") for name in dict.fromkeys(one.kept)
        ]
    await write(sql, found, source, actor.scope)
    await _write_rows(sql, said, known, source, kind)
    await _write_made(sql, found, source)
    report.made.institutions += sum(one.count("institution") for one in found)
    report.made.sites += sum(one.count("site") for one in found)
    report.made.offers += sum(one.count("offer") for one in found)
    report.made.readings += await write_readings(sql, _readings(said, source))


def _readings(said: Sequence[_Row], source: str) -> list[NewReading]:
    return [
        NewReading(offer, f"{source}:{row.draft.id}:{content_hash(row.draft).hex()[:12]}", row.draft.reading)
        for row in said
        if row.draft.reading is not None
        for offer in row.made["offers"].values()  # type: ignore[attr-defined]
    ]


async def _write_rows(
    sql: asyncpg.Connection, said: Sequence[_Row], known: Mapping[str, Known], source: str, kind: str
) -> None:
    """Remember what the source said of each row and what came of it."""
    moment = clock.now()
    fresh, changed = [], []
    for row in said:
        values = {
            "institution": row.institution,
            "content_hash": content_hash(row.draft),
            "said": to_json(row.draft),
            "made": to_json(row.made),
            "text": row.draft.text,
            "last_at": moment,
            "as_at": row.draft.as_at,
        }
        before = known.get(row.draft.id)
        if before is None:
            identity = {"id": new_id(), "source": source, "source_id": row.draft.id, "kind": kind}
            fresh.append({**identity, **values, "first_at": moment})
        else:
            changed.append((before.id, *values.values()))
    await insert_many(sql, "source_record", fresh)
    await sql.executemany(
        """update source_record set institution = $2, content_hash = $3, said = $4, made = $5, text = $6,
        last_at = $7, as_at = $8 where id = $1""",
        changed,
    )


async def _write_made(sql: asyncpg.Connection, found: Sequence[Difference], source: str) -> None:
    """What rows of other sources made may have moved: a site or an offer that is now shared."""
    await sql.executemany(
        "update source_record set made = $3 where source = $1 and source_id = $2 and made <> $3::jsonb",
        [(*reference, to_json(made)) for one in found for reference, made in one.made.items()],
    )
