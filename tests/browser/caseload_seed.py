"""What the caseworker's list is walked with: three referrals of one partner, one of them not yet out of the house."""

from uuid import UUID

from referral_hub.accounts.actor import Actor
from referral_hub.participants.actions import register
from referral_hub.referrals.actions import draft, perform
from tests.build import make_account, make_agreement, make_institution, make_offer

NOTE = "Zadzwonić przed pierwszym spotkaniem."
CONSENT = {"kind": "consent", "ground": "zgoda", "given_how": "signed", "fields": ["label", "contact", "note"]}


async def make_list(worker: Actor, club: UUID) -> dict[str, str]:
    """The partner's name as it is looked for, a colleague's address, and the referral that can be taken back."""
    partner = await make_institution("Fundacja Żółta Lista", "ngo", terc="126301")
    await make_agreement(partner)
    offer = await make_offer(partner, "por_prawne", "Porady z listy", free=9, needs=["prawo"])
    person = await register(actor=worker, label="Osoba Z Listy", sex="K", gmina="126301", needs=["prawo"])
    for hold_back in (0, 0, 3600):
        task = await draft(actor=worker, person=person.id, offer=offer, need="prawo", basis=CONSENT, note=NOTE)
        await perform(task, actor=worker, verb="send", version=1, hold_back=hold_back)
    colleague = await make_account(club, "caseworker", email="kolezanka@klub.example")
    return {"words": "zolta lista", "colleague": colleague, "held": str(task)}
