"""An institution without an account, and one referral for each thing it is asked to do."""

from typing import Any
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.links import actor_of_link, make_link
from referral_hub.database.transaction import SYSTEM
from referral_hub.participants.actions import register
from referral_hub.referrals.actions import draft, perform
from tests.build import make_offer

CONSENT = {"kind": "consent", "ground": "zgoda", "given_how": "signed", "fields": ["label", "contact"]}
NAME = "Wanda Tajemna"


async def burdens(worker: Actor, institution: UUID) -> dict[str, Any]:
    """A task and the secret of an answer link for each burden; `name` is whom nobody may read before the code."""
    offer = await make_offer(institution, "por_prawne", "Porady prawne w dzień", free=9, needs=["prawo"])
    hidden = await make_offer(institution, "por_prawne", "Porady w trudnej sprawie", needs=["prawo"], sensitive=True)
    made: dict[str, Any] = {"name": NAME}
    for burden in ("accept", "decline", "attend", "phone", "code"):
        person = await register(
            actor=worker, label=NAME if burden == "code" else f"Osoba {burden}", gmina="121610", sex="K"
        )
        asked = hidden if burden == "code" else offer
        task = await draft(actor=worker, person=person.id, offer=asked, need="prawo", basis=CONSENT)
        await perform(task, actor=worker, verb="send", version=1)
        if burden == "attend":
            _, first = await make_link("a", by=SYSTEM, institution=institution, subject=task)
            day = {"date": clock.today().isoformat()}
            await perform(task, actor=actor_of_link(first), verb="accept", version=2, fields=day)
        secret, _ = await make_link("a", by=SYSTEM, institution=institution, subject=task)
        made[burden] = {"task": str(task), "secret": secret}
    return made
