"""Questions about terms: of one offer, to its own editors and to everybody."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import connection
from referral_hub.directory.ownership import looks_after
from referral_hub.errors import NotFound
from referral_hub.timetable.terms import SHAPES, Placed, State, TermFacts, free_of, state_of
from referral_hub.vocabularies import book


class Term(Struct, frozen=True):
    """A term as it stands today; `free` None: no limit."""

    id: UUID
    offer: UUID
    facts: TermFacts
    taken: int
    version: int
    state: State
    free: int | None


class TermOffer(Struct, frozen=True):
    """An offer that has terms."""

    id: UUID
    title: str
    form: str
    shape: str
    status: str
    institution: UUID
    institution_name: str


_OFFER = """select o.id, o.title, o.form, o.status, o.institution, i.name as institution_name
from offer o join institution i on i.id = o.institution where o.id = $1"""
_TERMS = "select * from offer_term where"
_ORDER = "order by coalesce(starts_on, apply_by), made_at, id"


async def own_term_offer(offer: UUID, actor: Actor) -> TermOffer:
    """An offer with terms that the actor looks after. Raises NotFound."""
    found = await term_offer(offer)
    if not looks_after(actor, found.institution):
        raise NotFound
    return found


async def term_offer(offer: UUID) -> TermOffer:
    """An offer with terms. Raises NotFound for one of another shape."""
    async with connection() as sql:
        row = await sql.fetchrow(_OFFER, offer)
    shape = book.shape(row["form"]) if row else ""
    if row is None or shape not in SHAPES:
        raise NotFound
    return TermOffer(shape=shape, **dict(row))


async def terms_of(offer: UUID) -> list[Term]:
    """All terms of an offer, by day."""
    async with connection() as sql:
        rows = await sql.fetch(f"{_TERMS} offer = $1 {_ORDER}", offer)
    return [as_term(row, clock.today()) for row in rows]


async def next_terms(offer: UUID) -> list[Term]:
    """Terms that are not over and not withdrawn, those one may apply for first."""
    shown = [term for term in await terms_of(offer) if term.state not in ("over", "cancelled")]
    return sorted(shown, key=lambda term: term.state != "open")


async def term_of(offer: UUID, term: UUID) -> Term:
    """One term of this offer. Raises NotFound."""
    async with connection() as sql:
        row = await sql.fetchrow(f"{_TERMS} id = $1 and offer = $2", term, offer)
    if row is None:
        raise NotFound
    return as_term(row, clock.today())


def as_term(row: Mapping[str, Any], today: date) -> Term:
    """A row of `offer_term` as it stands on a day."""
    facts = TermFacts(**{name: row[name] for name in TermFacts.__struct_fields__})
    placed = Placed(row["status"], facts.apply_by, facts.starts_on, facts.ends_on, facts.places, row["taken"])
    return Term(
        id=row["id"],
        offer=row["offer"],
        facts=facts,
        taken=row["taken"],
        version=row["version"],
        state=state_of(placed, today),
        free=free_of(placed),
    )
