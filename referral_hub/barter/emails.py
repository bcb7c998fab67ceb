"""Mails about exchanges: who, which subject, what has become of it, and a link; words are on the page only."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from referral_hub.directory.queries import mail_address
from referral_hub.mail.actions import queue
from referral_hub.settings import settings
from referral_hub.vocabularies import book


async def tell_other_side(sql: asyncpg.Connection, state: str, side: UUID, line: Mapping[str, Any]) -> None:
    """To the institution of `line`: what the institution `side` has just done."""
    address = await mail_address(line["institution"])
    if not address:
        return
    name = await sql.fetchval("select name from institution where id = $1", side)
    language = await sql.fetchval("select language from institution where id = $1", line["institution"])
    facts = {
        "institution": name,
        "subject": book.label("barter_subject", line["subject"], language),
        "state": state,
        "link": f"{settings().public_url}/my-offers/{line['offer']}/exchange",
    }
    await queue(address, "exchange_news", language, facts, institution=line["institution"])
