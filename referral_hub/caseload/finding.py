"""Looking for a case: by words that are no name, or by a person's exact label through its blind index.

A label never reaches an address: it is posted, found or not found, and goes on as the person's id. Every look is a line
in the audit, every person found one in the disclosures.
"""

from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import blind_index
from referral_hub.database.transaction import transaction
from referral_hub.participants.disclosures import log_opening

_BY_LABEL = """select id, case_code from participant where institution = $1 and label_index = $2
order by last_used_at desc limit 10"""


async def people_called(actor: Actor, label: str) -> list[tuple[UUID, str]]:
    """(id, case code) of the own institution's people whose label is exactly this, logged; none for other roles."""
    if not label.strip() or not actor.may(Permission.PERSON_READ) or actor.institution is None:
        return []
    actor = actor.acting_for(Permission.PERSON_READ)
    async with transaction(actor.scope) as sql:
        rows = await sql.fetch(_BY_LABEL, actor.institution, blind_index(label))
        for row in rows:
            await log_opening(sql, participant=row["id"], fields=["label"], by=actor.scope, purpose="search")
        if rows:
            await record(Event.PERSON_FIND, by=actor.scope, facts={"found": len(rows)})
    return [(row["id"], row["case_code"]) for row in rows]
