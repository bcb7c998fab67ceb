"""Questions about the exchange of services: lines that are open, exchanges of one side or of all."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.barter.course import acts_open
from referral_hub.barter.pairing import Line, Suggestion, suggest
from referral_hub.barter.schemas import Agreed, SeenLine
from referral_hub.database.transaction import connection
from referral_hub.directory.ownership import looks_after
from referral_hub.errors import NotFound
from referral_hub.vocabularies import book

SHAPE = "exchange"
_LINES = """select l.id, l.offer, o.institution, i.name as institution_name, l.side, l.subject, l.text, l.amount,
 l.until from barter_line l join offer o on o.id = l.offer join institution i on i.id = o.institution"""
_OPEN = "l.ended_at is null and (l.until is null or l.until >= $1)"
# An offer shown by category only names its institution to nobody, so it is matched with nothing.
_SHOWN = """o.status = 'published' and i.status = 'published' and not o.by_category
and (o.visible_from is null or o.visible_from <= $1)"""
_ORDER = "order by l.side, l.made_at, l.id"
_EXCHANGES = """select e.*, g.offer as given_offer, w.offer as wanted_offer from barter_exchange e
join barter_line g on g.id = e.offered join barter_line w on w.id = e.wanted
join offer go on go.id = g.offer join offer wo on wo.id = w.offer"""


async def own_exchange(offer: UUID, actor: Actor) -> dict[str, Any]:
    """id, title, institution of an offer of exchange the actor looks after. Raises NotFound."""
    async with connection() as sql:
        row = await sql.fetchrow("select id, title, institution, form, status from offer where id = $1", offer)
    if row is None or book.shape(row["form"]) != SHAPE or not looks_after(actor, row["institution"]):
        raise NotFound
    return dict(row)


async def lines_of(offer: UUID) -> list[SeenLine]:
    """Open lines of one offer, what is offered first."""
    async with connection() as sql:
        rows = await sql.fetch(f"{_LINES} where {_OPEN} and l.offer = $2 {_ORDER}", clock.today(), offer)
    return [SeenLine(**dict(row)) for row in rows]


async def open_lines() -> list[SeenLine]:
    """Every open line of the public directory."""
    async with connection() as sql:
        rows = await sql.fetch(f"{_LINES} where {_OPEN} and {_SHOWN} {_ORDER}", clock.today())
    return [SeenLine(**dict(row)) for row in rows]


async def suggestions() -> tuple[list[Suggestion], dict[UUID, SeenLine]]:
    """What fits together now, and the lines by id; what was once proposed is not suggested again."""
    lines = await open_lines()
    async with connection() as sql:
        rows = await sql.fetch("select offered, wanted from barter_exchange")
    tried = frozenset((row["offered"], row["wanted"]) for row in rows)
    seen = [Line(one.id, one.offer, one.institution, one.side, one.subject, one.text) for one in lines]
    return suggest(seen, tried), {one.id: one for one in lines}


async def exchanges_of(institution: UUID) -> list[Agreed]:
    """Exchanges of one side: those that run first, the newest first."""
    return await _exchanges("go.institution = $1 or wo.institution = $1", institution, side=institution)


async def all_exchanges() -> list[Agreed]:
    """Every exchange, for the coordinator."""
    return await _exchanges("true")


async def _exchanges(where: str, *arguments: UUID, side: UUID | None = None) -> list[Agreed]:
    async with connection() as sql:
        rows = await sql.fetch(
            f"""{_EXCHANGES} where {where}
            order by e.state not in ('proposed', 'agreed'), e.changed_at desc, e.id limit 200""",
            *arguments,
        )
        ids = {row[name] for row in rows for name in ("offered", "wanted")}
        lines = await _by_id(sql, ids)
    return [_agreed(row, lines, side) for row in rows]


async def _by_id(sql: Any, ids: Iterable[UUID]) -> dict[UUID, SeenLine]:
    rows = await sql.fetch(f"{_LINES} where l.id = any($1::uuid[])", list(ids))
    return {row["id"]: SeenLine(**dict(row)) for row in rows}


def _agreed(row: Mapping[str, Any], lines: Mapping[UUID, SeenLine], side: UUID | None) -> Agreed:
    names = ("id", "state", "word", "proposed_by", "made_at", "changed_at")
    return Agreed(
        **{name: row[name] for name in names},
        given=lines[row["offered"]],
        wanted=lines[row["wanted"]],
        acts=tuple(acts_open(row["state"], row["proposed_by"], side)) if side else (),
    )
