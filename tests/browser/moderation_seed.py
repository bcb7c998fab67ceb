"""What waits for the coordinator: a suggestion and a conflict to look at, and two entries of one foundation."""

from typing import Any
from uuid import UUID

from referral_hub.accounts.actor import ANONYMOUS, SYSTEM_ACTOR, Actor
from referral_hub.database.transaction import SYSTEM
from referral_hub.directory.actions import edit_site
from referral_hub.institutions.contacts import NewContact, set_contacts
from referral_hub.moderation.actions import suggest
from referral_hub.moderation.notes import add_note
from referral_hub.moderation.suggesting import Told
from tests.build import make_institution, make_offer, make_site
from tests.moderation.scene import register_row


async def leave_unsettled(worker: Actor) -> dict[str, Any]:
    """Made apart from what other journeys use."""
    spoken = await _one("Fundacja Sporna", "146000051", "ul. Sporna 1")
    await register_row(UUID(spoken["id"]), UUID(spoken["site"]), hours_text="pn 8-10")
    await edit_site(UUID(spoken["site"]), {"hours_text": "wt 9-12"}, actor=SYSTEM_ACTOR)
    await suggest("offer", UUID(spoken["offer"]), Told("phone", "14 600 00 59"), actor=ANONYMOUS)
    await add_note(UUID(spoken["id"]), "Dzwonić rano.", actor=worker)
    return {
        "spoken": spoken,
        "told": await _one("Fundacja Do Poprawy", "146000052", "ul. Dobra 2"),
        "kept": await _one("Fundacja Podwójna", "146000053", "ul. Podwójna 3"),
        "merged": await _one("Fundacja „Podwójna”", "146000053", "Podwójna 3"),
        "looked_at": [await _one(name, "146000054", "ul. Trzecia 3") for name in ("Fundacja Trzecia", "Trzecia")],
    }


async def _one(name: str, phone: str, street: str) -> dict[str, Any]:
    institution = await make_institution(name, "ngo", terc="126301")
    await set_contacts(institution, [NewContact(kind="phone", value=phone)], by=SYSTEM, source="test")
    site = await make_site(institution, street=street, hours_text="pn-pt 8:00-16:00")
    offer = await make_offer(institution, "por_obywatelskie", f"Porady: {name}", site=site, needs=["prawo"])
    return {"id": str(institution), "site": str(site), "offer": str(offer)}
