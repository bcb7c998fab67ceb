"""Tell how many places are free, and take it back: the ledger is only added to, the counter follows it.

The ledger row, the counter, the directory's new version, the audit line: one transaction each.
"""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import retrying, transaction
from referral_hub.directory.ownership import source_of
from referral_hub.directory.proposals import reopen_proposals, settle_proposals
from referral_hub.directory.said import MOST as MOST
from referral_hub.directory.said import NUMBERS, moment_of, problems_of
from referral_hub.directory.said import Said as Said
from referral_hub.directory.told_places import places_were_told
from referral_hub.errors import NotFound, Refused
from referral_hub.institutions.changes import tell_directory

UNDO_WITHIN = timedelta(hours=24)

# Which reading rules is asked after the counter is locked: a statement that waits for the lock sees it as it was.
_COUNTER = "select 1 from offer_places where offer = $1 for update"
_RULING = """select p.reading, p.taken_since, r.as_of, coalesce(r.maximum, p.maximum) as told_maximum
from offer_places p left join capacity_reading r on r.id = p.reading where p.offer = $1"""
_IN_FORCE = """update offer_places set reading = $2, free = $3, taken_since = 0, maximum = coalesce($4::int, $5::int)
where offer = $1"""
_BEFORE = """select id, free, as_of from capacity_reading
where offer = $1 and unit = $2 and voids is null and voided_at is null
order by as_of desc, recorded_at desc, id desc limit 1"""
_TOLD_MAXIMUM = """select maximum from capacity_reading
where offer = $1 and unit = $2 and maximum is not null and voids is null and voided_at is null
order by as_of desc, recorded_at desc, id desc limit 1"""
_AGAIN = """update offer_places set reading = $2, free = $3, taken_since = taken_since + $4::int, maximum = $5
where offer = $1"""


@retrying
async def report_reading(offer: UUID, said: Said, *, actor: Actor, source: str | None = None) -> UUID:
    """Add a reading and put it in force unless a newer one stands; its id (the first one's for a known source_ref).

    In force, it becomes the offer's free places, from which holds still count and places taken since start at 0;
    no hold is cancelled. A reading in another unit than the offer's own is kept beside it and steers nothing.
    `source`: declared, observed, reported or imported; by default as the actor is (see `source_of`).
    Raises NotFound, NotAllowed, Refused("invalid").
    """
    moment = clock.now()
    as_of = moment_of(said.as_of, moment)
    problems = problems_of(said, as_of, moment)
    if problems:
        raise Refused("invalid", problems)
    async with transaction(actor.scope) as sql:
        row = await sql.fetchrow("select institution, status, unit from offer where id = $1", offer)
        if row is None or row["status"] == "archived":
            raise NotFound
        told_by = source_of(actor, row["institution"])
        counter = await _counter(sql, offer)
        if said.source_ref is not None:
            known = await sql.fetchval("select id from capacity_reading where source_ref = $1", said.source_ref)
            if known is not None:
                return UUID(str(known))
        unit = said.unit or row["unit"]
        newest = unit == row["unit"] and (counter["as_of"] is None or counter["as_of"] <= as_of)
        # What was taken under the reading before stands on the new one, for an undo.
        stands = {"unit": unit, "source": source or told_by, "taken_before": counter["taken_since"] if newest else 0}
        made = await _add(sql, offer, said, as_of, actor, stands)
        if newest:
            await sql.execute(_IN_FORCE, offer, made, said.free, said.maximum, counter["told_maximum"])
            told = source or told_by
            await settle_proposals(sql, offer, made, said.free, as_of=as_of, source=told, by=actor.scope)
            await places_were_told(sql, offer)
            await tell_directory(sql, offer=offer)
        facts = {"free": said.free, "source": source or told_by}
        await record(Event.READING_ADD, by=actor.scope, subject=("offer", offer), facts=facts)
        return made


@retrying
async def undo_reading(reading: UUID, *, actor: Actor) -> UUID:
    """Take back the reading in force within a day: it is marked, a row says so, the one before is in force again.

    Places taken under the undone reading count on; the id of the offer comes back. Raises NotFound,
    Refused `already_undone`, `not_the_latest_reading`, `too_late_to_undo`.
    """
    async with transaction(actor.scope) as sql:
        row = await sql.fetchrow(
            """select r.*, o.institution, o.unit as own_unit from capacity_reading r join offer o on o.id = r.offer
            where r.id = $1 and r.voids is null""",
            reading,
        )
        if row is None:
            raise NotFound
        offer = UUID(str(row["offer"]))
        told_by = source_of(actor, row["institution"])
        if told_by != "declared" and row["account"] != actor.account:
            raise NotFound
        counter = await _counter(sql, offer)
        # Asked again behind the lock: two taps on „cofnij” must not void two readings.
        if await sql.fetchval("select voided_at from capacity_reading where id = $1", reading) is not None:
            raise Refused("already_undone")
        if row["unit"] == row["own_unit"] and counter["reading"] != reading:
            raise Refused("not_the_latest_reading")
        if row["recorded_at"] < clock.now() - UNDO_WITHIN:
            raise Refused("too_late_to_undo")
        await _void(sql, row, actor, told_by, steers=counter["reading"] == reading)
        await reopen_proposals(sql, reading)
        if counter["reading"] == reading:
            await places_were_told(sql, offer)
        await tell_directory(sql, offer=offer)
        await record(Event.READING_UNDO, by=actor.scope, subject=("offer", offer))
        return offer


async def _void(sql: asyncpg.Connection, row: asyncpg.Record, actor: Actor, told_by: str, *, steers: bool) -> None:
    """Mark a reading, add the row that says so, and where it was in force let the one before rule again."""
    moment = clock.now()
    await sql.execute("update capacity_reading set voided_at = $2 where id = $1", row["id"], moment)
    before = await sql.fetchrow(_BEFORE, row["offer"], row["unit"])
    await sql.execute(
        """insert into capacity_reading (id, offer, as_of, recorded_at, source, unit, free, account, voids)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        new_id(),
        row["offer"],
        before["as_of"] if before else moment,
        moment,
        told_by,
        row["unit"],
        before["free"] if before else None,
        actor.account,
        row["id"],
    )
    if steers:
        now_in_force = (before["id"], before["free"]) if before else (None, None)
        maximum = await sql.fetchval(_TOLD_MAXIMUM, row["offer"], row["unit"])
        await sql.execute(_AGAIN, row["offer"], *now_in_force, row["taken_before"], maximum)


async def _counter(sql: asyncpg.Connection, offer: UUID) -> asyncpg.Record:
    """The offer's counter, made if it has none, locked: readings of one offer follow one another."""
    await sql.execute(
        "insert into offer_places (offer, held, taken_since) values ($1, 0, 0) on conflict do nothing", offer
    )
    await sql.execute(_COUNTER, offer)
    return await sql.fetchrow(_RULING, offer)


async def _add(
    sql: asyncpg.Connection, offer: UUID, said: Said, as_of: datetime, actor: Actor, stands: dict[str, object]
) -> UUID:
    """A row of the ledger: what was said and, in `stands`, how it stands beside the rest."""
    made = new_id()
    values = {name: getattr(said, name) for name in (*NUMBERS, "from_when", "status", "note", "source_ref")}
    values |= {"id": made, "offer": offer, "as_of": as_of, "recorded_at": clock.now(), "account": actor.account}
    values |= {"by_group": to_json(said.by_group), **stands}
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    await sql.execute(
        f"insert into capacity_reading ({', '.join(values)}) values ({places})",  # noqa: S608 -- names of ours
        *values.values(),
    )
    return made
