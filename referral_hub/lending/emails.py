"""Mails about bookings: which resource, when, and a link; who wants it for what is on the page only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from referral_hub.directory.queries import mail_address
from referral_hub.lending.schemas import Lent
from referral_hub.mail.actions import queue
from referral_hub.settings import settings
from referral_hub.web.formats import hour, moment, weekday
from referral_hub.web.wording import sentence_of, speaking


def span_text(start: datetime, end: datetime) -> str:
    """„poniedziałek, 23 listopada 2026, 14:00–16:00” in the language being spoken; over midnight both days."""
    first, last = f"{weekday(start)}, {moment(start)}", f"{weekday(end)}, {moment(end)}"
    day = first.removesuffix(hour(start))
    return f"{first}–{hour(end)}" if last.startswith(day) else f"{first} – {last}"


async def tell_owner(
    sql: asyncpg.Connection, one: Lent, borrower: UUID, state: str, start: datetime, end: datetime
) -> None:
    """To the owner: somebody asked, was given a free time, or cancelled."""
    address = await mail_address(one.owner)
    if not address:
        return
    name = await sql.fetchval("select name from institution where id = $1", borrower)
    with speaking(one.owner_language):
        facts = {
            "title": one.title,
            "institution": name,
            "state": state,
            "when": span_text(start, end),
            "link": f"{settings().public_url}/my-offers/{one.id}/bookings",
        }
    await queue(address, "booking_asked", one.owner_language, facts, institution=one.owner)


async def tell_borrower(sql: asyncpg.Connection, row: Mapping[str, Any], state: str) -> None:
    """To the borrower: confirmed, refused or cancelled."""
    address = await mail_address(row["borrower"])
    if not address:
        return
    language = await sql.fetchval("select language from institution where id = $1", row["borrower"])
    with speaking(language):
        facts = {
            "title": row["title"],
            "state": sentence_of(language, "booking", state),
            "when": span_text(row["starts_at"], row["ends_at"]),
            "link": f"{settings().public_url}/bookings",
        }
    await queue(address, "booking_news", language, facts, institution=row["borrower"])
