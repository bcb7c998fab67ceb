"""Somebody with a card: one matter with a day agreed, one that the receiver says is done; and a word that differs."""

from datetime import timedelta
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.links import make_link
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.participants.actions import register
from referral_hub.referrals.actions import draft, give_feedback, perform

CONSENT = {"kind": "consent", "ground": "zgoda", "given_how": "signed", "fields": ["label", "contact"]}


async def accepted(worker: Actor, person: UUID, offer: str, receiver: Actor) -> UUID:
    task = await draft(actor=worker, person=person, offer=UUID(offer), need="prawo", basis=CONSENT)
    await perform(task, actor=worker, verb="send", version=1)
    await perform(task, actor=receiver, verb="accept", version=2, fields={"date": clock.today().isoformat()})
    return task


async def _delivered(worker: Actor, person: UUID, offer: str, receiver: Actor) -> UUID:
    task = await accepted(worker, person, offer, receiver)
    fields = {"outcome": "dlugi", "date": clock.today().isoformat()}
    await perform(task, actor=receiver, verb="deliver", version=3, fields=fields)
    return task


async def people_with_cards(worker: Actor, offer: str, receiver: Actor) -> dict[str, str]:
    """Number and code of a card, the two matters on it, and the case code; and another person's word to settle."""
    made = await register(
        actor=worker, label="Osoba z Kartą", sex="K", gmina="121610", needs=["prawo"], contact="", language="uk"
    )
    task = await accepted(worker, made.id, offer, receiver)
    day = clock.today() + timedelta(days=9)
    fields = {"date": f"{day.isoformat()}T10:30", "place": "pokój 3"}
    await perform(task, actor=receiver, verb="schedule", version=3, fields=fields)
    done = await _delivered(worker, made.id, offer, receiver)
    _, link = await make_link("p", by=SYSTEM, subject=made.id, with_code=True)
    other = await register(actor=worker, label="Osoba Inna", sex="M", gmina="121610", needs=["prawo"], contact="")
    told = await _delivered(worker, other.id, offer, receiver)
    person = Actor(kind="participant", role="participant", participant=other.id)
    await give_feedback(told, actor=person, got_help="waiting", treated_well="yes")
    async with transaction(SYSTEM) as sql:
        numbers = {
            name: await sql.fetchval("select number from referral_task where id = $1", one)
            for name, one in (("number", task), ("done_number", done))
        }
    return {"code": link.code, "task": str(task), "done": str(done), "case_code": made.case_code, **numbers}
