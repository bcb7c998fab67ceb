"""A small network for the browser tests, made by the product's own functions; prints what it made as JSON."""

import asyncio
import json
from typing import Any
from uuid import UUID

from referral_hub.accounts.links import make_link
from referral_hub.database.pool import close_pool, open_pool
from referral_hub.database.transaction import SYSTEM
from referral_hub.settings import settings
from tests.build import PASSWORD, make_account, make_agreement, make_institution, make_offer, make_site

ROLES = {
    "caseworker": ("caseworker",),
    "coordinator": ("coordinator",),
    "dpo": ("dpo",),
    "admin": ("admin",),
    "solo": ("coordinator", "caseworker", "partner_intake"),
}
PARTNER_ROLES = {"partner": ("partner_editor",), "intake": ("partner_intake",)}


async def make() -> dict[str, Any]:
    """Everything the sweep and the journeys start from."""
    club = await make_institution("Klub Integracji Społecznej w Tarnowie", "kis", club=True, terc="126301")
    await make_agreement(club)
    ngo = await make_institution("Stowarzyszenie Dobry Adres", "ngo", terc="126301")
    clinic = await make_institution("Poradnia Leczenia Uzależnień Nowy Początek", "poradnia_uzaleznien", terc="126301")
    offers = await _offers(club, ngo, clinic)
    accounts = {role: await make_account(club, *held, email=f"{role}@klub.example") for role, held in ROLES.items()}
    for role, held in PARTNER_ROLES.items():
        accounts[role] = await make_account(ngo, *held, email=f"{role}@adres.example")
    capacity, _ = await make_link("c", by=SYSTEM, institution=ngo, address="biuro@adres.example")
    password, _ = await make_link("s", by=SYSTEM, institution=ngo, subject=await _account_id(accounts["partner"]))
    return {
        "password": PASSWORD,
        "accounts": accounts,
        "institutions": {"club": str(club), "ngo": str(ngo), "clinic": str(clinic)},
        "offers": {name: str(offer) for name, offer in offers.items()},
        "links": {"capacity": f"/c/{capacity}", "password": f"/sign-in/set/{password}"},
    }


async def _offers(club: UUID, ngo: UUID, clinic: UUID) -> dict[str, UUID]:
    ngo_site, clinic_site, club_site = [await make_site(one) for one in (ngo, clinic, club)]
    return {
        "flat": await make_offer(ngo, "mieszkanie_treningowe", "Mieszkanie treningowe", site=ngo_site, free=3),
        "debts": await make_offer(ngo, "doradztwo_zadluzenie", "Pomoc w zadłużeniu", site=ngo_site, free=2),
        "therapy": await make_offer(clinic, "terapia_uzaleznien", "Terapia uzależnień", site=clinic_site),
        "club": await make_offer(club, "por_prawne", "Poradnictwo prawne w klubie", site=club_site, free=5),
    }


async def _account_id(email: str) -> UUID:
    from referral_hub.database.transaction import connection

    async with connection() as sql:
        return await sql.fetchval("select id from account where email = $1", email)


async def main() -> None:
    await open_pool(settings().database_url, largest=2)
    try:
        print(json.dumps(await make()))
    finally:
        await close_pool()


if __name__ == "__main__":
    asyncio.run(main())
