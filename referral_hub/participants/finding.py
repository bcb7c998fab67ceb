"""Looking for a person by what was typed: a case code, or the words of the label through their blind index.

A label never reaches an address. Every look by label is a line in the audit, every person found so one in the
disclosures.
"""

from typing import Final

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.transaction import transaction
from referral_hub.participants.disclosures import log_opening
from referral_hub.participants.queries import PersonRow, people_seen_by

MOST: Final = 8


async def people_called(typed: str, actor: Actor, *, by_code: bool = True) -> list[PersonRow]:
    """At most MOST of the own institution's people called so, in any order of the words, or with this case code.

    The last used come first; whoever may not read people finds nobody. `by_code` false leaves the case code out.
    """
    if not typed.strip() or not actor.may(Permission.PERSON_READ) or actor.institution is None:
        return []
    found = (await people_seen_by(actor, label=typed, per_page=MOST)).items
    by_label = await noted(typed, found, actor)
    return found if by_code else by_label


async def noted(typed: str, found: list[PersonRow], actor: Actor) -> list[PersonRow]:
    """Write down who of these was found by the label; them."""
    by_label = [row for row in found if row.case_code != typed.strip().upper()]
    if by_label:
        reader = actor.acting_for(Permission.PERSON_READ)
        async with transaction(reader.scope) as sql:
            for row in by_label:
                await log_opening(sql, participant=row.id, fields=["label"], by=reader.scope, purpose="search")
            await record(Event.PERSON_FIND, by=reader.scope, facts={"found": len(by_label)})
    return by_label
