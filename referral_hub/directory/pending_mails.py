"""What an institution is told of a decision about its change: which fields, which word; business facts only."""

from collections.abc import Sequence

import asyncpg

from referral_hub.directory.entries import Entry
from referral_hub.directory.queries import mail_address
from referral_hub.mail.actions import queue
from referral_hub.settings import settings
from referral_hub.web.wording import sentence_of

EDIT_DECIDED = "edit_decided"
PAGES = {"offer": "/my-offers/{}", "site": "/my-offers/places/{}", "institution": "/my-offers/institution"}


async def tell_of_decision(
    sql: asyncpg.Connection, entry: Entry, accepted: Sequence[str], rejected: Sequence[str], word: str
) -> bool:
    """Wish for the mail inside the decision's transaction; False where the institution has no address."""
    address = await mail_address(entry.institution)
    if not address:
        return False
    language = await sql.fetchval("select language from institution where id = $1", entry.institution) or "pl"
    facts = {
        "institution": entry.institution_name,
        "title": entry.title,
        "accepted": [sentence_of(language, "entry_field", name) for name in accepted],
        "rejected": [sentence_of(language, "entry_field", name) for name in rejected],
        "word": word,
        "link": settings().public_url + PAGES[entry.kind].format(entry.id),
    }
    await queue(address, EDIT_DECIDED, language, facts, institution=entry.institution, subject_id=entry.id)
    return True
