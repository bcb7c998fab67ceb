"""What the coordinator looks after here: calls, what partners changed, how fresh the network is."""

from typing import Final

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.care import Care
from referral_hub.database.transaction import connection


async def calls_due(actor: Actor) -> int:
    """Call tasks whose day has come."""
    async with connection() as sql:
        due = await sql.fetchval("select count(*) from call_task where done_at is null and due_on <= $1", clock.today())
    return int(due)


CALLS: Final = Care(
    "/calls",
    "Partners to call",
    "They no longer answer our mails; the number to dial and three buttons for what was heard.",
    count=calls_due,
)
CHANGES: Final = Care(
    "/partner-changes",
    "Changed by partners",
    "Phones and replacements told by the link from mail; each can be taken back.",
)
BOARD: Final = Care(
    "/freshness", "Freshness board", "How many offers have a fresh number, by kind, gmina, institution and rhythm."
)
