"""Write a batch of institutions: what the file says of them together with what other sources said before."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.columns import new_id, to_json
from referral_hub.exchange.confirming import Stated, confirm_stated
from referral_hub.exchange.difference import Difference, difference
from referral_hub.exchange.drafts import RowDraft, content_hash
from referral_hub.exchange.merging import Claim, merge
from referral_hub.exchange.problems import ImportProblem
from referral_hub.exchange.queries import Known, claims_of, states_of
from referral_hub.exchange.report import Report
from referral_hub.exchange.writing import NewReading, insert_many, write, write_readings
from referral_hub.institutions.source_ranks import load_ranks


class _Row(Struct, frozen=True):
    """A row of the file with its institution and what it made there."""

    draft: RowDraft
    institution: UUID
    made: dict[str, Any]


async def write_batch(
    sql: asyncpg.Connection,
    homes: Mapping[UUID, list[RowDraft]],
    known: Mapping[str, Known],
    report: Report,
    source: str,
    kind: str,
    actor: Actor,
) -> None:
    """Bring institutions and their new or changed rows in; counts what was made in the report."""
    ids = [row.id for rows in homes.values() for row in rows]
    ranks = await load_ranks(sql)
    states = await states_of(sql, list(homes), source, kind, ranks)
    claims = await claims_of(sql, homes, (source, ids))
    found: list[Difference] = []
    said: list[_Row] = []
    for institution, rows in homes.items():
        every = [*claims.get(institution, ()), *(Claim(source, kind, row) for row in rows)]
        one = difference(institution, merge(every, ranks), states[institution])
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
    sites = [[UUID(str(site)) for site in row.made.get("sites", ())] for row in said]
    await confirm_stated(sql, [Stated(row.draft, row.institution, own) for row, own in zip(said, sites, strict=True)])


def _readings(said: Sequence[_Row], source: str) -> list[NewReading]:
    return [
        NewReading(offer, f"{source}:{row.draft.id}:{content_hash(row.draft).hex()[:12]}", row.draft.reading)
        for row in said
        if row.draft.reading is not None
        for offer in row.made["offers"].values()
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
