"""Ask for a time, confirm, refuse, cancel. Nothing is ever given to two: each change holds the offer's row."""

from datetime import datetime
from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import retrying, transaction
from referral_hub.directory.hours import read_hours
from referral_hub.directory.ownership import looks_after
from referral_hub.errors import NotFound, Problem, Refused
from referral_hub.lending.asking import BORROWER_ACTS, MOST_WAITING, OWNER_ACTS, PURPOSE_MOST, asking_problems
from referral_hub.lending.emails import tell_borrower, tell_owner
from referral_hub.lending.intervals import most_at_once, within_hours
from referral_hub.lending.queries import borrows, lent_of, spans_of
from referral_hub.lending.schemas import Lent

# Whoever asks next waits here; rows that only point to the offer (readings, referrals) do not.
_LOCKED = """select o.id, o.title, o.form, o.status, o.details, o.institution as owner, i.name as owner_name,
 i.language as owner_language from offer o join institution i on i.id = o.institution
where o.id = $1 for no key update of o"""


@retrying
async def ask(
    offer: UUID, start: datetime, end: datetime, *, actor: Actor, pieces: int = 1, purpose: str = ""
) -> tuple[UUID, str]:
    """Ask for `pieces` in [start, end) for the actor's institution; the booking's id and its state.

    It is confirmed at once where the owner asks, or where the offer says so and the time lies in its hours.
    Raises NotFound, Refused("invalid"), Refused `booking_taken` with how many are free, `too_many_asked`.
    """
    async with transaction(actor.scope) as sql:
        one = lent_of(await sql.fetchrow(_LOCKED, offer))
        if actor.institution is None or (one.status != "published" and not looks_after(actor, one.owner)):
            raise NotFound
        problems = asking_problems(start, end, pieces, one.details.pieces, clock.now())
        if len(purpose) > PURPOSE_MOST:
            problems.append(Problem("purpose", "too_long", {"most": PURPOSE_MOST, "length": len(purpose)}))
        if "\x00" in purpose:
            problems.append(Problem("purpose", "bad_characters"))
        if problems:
            raise Refused("invalid", problems)
        await _check_free(one, start, end, pieces)
        own = actor.institution == one.owner
        state = "confirmed" if own or _confirms_itself(one, start, end) else "asked"
        if state == "asked":
            await _check_patience(sql, offer, actor.institution)
        made, moment = new_id(), clock.now()
        await sql.execute(
            """insert into booking (id, offer, borrower, account, starts_at, ends_at, pieces, purpose, state, word,
            version, made_at, decided_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', 1, $10, $11)""",
            made, offer, actor.institution, actor.account, start, end, pieces, purpose, state, moment,
            moment if state == "confirmed" else None,
        )  # fmt: skip
        await record(Event.BOOKING_ASK, by=actor.scope, subject=("booking", made), facts={"state": state})
        if not own:
            await tell_owner(sql, one, actor.institution, state, start, end)
        return made, state


async def _check_free(one: Lent, start: datetime, end: datetime, pieces: int) -> None:
    free = max(0, one.details.pieces - most_at_once(await spans_of(one.id, start, end), start, end))
    if pieces > free:
        field = "pieces" if free else "from_hour"
        raise Refused("booking_taken", [Problem(field, "booking_taken", {"free": free})])


def _confirms_itself(one: Lent, start: datetime, end: datetime) -> bool:
    hours = one.details.lending_hours
    return one.details.confirms_itself and (not hours or within_hours(read_hours(hours), start, end))


async def _check_patience(sql: asyncpg.Connection, offer: UUID, borrower: UUID) -> None:
    waiting = await sql.fetchval(
        "select count(*) from booking where offer = $1 and borrower = $2 and state = 'asked' and ends_at > $3",
        offer,
        borrower,
        clock.now(),
    )
    if waiting >= MOST_WAITING:
        raise Refused("too_many_asked", number=MOST_WAITING)


@retrying
async def decide(booking: UUID, act: str, *, actor: Actor, word: str = "") -> str:
    """Confirm, refuse or cancel; the state after it. The same act again changes nothing.

    Raises NotFound, Refused `booking_decided` where it can no longer be done, `booking_over` when its time is past.
    """
    async with transaction(actor.scope) as sql:
        row = await sql.fetchrow(
            """select b.*, o.institution as owner, o.title from booking b join offer o on o.id = b.offer
            where b.id = $1 for no key update of b""",
            booking,
        )
        if row is None:
            raise NotFound
        owner, borrower = looks_after(actor, row["owner"]), borrows(actor, row["borrower"])
        acts = {**(BORROWER_ACTS if borrower else {}), **(OWNER_ACTS if owner else {})}
        if owner and borrower:
            acts["cancel"] = BORROWER_ACTS["cancel"]
        if act not in acts:
            raise NotFound
        before, after = acts[act]
        if row["state"] == after:
            return after
        if row["state"] not in before:
            raise Refused("booking_decided")
        if row["ends_at"] <= clock.now():
            raise Refused("booking_over")
        await sql.execute(
            "update booking set state = $2, word = $3, decided_at = $4, version = version + 1 where id = $1",
            booking,
            after,
            word,
            clock.now(),
        )
        await record(Event.BOOKING_DECIDE, by=actor.scope, subject=("booking", booking), facts={"state": after})
        if borrower and not owner:
            one = lent_of(await sql.fetchrow(_LOCKED.replace("for no key update of o", ""), row["offer"]))
            await tell_owner(sql, one, row["borrower"], after, row["starts_at"], row["ends_at"])
        elif row["owner"] != row["borrower"]:
            await tell_borrower(sql, row, after)
        return after
