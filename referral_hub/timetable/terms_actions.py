"""Plan, change, close and cancel terms; take and give back their places by conditional updates."""

from uuid import UUID

import asyncpg
from msgspec import structs

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import Problem, Refused, Stale
from referral_hub.institutions.changes import tell_directory
from referral_hub.timetable.terms import STATUSES, TermFacts, term_problems
from referral_hub.timetable.terms_queries import own_term_offer, term_of

MOST_TERMS = 200

# Whoever comes to the last place at the same moment waits for the row, and then it is full.
_TAKE = """update offer_term set taken = taken + 1 where id = $1 and offer = $2 and status = 'open'
 and (places is null or taken < places) and (apply_by is null or apply_by >= $3)
 and (ends_on is null or ends_on >= $3) and (apply_by is not null or starts_on is null or starts_on >= $3)
returning id"""
_GIVE_BACK = "update offer_term set taken = taken - 1 where id = $1 and taken > 0"


async def take_place(sql: asyncpg.Connection, offer: UUID, term: UUID) -> bool:
    """Take a place of a term one may apply for today, in the caller's transaction; whether there was one."""
    return await sql.fetchval(_TAKE, term, offer, clock.today()) is not None


async def give_place_back(sql: asyncpg.Connection, term: UUID) -> None:
    """A place taken by `take_place` is free again."""
    await sql.execute(_GIVE_BACK, term)


@retrying
async def add_term(offer: UUID, facts: TermFacts, *, actor: Actor) -> UUID:
    """A new term, open at once; its id. Raises NotFound, Refused("invalid"), Refused `too_many_terms`."""
    problems = term_problems(facts, clock.today())
    if problems:
        raise Refused("invalid", problems)
    async with transaction(actor.scope) as sql:
        await own_term_offer(offer, actor)
        if await sql.fetchval("select count(*) from offer_term where offer = $1", offer) >= MOST_TERMS:
            raise Refused("too_many_terms", most=MOST_TERMS)
        made, moment = new_id(), clock.now()
        values = {"id": made, "offer": offer, **structs.asdict(facts), "made_at": moment, "updated_at": moment}
        places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        await sql.execute(
            f"insert into offer_term ({', '.join(values)}) values ({places})",  # noqa: S608 -- names of ours
            *values.values(),
        )
        await _told(sql, offer, made, actor, "added")
        return made


@retrying
async def edit_term(offer: UUID, term: UUID, facts: TermFacts, *, actor: Actor, version: int | None = None) -> None:
    """Change what is said of a term; never to fewer places than are taken. Raises NotFound, Stale, Refused."""
    async with transaction(actor.scope) as sql:
        await own_term_offer(offer, actor)
        await sql.fetchval("select true from offer_term where id = $1 for no key update", term)
        stands = await term_of(offer, term)
        if version is not None and stands.version != version:
            raise Stale
        problems = term_problems(facts, clock.today(), taken=stands.taken)
        if problems:
            raise Refused("invalid", problems)
        if facts == stands.facts:
            return
        values = structs.asdict(facts)
        columns = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, start=3))
        await sql.execute(
            f"update offer_term set {columns}, version = version + 1, updated_at = $2 where id = $1",  # noqa: S608 -- ours
            term,
            clock.now(),
            *values.values(),
        )
        await _told(sql, offer, term, actor, "changed")


@retrying
async def set_term_status(offer: UUID, term: UUID, status: str, *, actor: Actor) -> None:
    """Open, close or cancel; again changes nothing. Those who have a place keep it and see that it was cancelled."""
    if status not in STATUSES:
        raise Refused("invalid", [Problem("status", "not_a_choice")])
    async with transaction(actor.scope) as sql:
        await own_term_offer(offer, actor)
        await term_of(offer, term)
        changed = await sql.fetchval(
            """update offer_term set status = $2, version = version + 1, updated_at = $3
            where id = $1 and status <> $2 returning id""",
            term,
            status,
            clock.now(),
        )
        if changed is not None:
            await _told(sql, offer, term, actor, status)


async def _told(sql: asyncpg.Connection, offer: UUID, term: UUID, actor: Actor, what: str) -> None:
    await tell_directory(sql, offer=offer)
    await record(Event.TERM_PLAN, by=actor.scope, subject=("offer", offer), facts={"term": str(term), "what": what})
