"""A group of the club with a meeting of yesterday, and a partner's lawyer: what `test_groups.py` starts from."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR, Actor
from referral_hub.attendance.enrolling import enrol
from referral_hub.participants.actions import register
from referral_hub.referrals.actions import draft, perform
from referral_hub.timetable.actions import add_meetings
from referral_hub.timetable.planned import Planned
from tests.build import actor_for, make_offer, make_site

CONSENT = {"kind": "consent", "ground": "zgoda", "given_how": "signed", "fields": ["label", "contact"]}


async def groups(club: UUID, partner: UUID, worker: Actor) -> dict[str, Any]:
    """Three people accepted into the group, two of them on the list of yesterday; one accepted by the lawyer."""
    intake, lawyers = await actor_for(club, "partner_intake"), await actor_for(partner, "partner_intake")
    site = await make_site(club, street="ul. Spotkań 2")
    offer = await make_offer(club, "gr_wsparcia", "Grupa przy herbacie", site=site, needs=["grupa"])
    lawyer = await make_offer(
        partner, "por_prawne", "Prawnik na dyżurze", site=await make_site(partner), needs=["prawo"]
    )
    before = clock.now() - timedelta(days=2)
    with clock.at(before):
        tasks = [await _accepted(worker, intake, offer, "grupa", number) for number in range(3)]
        yesterday = clock.today() + timedelta(days=1)
        planned = Planned(day=yesterday, from_hour="10:00", until_hour="12:00", site=site, leader_role="czlonek_grupy")
        held = (await add_meetings(offer, planned, actor=SYSTEM_ACTOR))[0]
        for task in tasks[1:]:
            await enrol(task, [held], actor=worker)
        advised = await _accepted(worker, lawyers, lawyer, "prawo", 9)
    made = {"offer": offer, "held": held, "task": tasks[0], "lawyer": lawyer, "advised": advised}
    return {name: str(one) for name, one in made.items()}


async def _accepted(worker: Actor, receiver: Actor, offer: UUID, need: str, number: int) -> UUID:
    person = await register(actor=worker, label=f"Osoba z Grupy {number}", sex="K", gmina="126301", needs=[need])
    task = await draft(actor=worker, person=person.id, offer=offer, need=need, basis=CONSENT)
    await perform(task, actor=worker, verb="send", version=1)
    await perform(task, actor=receiver, verb="accept", version=2)
    return task
