"""Somebody sent to the club, who is to be accepted and to take part in it."""

from typing import Any
from uuid import UUID

from referral_hub.participants.actions import register
from referral_hub.referrals.actions import draft, perform
from tests.build import actor_for, make_agreement, make_institution

NAME = "Osoba Wchodząca"
CONSENT = {
    "kind": "consent",
    "ground": "zgoda",
    "fields": ["label", "contact", "sex", "gmina"],
    "given_how": "signed",
}


async def coming(club_offer: UUID) -> dict[str, Any]:
    """A referral to the club's group, sent and not answered yet."""
    office = await make_institution("Ośrodek Pomocy Społecznej w Wierzbowie", "ops", terc="126301")
    await make_agreement(office)
    worker = await actor_for(office, "caseworker")
    person = await register(actor=worker, label=NAME, sex="K", gmina="126301", contact="14 600 00 98")
    task = await draft(actor=worker, person=person.id, offer=club_offer, need="grupa", basis=CONSENT)
    await perform(task, actor=worker, verb="send", version=1)
    return {"task": str(task), "name": NAME}
