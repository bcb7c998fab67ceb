"""Make two entries one, or remember that they are two: each a single transaction that loses nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.duplicates.choosing import Choice, Side, choices, refusal
from referral_hub.duplicates.joining import end_offers, join_contacts, join_sites
from referral_hub.duplicates.moving import Moved, move_rows, write_line
from referral_hub.errors import NotFound, Problem, Refused
from referral_hub.institutions.actions import update
from referral_hub.institutions.changes import tell_directory
from referral_hub.institutions.merged import ONE_IMPORT
from referral_hub.institutions.source_ranks import load_ranks
from referral_hub.jobs.actions import enqueue
from referral_hub.vocabularies.words import sort_key

_ONE_MERGE = 7205118846
LONGEST_WHY = 500
STRAGGLERS_AFTER = timedelta(minutes=2)


@retrying
async def merge_institutions(
    kept: UUID,
    merged: UUID,
    *,
    actor: Actor,
    why: str,
    take: Mapping[str, Side] | None = None,
    end: Sequence[UUID] = (),
) -> UUID:
    """Make `merged` part of `kept`; the id of the merge. The merged entry's row stays and leads on to the survivor.

    `take` says for a field whose value stays (default: the source believed first), `end` names offers of either that
    end because the other has the same. Raises NotFound, Refused: `merge_with_itself`, `merged_meanwhile`,
    `merge_into_archived`, `merge_of_club`, `import_under_way`, or `invalid` (why, take, end).
    """
    if not why.strip() or len(why) > LONGEST_WHY:
        raise Refused("invalid", [Problem("why", "required" if not why.strip() else "too_long", {"most": LONGEST_WHY})])
    async with transaction(SYSTEM) as sql:
        ours, theirs = await _both(sql, kept, merged)
        await _stay(sql, ours, theirs, take or {}, why, actor)
        twins = await _twin_offers(sql, kept, merged)
        contacts = await join_contacts(sql, kept, merged)
        moved = await move_rows(sql, merged, kept)
        moved |= await join_sites(sql, kept, moved.get("site.institution", ()), why, actor)
        await contacts.keep(sql, why, actor)
        await end_offers(sql, kept, end, twins, why, actor)
        await _keep_parent(sql, ours, why, actor)
        await update(sql, "institution", merged, {"status": "merged", "merged_into": kept})
        await write_line(
            sql,
            ("institution", merged),
            "status",
            theirs["status"],
            "merged",
            source="coordinator",
            why=why,
            account=actor.account,
        )
        made = await _note(sql, kept, merged, moved, why, actor)
        await enqueue("merge_stragglers", {"merge": str(made)}, run_at=clock.now() + STRAGGLERS_AFTER)
        await tell_directory(sql)
        facts = {"merged": str(merged), "moved": {name: len(keys) for name, keys in moved.items()}}
        await record(Event.INSTITUTION_MERGE, by=actor.scope, subject=("institution", kept), facts=facts)
        return made


async def _both(sql: asyncpg.Connection, kept: UUID, merged: UUID) -> tuple[asyncpg.Record, asyncpg.Record]:
    """Both rows, locked; one merge at a time, and none beside an import, which knows institutions by heart."""
    await sql.execute("select pg_advisory_xact_lock($1)", _ONE_MERGE)
    if not await _without_import(sql):
        raise Refused("import_under_way")
    rows = await sql.fetch("select * from institution where id = any($1) order by id for update", [kept, merged])
    found = {row["id"]: row for row in rows}
    if kept not in found or merged not in found:
        raise NotFound
    if code := refusal(found[kept], found[merged]):
        raise Refused(code)
    return found[kept], found[merged]


async def _without_import(sql: asyncpg.Connection) -> bool:
    """Whether no import runs; asked a few times, since a merge that has just ended gives its locks back one by one."""
    for _ in range(5):
        if await sql.fetchval("select pg_try_advisory_xact_lock($1)", ONE_IMPORT):
            return True
        await asyncio.sleep(0.02)
    return False


async def field_choices(sql: asyncpg.Connection, kept: Mapping[str, Any], merged: Mapping[str, Any]) -> list[Choice]:
    """What both say field by field, whose word it is, and what stays by default."""
    rows = await sql.fetch(
        """select distinct on (subject, field) subject, field, source from field_source
        where subject = any($1) and subject_kind = 'institution' order by subject, field, at desc, id desc""",
        [kept["id"], merged["id"]],
    )
    kinds = await sql.fetch("select distinct source, kind from source_record where institution is not null")
    return choices(
        kept,
        merged,
        {(row["subject"], row["field"]): row["source"] for row in rows},
        {row["source"]: row["kind"] for row in kinds},
        await load_ranks(sql),
    )


async def _stay(
    sql: asyncpg.Connection,
    kept: asyncpg.Record,
    merged: asyncpg.Record,
    take: Mapping[str, Side],
    why: str,
    actor: Actor,
) -> None:
    """Write the values that stay on the survivor, each with its line of history.

    What the coordinator chose against the ranks is the coordinator's word from now on, so that an import keeps it.
    """
    found = {one.field: one for one in await field_choices(sql, kept, merged)}
    wrong = [field for field, side in take.items() if field not in found or side not in ("kept", "merged")]
    if wrong:
        raise Refused("invalid", [Problem(field, "not_a_choice") for field in wrong])
    values: dict[str, Any] = {}
    for field, one in found.items():
        side = take.get(field, one.stays)
        value = one.merged if side == "merged" else one.kept
        source = "coordinator" if side != one.stays else (one.merged_source if side == "merged" else one.kept_source)
        if value != one.kept:
            values[field] = value
        if value != one.kept or side != one.stays:
            await write_line(
                sql,
                ("institution", kept["id"]),
                field,
                one.kept,
                value,
                source=source or "coordinator",
                why=why,
                account=actor.account,
            )
    if "name" in values:
        values["sort_key"] = sort_key(values["name"])
    # Raised even where nothing differs: who edits the survivor at this moment looks again.
    await update(sql, "institution", kept["id"], values or {"name": kept["name"]})


async def _keep_parent(sql: asyncpg.Connection, kept: asyncpg.Record, why: str, actor: Actor) -> None:
    """The line of history, if the survivor has another parent now."""
    after = await sql.fetchval("select parent from institution where id = $1", kept["id"])
    if after != kept["parent"]:
        await write_line(
            sql,
            ("institution", kept["id"]),
            "parent",
            kept["parent"],
            after,
            source="coordinator",
            why=why,
            account=actor.account,
        )


async def _twin_offers(sql: asyncpg.Connection, kept: UUID, merged: UUID) -> set[UUID]:
    """Offers of one form that both have: kept beside each other unless the coordinator ends one."""
    rows = await sql.fetch(
        """select o.id, t.id as other from offer o join offer t on t.form = o.form
        where o.institution = $1 and t.institution = $2 and o.status = 'published' and t.status = 'published'""",
        kept,
        merged,
    )
    return {one for row in rows for one in (row["id"], row["other"])}


async def _note(sql: asyncpg.Connection, kept: UUID, merged: UUID, moved: Moved, why: str, actor: Actor) -> UUID:
    """What moved, and that the pair was judged."""
    made, moment = new_id(), clock.now()
    await sql.execute(
        "insert into institution_merge (id, kept, merged, moved, why, by, at) values ($1, $2, $3, $4, $5, $6, $7)",
        *(made, kept, merged, to_json(moved), why, actor.account, moment),
    )
    await _judge(sql, kept, merged, "merged", why, actor)
    return made


@retrying
async def judge_different(one: UUID, other: UUID, *, actor: Actor, evidence: str = "", why: str = "") -> None:
    """Remember that two entries are two institutions, for as long as only `evidence` speaks for one.

    Raises NotFound, Refused (`merge_with_itself`).
    """
    if one == other:
        raise Refused("merge_with_itself")
    async with transaction(actor.scope) as sql:
        if await sql.fetchval("select count(*) from institution where id = any($1)", [one, other]) != 2:
            raise NotFound
        await _judge(sql, one, other, "different", why[:LONGEST_WHY], actor, evidence)
        facts = {"other": str(other), "verdict": "different"}
        await record(Event.PAIR_JUDGE, by=actor.scope, subject=("institution", one), facts=facts)


async def _judge(
    sql: asyncpg.Connection, one: UUID, other: UUID, verdict: str, why: str, actor: Actor, evidence: str = ""
) -> None:
    first, second = sorted((one, other))
    await sql.execute(
        """insert into duplicate_verdict (id, first, second, verdict, why, by, at, evidence)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (first, second) do update set verdict = excluded.verdict, why = excluded.why, by = excluded.by,
         at = excluded.at, evidence = excluded.evidence""",
        *(new_id(), first, second, verdict, why, actor.account, clock.now(), evidence),
    )


@retrying
async def move_stragglers(merge: UUID) -> int:
    """Rows that a change under way wrote for the merged entry after it moved; how many were brought over."""
    async with transaction(SYSTEM) as sql:
        row = await sql.fetchrow(
            """select m.id, m.merged, m.moved, i.merged_into from institution_merge m
            join institution i on i.id = m.merged where m.id = $1 for update""",
            merge,
        )
        if row is None or row["merged_into"] is None:
            return 0
        late = await move_rows(sql, row["merged"], row["merged_into"])
        count = sum(map(len, late.values()))
        if count:
            await sql.execute(
                "update institution_merge set moved = moved || $2 where id = $1", merge, to_json({"late": late})
            )
            await tell_directory(sql, institution=row["merged_into"])
        return count
