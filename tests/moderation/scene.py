"""A partner with a phone, a place and an offer; a coordinator of the club; a register's row about the partner."""

from typing import Any
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.institutions.contacts import NewContact, set_contacts
from tests.build import make_institution, make_offer, make_site

HOURS = "pn-pt 8:00-16:00"


class Place(Struct, frozen=True):
    """What most tests start from."""

    club: UUID
    partner: UUID
    site: UUID
    offer: UUID


async def make_place(*, email: str = "biuro@partner.example") -> Place:
    """The club, the partner, its place and offer."""
    club = await make_institution("Klub Próbny", kind="kis", club=True)
    partner = await make_institution("Fundacja Próbna")
    contacts = [NewContact(kind="phone", value="146210001")]
    if email:
        contacts.append(NewContact(kind="email", value=email))
    await set_contacts(partner, contacts, by=SYSTEM, source="test")
    site = await make_site(partner, hours_text=HOURS)
    return Place(club, partner, site, await make_offer(partner, site=site, description="Opis dawny"))


async def register_row(partner: UUID, site: UUID | None = None, *, name: str = "rjps-2026", **said: Any) -> UUID:
    """What a register says of the partner: `hours_text`, `name`, `phone`."""
    sites = [{"street": said.get("street", ""), "hours_text": said.get("hours_text", "")}] if site else []
    contacts = [{"kind": "phone", "value": said["phone"]}] if "phone" in said else []
    draft = {"institution": {"name": said.get("name", "")}, "sites": sites, "contacts": contacts, "offers": []}
    made, moment = new_id(), clock.now()
    async with transaction(SYSTEM) as sql:
        await sql.execute(
            """insert into source_record (id, source, source_id, kind, institution, content_hash, said, made, first_at,
             last_at, as_at) values ($1, $2, $3, 'rjps', $4, '', $5, $6, $7, $7, $8)""",
            *(made, name, str(made), partner, to_json(draft)),
            to_json({"sites": [str(site)] if site else [], "offers": {}}),
            *(moment, clock.today()),
        )
    return made


async def value(question: str, *arguments: object) -> Any:
    """One value, as the hub itself sees it."""
    async with transaction(SYSTEM) as sql:
        return await sql.fetchval(question, *arguments)


__all__ = ["HOURS", "SYSTEM_ACTOR", "Place", "make_place", "register_row", "value"]
