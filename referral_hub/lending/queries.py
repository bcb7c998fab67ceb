"""Questions about what is lent: to everybody when it is free, to its two sides who has it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import structs

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import connection
from referral_hub.directory.confidential import face, without
from referral_hub.directory.confidential_queries import kept_from
from referral_hub.directory.details import Lending, read_details
from referral_hub.directory.ownership import looks_after
from referral_hub.directory.read_model_refresh import directory
from referral_hub.errors import NotFound
from referral_hub.lending.intervals import Span
from referral_hub.lending.schemas import Booked, Lent

_LENT = """select o.id, o.title, o.form, o.status, o.details, o.institution as owner, i.name as owner_name,
 i.language as owner_language from offer o join institution i on i.id = o.institution where o.id = $1"""
_BOOKED = """select b.id, b.offer, o.title, o.institution as owner, i.name as owner_name, b.borrower,
 other.name as borrower_name, b.starts_at, b.ends_at, b.pieces, b.purpose, b.state, b.word, b.made_at
from booking b join offer o on o.id = b.offer join institution i on i.id = o.institution
 join institution other on other.id = b.borrower"""
TAKES = ("asked", "confirmed")
"""States that keep the pieces: what was asked for is kept until somebody answers."""


def lent_of(row: Mapping[str, Any] | None) -> Lent:
    """A row of offer and owner as a resource that is lent. Raises NotFound for an offer of another kind."""
    details = read_details(row["form"], msgspec.json.decode(row["details"])) if row else None
    if row is None or not isinstance(details, Lending) or row["status"] == "archived":
        raise NotFound
    names = ("id", "title", "status", "owner", "owner_name", "owner_language")
    return Lent(details=details, **{name: row[name] for name in names})


async def lent(offer: UUID, actor: Actor) -> Lent:
    """A resource as the public directory shows it to this reader: without words that tell where a hidden place is.

    Raises NotFound, also for the public where the owner shows it by category only.
    """
    public = (await directory()).cards.get(str(offer))
    if public is None:
        raise NotFound
    async with connection() as sql:
        found = lent_of(await sql.fetchrow(_LENT, offer))
    if looks_after(actor, found.owner):
        return found
    card = face(public, staff=actor.kind == "account" and actor.may(Permission.DIRECTORY_STAFF))
    if card.by_category:
        raise NotFound
    secrets = await kept_from(actor, offer)
    texts = {name: without(getattr(found.details, name), secrets) for name in ("conditions", "lending_hours")}
    details = structs.replace(found.details, **texts) if secrets else found.details
    return structs.replace(found, title=card.titles["pl"], owner_name=card.partner.name, details=details)


async def own_lent(offer: UUID, actor: Actor) -> Lent:
    """A resource whose bookings the actor looks after. Raises NotFound."""
    async with connection() as sql:
        found = lent_of(await sql.fetchrow(_LENT, offer))
    if not looks_after(actor, found.owner):
        raise NotFound
    return found


async def spans_of(offer: UUID, start: datetime, end: datetime) -> list[Span]:
    """What is kept or away in [start, end): times and pieces, nothing of whom or why."""
    async with connection() as sql:
        rows = await sql.fetch(
            """select starts_at, ends_at, pieces from booking
            where offer = $1 and state in ('asked', 'confirmed') and starts_at < $3 and $2 < ends_at order by 1""",
            offer,
            start,
            end,
        )
    return [Span(row["starts_at"], row["ends_at"], row["pieces"]) for row in rows]


async def booked_between(offer: UUID, start: datetime, end: datetime) -> list[Booked]:
    """Bookings in [start, end) that keep pieces, for those who may know whose."""
    async with connection() as sql:
        rows = await sql.fetch(
            f"""{_BOOKED} where b.offer = $1 and b.state in ('asked', 'confirmed')
            and b.starts_at < $3 and $2 < b.ends_at order by b.starts_at, b.id""",
            offer,
            start,
            end,
        )
    return [Booked(**dict(row)) for row in rows]


async def bookings_of(offer: UUID) -> list[Booked]:
    """For the owner: what waits for an answer first, then what is ahead, then the last that are over."""
    return await _ordered("b.offer = $1", offer)


async def borrowed_by(institution: UUID) -> list[Booked]:
    """For the borrower: what is ahead first, then the last that are over or were refused."""
    return await _ordered("b.borrower = $1", institution)


async def waiting_for(institution: UUID) -> list[Booked]:
    """Requests for what this institution lends that nobody has answered yet, the soonest first."""
    async with connection() as sql:
        rows = await sql.fetch(
            f"{_BOOKED} where o.institution = $1 and b.state = 'asked' and b.ends_at > $2 order by b.starts_at, b.id",
            institution,
            clock.now(),
        )
    return [Booked(**dict(row)) for row in rows]


async def _ordered(where: str, key: UUID) -> list[Booked]:
    now = clock.now()
    async with connection() as sql:
        rows = await sql.fetch(
            f"""{_BOOKED} where {where} order by (b.state = 'asked' and b.ends_at > $2) desc,
            (b.state = 'confirmed' and b.ends_at > $2) desc,
            case when b.ends_at > $2 then b.starts_at end, b.starts_at desc, b.id limit 200""",
            key,
            now,
        )
    return [Booked(**dict(row)) for row in rows]


async def booking(booking_id: UUID, actor: Actor) -> Booked:
    """One booking, for its owner's or its borrower's side. Raises NotFound."""
    async with connection() as sql:
        row = await sql.fetchrow(f"{_BOOKED} where b.id = $1", booking_id)
    if row is None or not (looks_after(actor, row["owner"]) or borrows(actor, row["borrower"])):
        raise NotFound
    return Booked(**dict(row))


def borrows(actor: Actor, institution: UUID) -> bool:
    """Whether the actor speaks for the institution that borrows."""
    return actor.kind == "account" and actor.institution == institution
