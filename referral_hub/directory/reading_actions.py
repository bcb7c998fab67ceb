"""Tell how many places are free, and take it back: the ledger is only added to, the counter follows it.

The ledger row, the counter, the directory's new version, the audit line: one transaction each.
"""

from datetime import date, datetime, time, timedelta
from uuid import UUID

import asyncpg
from msgspec import Struct, structs

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import retrying, transaction
from referral_hub.directory.ownership import source_of
from referral_hub.errors import NotFound, Problem, Refused
from referral_hub.institutions.changes import tell_directory

MOST = 9999
"""More places than any unit has: above it a number is a slip of the finger."""
OLDEST = timedelta(days=3660)
UNDO_WITHIN = timedelta(hours=24)
SAID = ("", "waitlist", "additional-assessment-required")
NUMBERS = (
    "free", "maximum", "taken", "referred", "allocated", "arrived", "waiting", "waiting_days", "free_women", "free_men",
)  # fmt: skip


class Said(Struct, frozen=True, kw_only=True):
    """What somebody says about places, kept as given: sums need not agree, units may be over capacity.

    `as_of`: when it was true (a day is its noon in Warsaw; None: now). `status`: "" or how people get in beyond
    the number (waitlist, additional-assessment-required). `source_ref`: an import's row; the same one twice is
    one reading.
    """

    free: int | None
    maximum: int | None = None
    taken: int | None = None
    referred: int | None = None
    allocated: int | None = None
    arrived: int | None = None
    waiting: int | None = None
    waiting_days: int | None = None
    free_women: int | None = None
    free_men: int | None = None
    from_when: date | None = None
    status: str = ""
    note: str = ""
    as_of: date | datetime | None = None
    source_ref: str | None = None


@retrying
async def report_reading(offer: UUID, said: Said, *, actor: Actor, source: str | None = None) -> UUID:
    """Add a reading and put it in force unless a newer one stands; its id (the first one's for a known source_ref).

    In force, it becomes the offer's free places, from which holds still count and places taken since start at 0;
    no hold is cancelled. What it leaves unsaid of `maximum` is taken over from the reading before. `source`:
    declared, observed, reported or imported; by default as the actor is (see `source_of`).
    Raises NotFound, NotAllowed, Refused("invalid").
    """
    moment = clock.now()
    as_of = _moment_of(said.as_of, moment)
    problems = _problems(said, as_of, moment)
    if problems:
        raise Refused("invalid", problems)
    async with transaction(actor.scope) as sql:
        row = await sql.fetchrow("select institution, status from offer where id = $1", offer)
        if row is None or row["status"] == "archived":
            raise NotFound
        told_by = source_of(actor, row["institution"])
        counter = await _counter(sql, offer)
        if said.source_ref is not None:
            known = await sql.fetchval("select id from capacity_reading where source_ref = $1", said.source_ref)
            if known is not None:
                return UUID(str(known))
        before = await _in_force(sql, counter["reading"])
        if said.maximum is None and before is not None:
            said = structs.replace(said, maximum=before["maximum"])
        newest = before is None or before["as_of"] <= as_of
        # What was taken under the reading before stands on the new one, for an undo.
        taken_before = counter["taken_since"] if newest else 0
        made = await _add(sql, offer, said, as_of, source or told_by, actor, taken_before)
        if newest:
            await sql.execute(
                "update offer_places set reading = $2, free = $3, taken_since = 0 where offer = $1",
                offer,
                made,
                said.free,
            )
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
            """select r.*, o.institution from capacity_reading r join offer o on o.id = r.offer
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
        if counter["reading"] != reading:
            raise Refused("not_the_latest_reading")
        if row["recorded_at"] < clock.now() - UNDO_WITHIN:
            raise Refused("too_late_to_undo")
        await _void(sql, offer, reading, actor, told_by)
        await tell_directory(sql, offer=offer)
        await record(Event.READING_UNDO, by=actor.scope, subject=("offer", offer))
        return offer


async def _void(sql: asyncpg.Connection, offer: UUID, reading: UUID, actor: Actor, told_by: str) -> None:
    moment = clock.now()
    await sql.execute("update capacity_reading set voided_at = $2 where id = $1", reading, moment)
    before = await sql.fetchrow(
        """select id, free, as_of, taken_before from capacity_reading
        where offer = $1 and voids is null and voided_at is null
        order by as_of desc, recorded_at desc, id desc limit 1""",
        offer,
    )
    await sql.execute(
        """insert into capacity_reading (id, offer, as_of, recorded_at, source, free, account, voids)
        values ($1, $2, $3, $4, $5, $6, $7, $8)""",
        new_id(),
        offer,
        before["as_of"] if before else moment,
        moment,
        told_by,
        before["free"] if before else None,
        actor.account,
        reading,
    )
    await sql.execute(
        """update offer_places p set reading = $2, free = $3, taken_since = p.taken_since + r.taken_before
        from capacity_reading r where p.offer = $1 and r.id = $4""",
        offer,
        before["id"] if before else None,
        before["free"] if before else None,
        reading,
    )


async def _counter(sql: asyncpg.Connection, offer: UUID) -> asyncpg.Record:
    """The offer's counter, made if it has none, locked: readings of one offer follow one another."""
    await sql.execute(
        "insert into offer_places (offer, held, taken_since) values ($1, 0, 0) on conflict do nothing", offer
    )
    return await sql.fetchrow("select reading, taken_since from offer_places where offer = $1 for update", offer)


async def _in_force(sql: asyncpg.Connection, reading: UUID | None) -> asyncpg.Record | None:
    if reading is None:
        return None
    return await sql.fetchrow("select as_of, maximum from capacity_reading where id = $1", reading)


async def _add(
    sql: asyncpg.Connection, offer: UUID, said: Said, as_of: datetime, source: str, actor: Actor, taken_before: int
) -> UUID:
    made = new_id()
    values = {name: getattr(said, name) for name in (*NUMBERS, "from_when", "status", "note", "source_ref")}
    values |= {"id": made, "offer": offer, "as_of": as_of, "recorded_at": clock.now(), "source": source}
    values |= {"account": actor.account, "taken_before": taken_before}
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    await sql.execute(
        f"insert into capacity_reading ({', '.join(values)}) values ({places})",  # noqa: S608 -- names of ours
        *values.values(),
    )
    return made


def _moment_of(as_of: date | datetime | None, moment: datetime) -> datetime:
    if as_of is None:
        return moment
    if isinstance(as_of, datetime):
        return as_of if as_of.tzinfo else as_of.replace(tzinfo=clock.WARSAW)
    if as_of == moment.astimezone(clock.WARSAW).date():
        return moment
    return datetime.combine(as_of, time(12), clock.WARSAW)


def _problems(said: Said, as_of: datetime, moment: datetime) -> list[Problem]:
    found = [
        Problem(name, "out_of_range", {"least": 0, "most": MOST})
        for name in NUMBERS
        if (number := getattr(said, name)) is not None and not 0 <= number <= MOST
    ]
    if as_of > moment:
        found.append(Problem("as_of", "as_of_in_future"))
    elif as_of < moment - OLDEST:
        found.append(Problem("as_of", "date_too_early", {"earliest": (moment - OLDEST).date()}))
    if said.status not in SAID:
        found.append(Problem("status", "not_a_choice"))
    if len(said.note) > 500:
        found.append(Problem("note", "too_long", {"most": 500, "length": len(said.note)}))
    if said.from_when is not None and said.from_when > moment.date() + timedelta(days=730):
        found.append(Problem("from_when", "date_too_late", {"latest": moment.date() + timedelta(days=730)}))
    return found
