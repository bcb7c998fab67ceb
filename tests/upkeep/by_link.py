"""An institution with an old number, its link from mail, and the page behind it."""

import re
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx

from referral_hub import clock
from referral_hub.accounts.links import make_link
from referral_hub.database.transaction import SYSTEM
from referral_hub.directory.actions import Said, report_reading
from tests.build import actor_for, make_offer


async def link_for(institution: UUID) -> str:
    secret, _ = await make_link("c", by=SYSTEM, institution=institution, address="biuro@ngo.example")
    return secret


async def opened(web: httpx.AsyncClient, institution: UUID) -> str:
    """Open a fresh link as a browser would; the page."""
    answer = await web.get(f"/c/{await link_for(institution)}", follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def form_of(page: str, offer: UUID) -> dict[str, str]:
    """The hidden fields of one offer's form."""
    part = page[page.index(f'id="offer-{offer}"') :]
    part = part[: part.index("</form>")]
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', part))


async def readings(sql: asyncpg.Connection, offer: UUID) -> list[int | None]:
    rows = await sql.fetch("select free from capacity_reading where offer = $1 order by recorded_at, id", offer)
    return [row["free"] for row in rows]


async def due_offer(institution: UUID, free: int, title: str = "Mieszkanie treningowe") -> UUID:
    """An offer whose number is 40 days old."""
    offer = await make_offer(institution, title=title)
    partner = await actor_for(institution, "partner_editor")
    with clock.at(clock.now() - timedelta(days=40)):
        await report_reading(offer, Said(free=free, maximum=6), actor=partner)
    return offer
