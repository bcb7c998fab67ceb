"""For the browser tests of an entry's life: partners whose edits wait, one with two editors, a history to restore."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from referral_hub import clock
from referral_hub.database.transaction import SYSTEM
from referral_hub.directory.saving import save_entry
from referral_hub.institutions.actions import NewContact, set_contacts
from tests.build import actor_for, make_account, make_institution, make_offer, make_site

WHOLE: dict[str, Any] = {"needs": ["prawo"], "audiences": ["bezrobotne"], "first_step": "Zadzwoń."}


async def _partner(name: str, address: str, **more: Any) -> tuple[UUID, UUID]:
    institution = await make_institution(name, "ngo", terc="126301", **more)
    contacts = [NewContact(kind="email", value=address), NewContact(kind="phone", value="14 600 00 21")]
    await set_contacts(institution, contacts, by=SYSTEM, source="test")
    site = await make_site(institution, hours_text="pon. 8-16")
    offer = await make_offer(institution, "por_prawne", "Porady w sprawach urzędowych", site=site, free=2, **WHOLE)
    return institution, offer


async def make_versions(accounts: dict[str, str]) -> dict[str, str]:
    """Adds `watched`, `first` and `second` to the accounts; the offers by the name of their partner."""
    watched, watched_offer = await _partner("Fundacja Pod Lupą", "biuro@lupa.example", edits_wait=True)
    accounts["watched"] = await make_account(watched, "partner_editor", email="watched@lupa.example")
    shared, shared_offer = await _partner("Fundacja Dwie Ręce", "biuro@rece.example")
    for name in ("first", "second"):
        accounts[name] = await make_account(shared, "partner_editor", email=f"{name}@rece.example")
    # For the sweep: one edit nobody decides, in the queue of the coordinator.
    slow, slow_offer = await _partner("Fundacja Cierpliwa", "biuro@cierpliwa.example", edits_wait=True)
    editor = await actor_for(slow, "partner_editor")
    wished = {"title": "Porady w sprawach urzędowych i sądowych", "phone": "14 600 00 22"}
    await save_entry("offer", slow_offer, wished, actor=editor, why="Nowa prawniczka")
    return {"watched": str(watched_offer), "shared": str(shared_offer)}


async def give_past(institution: UUID, offer: UUID) -> None:
    """Two changes to read and restore on the pages of the sweep."""
    editor = await actor_for(institution, "partner_editor")
    for days, values in ((40, {"papers": "dowód"}), (20, {"papers": "dowód i umowa najmu", "cost": "bezpłatnie"})):
        with clock.at(clock.now() - timedelta(days=days)):
            await save_entry("offer", offer, values, actor=editor, why="Pytania uczestników")
