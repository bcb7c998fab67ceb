"""An offer whose only place is taken, and two people who wait for it: the urgent one came later."""

from typing import Any

from referral_hub.accounts.actor import Actor
from referral_hub.participants.actions import register
from referral_hub.referrals.actions import draft, perform
from tests.build import actor_for, make_account, make_agreement, make_institution, make_offer
from tests.referrals.scene import in_days

CONSENT = {"kind": "consent", "ground": "zgoda", "given_how": "signed", "fields": ["label", "contact"]}


async def line(worker: Actor, accounts: dict[str, str]) -> dict[str, Any]:
    """The offer, who has the place (`taken`), and who waits (`urgent`, `ordinary`); `accounts` learns of its intake."""
    institution = await make_institution("Świetlica Jedno Miejsce", "ngo", terc="126301")
    await make_agreement(institution)
    accounts["line"] = await make_account(institution, "partner_intake", email="line@jedno.example")
    intake = await actor_for(institution, "partner_intake")
    offer = await make_offer(institution, "por_prawne", "Porady w kolejce", free=1, needs=["prawo"])
    made: dict[str, Any] = {"offer": str(offer)}
    for name, priority in (("taken", "ordinary"), ("ordinary", "ordinary"), ("urgent", "urgent")):
        person = await register(actor=worker, label=f"Osoba {name}", gmina="121610", sex="K")
        facts: dict[str, Any] = {"person": person.id, "offer": offer, "need": "prawo", "basis": CONSENT}
        task = await draft(actor=worker, priority=priority, **facts)
        await perform(task, actor=worker, verb="send", version=1, fields={"text": "poczeka"})
        answer, fields = ("accept", {}) if name == "taken" else ("waitlist", {"position": 1, "review_on": in_days(30)})
        await perform(task, actor=intake, verb=answer, version=2, fields=fields)
        made[name] = str(task)
    return made
