"""The short code from a person's card: opens the own page, and the names on it.

Wrong tries count over all cards of the person; after MOST_WRONG nothing opens for a while, whoever asks. What comes
back says neither that a person is known here nor that the pause has begun, and takes the same questions either way.
"""

import hmac
from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.links import Link, code_digest, letters_of
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.transaction import SYSTEM, Scope, retrying, transaction

MOST_WRONG: Final = 5
PAUSE: Final = timedelta(minutes=15)
_CARDS = """select id, kind, institution, subject, address, code, ends_at, used_at, revoked_at, spoken_code,
 wrong_codes, wrong_at from link where kind = 'p' and subject = $1 and spoken_code is not null and revoked_at is null
 and ends_at > $2 order by made_at desc, id for update"""
_TRIED = "update link set wrong_codes = $2, wrong_at = $3 where kind = 'p' and subject = $1 and revoked_at is null"


@retrying
async def card_opened_by(person: UUID | None, typed: str, *, by: Scope, earlier: Collection[UUID] = ()) -> Link | None:
    """The person's card with this code; None for a wrong one, within the pause, and where nobody is known (`person`
    None). `earlier`: entries that became this one, whose cards were made under their own ids."""
    moment, wanted = clock.now(), [code_digest(one, typed) for one in (person, *earlier)]
    async with transaction(SYSTEM) as sql:
        rows = await sql.fetch(_CARDS, person, moment)
        tried = max((row["wrong_codes"] for row in rows if (row["wrong_at"] or moment) > moment - PAUSE), default=0)
        fitting = [row for row in rows if any(hmac.compare_digest(row["spoken_code"], one) for one in wanted)]
        opens = bool(fitting) and tried < MOST_WRONG and bool(letters_of(typed))
        # The pause is not drawn out by whoever goes on trying.
        wrong = 0 if opens else min(tried + 1, MOST_WRONG)
        last = None if opens else rows[0]["wrong_at"] if rows and tried >= MOST_WRONG else moment
        await sql.execute(_TRIED, person, wrong, last)
        event = Event.LINK_UNLOCK if opens else Event.LINK_LOCK if wrong >= MOST_WRONG else Event.LINK_WRONG_CODE
        await record(event, by=by, subject=("link", rows[0]["id"] if rows else None), facts={"wrong": wrong})
    if not opens:
        return None
    return Link(**{name: fitting[0][name] for name in Link.__struct_fields__})
