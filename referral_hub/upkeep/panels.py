"""How long the number of an offer may still be relied on, said beside it on its public page."""

from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import connection
from referral_hub.directory.capacity import warsaw_day
from referral_hub.directory.freshness import Freshness, ahead, freshness
from referral_hub.directory.panels import Panel

_NUMBER = """select o.rhythm, r.as_of from offer o join offer_places p on p.offer = o.id
join capacity_reading r on r.id = p.reading where o.id = $1 and o.status = 'published'"""


async def offer_panel(offer: UUID, actor: Actor, language: str) -> Panel | None:
    """The day from which to ask first, and what comes later; None where no number was ever told."""
    async with connection() as sql:
        row = await sql.fetchrow(_NUMBER, offer)
    as_of = warsaw_day(row["as_of"]) if row else None
    if row is None or as_of is None:
        return None
    label = freshness(as_of, row["rhythm"], clock.today())
    if label is Freshness.CLOSED:
        return None
    facts = {"label": label.value, "days": ahead(as_of, row["rhythm"]), "rhythm": row["rhythm"]}
    return Panel("upkeep/offer_ahead.html", facts, "now")
