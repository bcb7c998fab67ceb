"""A letter about a person that somebody was handed: a disclosure line and a line of the audit, in one transaction."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.transaction import Scope, transaction
from referral_hub.participants.disclosures import disclosure_line

HANDED: Final = "handed"


async def note_letter(
    letter: str, *, by: Scope, participant: UUID, fields: Collection[str], task: UUID | None = None
) -> None:
    """`letter`: card, certificate, disclosures or withdrawal; `fields` what of the person stands on it.

    What persons print for themselves is no disclosure: it stands in the audit alone.
    """
    async with transaction(by) as sql:
        if by.kind != "participant":
            line = disclosure_line(
                kind=HANDED, participant=participant, fields=fields, by=by, task=task, purpose=f"letter.{letter}"
            )
            await sql.execute(line.text, *line.values)
        await record(Event.LETTER_HAND, by=by, subject=("participant", participant), facts={"letter": letter})
