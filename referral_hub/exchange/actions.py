"""Bring a register into the directory: read it, find whom it speaks of, write what is new, say what was doubtful.

One transaction: either the whole file is in, or nothing. A second run changes nothing, because each row is
compared with what the same source said last time.
"""

import asyncio
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

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import retrying, transaction
from referral_hub.exchange.batches import write_batch
from referral_hub.exchange.boundaries import import_boundaries
from referral_hub.exchange.drafts import RowDraft, content_hash
from referral_hub.exchange.problems import FileRefused, ImportProblem
from referral_hub.exchange.queries import Known, follow_merges, key_index, rows_of
from referral_hub.exchange.reading import Sheet, read_file
from referral_hub.exchange.registers import capacity, rjps, support_institutions
from referral_hub.exchange.registers.gminy import Gminy, voivodeship_of
from referral_hub.exchange.registers.parts import Drafts
from referral_hub.exchange.report import Made, Report
from referral_hub.exchange.same import lookups
from referral_hub.geography.units import localities, units
from referral_hub.institutions.changes import tell_directory
from referral_hub.institutions.merged import ONE_IMPORT

Progress = Callable[[int, int], None]
"""Called with (rows done, rows in all)."""
BATCH = 200
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
    report = Report(read=sheet.read)
    with suppress(_DryRun):
        await _bring_in(drafts, report, source, kind, actor, progress, dry_run)
    return report


def read_register(path: Path, kind: str, today: date) -> tuple[Sheet, Drafts]:
    """The file and its drafts, without the database."""
    register = REGISTERS[kind]
    sheet = read_file(path, register.COLUMNS)
    within = voivodeship_of((record.cells["powiat"] for record in sheet.records), units().values())
    return sheet, register.read(sheet, Gminy(units().values(), localities(), within), today)


@retrying
async def _bring_in(
    drafts: Drafts,
    report: Report,
    source: str,
    kind: str,
    actor: Actor,
    progress: Progress | None,
    dry_run: bool,
) -> None:
    # Begun afresh each time: the database may ask for the whole work to be done again.
    report.created = report.updated = report.unchanged = 0
    report.made, report.problems, rows = Made(), list(drafts.problems), drafts.rows
    async with transaction(actor.scope) as sql:
        await sql.execute("select pg_advisory_xact_lock($1)", ONE_IMPORT)
        await follow_merges(sql)
        known = await rows_of(sql, source)
        if other := next((one.kind for one in known.values() if one.kind != kind), None):
            raise FileRefused("source_is_another_kind", source=source, before=other)
        homes = await _find_homes(sql, rows, known, report)
        groups = _batches(homes)
        done = report.unchanged
        for group in groups:
            await write_batch(sql, group, known, report, source, kind, actor)
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


def _batches(homes: Mapping[UUID, list[RowDraft]]) -> list[dict[UUID, list[RowDraft]]]:
    names = list(homes)
    return [{name: homes[name] for name in names[start : start + BATCH]} for start in range(0, len(names), BATCH)]
