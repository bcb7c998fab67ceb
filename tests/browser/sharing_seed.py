"""Somebody whose data an institution has open, on a page of its account and on one of a link, who then says stop."""

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.links import make_link
from referral_hub.database.transaction import SYSTEM
from referral_hub.participants.actions import register
from tests.browser.person_seed import accepted

NAME, PHONE = "Osoba Odwołująca", "14 600 00 77"


async def shared(worker: Actor, offer: str, receiver: Actor) -> dict[str, str]:
    """Two matters under way at one institution, a link for one of them, and the person's own link."""
    made = await register(
        actor=worker, label=NAME, sex="not_stated", gmina="121610", needs=["prawo"], contact=PHONE, language="pl"
    )
    by_account = await accepted(worker, made.id, offer, receiver)
    by_link = await accepted(worker, made.id, offer, receiver)
    guest, _ = await make_link("a", by=SYSTEM, institution=receiver.institution, subject=by_link)
    own, _ = await make_link("p", by=SYSTEM, subject=made.id, with_code=True)
    return {"task": str(by_account), "guest": guest, "own": own, "case_code": made.case_code}
