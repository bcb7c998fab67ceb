"""A partner with a group and an expert, its editor signed in: what the tests of meetings start from."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import httpx
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.timetable.planned import Planned
from tests.build import make_institution, make_offer, make_site, sign_in_as

# A Monday morning in winter; Easter 2027 is on 28 March, the clocks change that night.
NOW = datetime.combine(date(2027, 1, 11), time(9), clock.WARSAW)


class Stage(Struct):
    """The partner, its place, a support group and a lawyer."""

    partner: UUID
    site: UUID
    group: UUID
    lawyer: UUID
    editor: Actor


async def set_stage(web: httpx.AsyncClient, **values: Any) -> Stage:
    """The partner's editor, who is intake too, is signed in."""
    partner = await make_institution("Fundacja Spotkań")
    site = await make_site(partner, street="ul. Wałowa 5")
    group = await make_offer(partner, "gr_wsparcia", "Grupa wsparcia", site=site, **values)
    lawyer = await make_offer(partner, "por_prawne", "Prawnik", site=site)
    return Stage(partner, site, group, lawyer, await sign_in_as(web, partner, "partner_editor", "partner_intake"))


def plan(day: date | None = None, **values: Any) -> Planned:
    """Next Monday from 17 to 19."""
    facts = {"from_hour": "17:00", "until_hour": "19:00", **values}
    return Planned(day=day or clock.today() + timedelta(days=7), **facts)


def typed(**values: Any) -> dict[str, Any]:
    """The form of a meeting, filled in."""
    day = (clock.today() + timedelta(days=7)).isoformat()
    filled = {"day": day, "rhythm": "once", "from_hour": "17:00", "until_hour": "19:00", "leader": "psycholog"}
    return {**filled, **values}
