"""Boundaries of units out of published GeoJSON."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import asyncpg

from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import to_json
from referral_hub.database.transaction import transaction
from referral_hub.exchange.problems import FileRefused, ImportProblem
from referral_hub.exchange.reading import MAX_MEGABYTES, MEGABYTE
from referral_hub.exchange.report import Report
from referral_hub.geography.boundaries import Boundary, Fault, NotGeoJSON, read_boundaries
from referral_hub.institutions.changes import tell_directory


class _DryRun(Exception):
    """Leaves the transaction of a dry run, so that all of it is undone."""


async def import_boundaries(
    path: Path,
    *,
    source: str,
    actor: Actor,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Take the polygons of a GeoJSON collection; `line` of a problem is the number of the feature.

    Raises FileRefused when the file is no GeoJSON.
    """
    features = await asyncio.to_thread(_features, path)
    report = Report(read=len(features))
    good: dict[str, Boundary] = {}
    seen: dict[str, int] = {}
    for number, feature in enumerate(features, 1):
        if isinstance(feature, Fault):
            problem = ImportProblem(number, "error", "terc", feature.value, feature.problem)
            report.problems.append(problem)
        elif feature.unit.code in good:
            facts: dict[str, str | int] = {"line": seen[feature.unit.code]}
            report.problems.append(ImportProblem(number, "error", "terc", feature.unit.code, "same_id", facts))
        else:
            good[feature.unit.code], seen[feature.unit.code] = feature, number
    report.rejected = report.read - len(good)
    try:
        async with transaction(actor.scope) as sql:
            await _write(sql, good, report, source, progress)
            counts = {name: getattr(report, name) for name in ("read", "created", "updated", "unchanged", "rejected")}
            await record(Event.IMPORT_RUN, by=actor.scope, facts={"source": source, "kind": "boundaries", **counts})
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return report


def _features(path: Path) -> list[Boundary | Fault]:
    try:
        if path.stat().st_size > MAX_MEGABYTES * MEGABYTE:
            raise FileRefused("too_large", limit=MAX_MEGABYTES)
        return list(read_boundaries(path.read_bytes()))
    except OSError as error:
        raise FileRefused("no_such_file") from error
    except NotGeoJSON as error:
        raise FileRefused("not_geojson", reason=str(error)[:120]) from error


async def _write(
    sql: asyncpg.Connection,
    good: dict[str, Boundary],
    report: Report,
    source: str,
    progress: Callable[[int, int], None] | None,
) -> None:
    rows = await sql.fetch(
        "select terc, geometry = g.value::jsonb as same from boundary "
        "join unnest($1::text[], $2::text[]) as g(code, value) on g.code = terc",
        list(good),
        [to_json(one.geometry) for one in good.values()],
    )
    known = {row["terc"]: row["same"] for row in rows}
    fresh = [code for code in good if code not in known]
    changed = [code for code, same in known.items() if not same]
    report.created, report.updated = len(fresh), len(changed)
    report.unchanged = len(good) - len(fresh) - len(changed)
    await sql.executemany(
        """insert into boundary (terc, geometry, source) values ($1, $2, $3)
        on conflict (terc) do update set geometry = excluded.geometry, source = excluded.source""",
        [(code, to_json(good[code].geometry), source) for code in (*fresh, *changed)],
    )
    if fresh or changed:
        await tell_directory(sql)
    if progress is not None:
        progress(len(good), len(good))
