"""A small club's week: somebody is sent to it, and it has a group that meets tomorrow; see `test_week.py`."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.participants.actions import register
from referral_hub.referrals.actions import draft, perform
from referral_hub.timetable.actions import add_meetings
from referral_hub.timetable.planned import Planned
from tests.build import actor_for, make_agreement, make_institution, make_offer, make_site

BASIS = {"kind": "consent", "ground": "zgoda", "given_how": "signed", "fields": ["label", "contact"]}


async def week(club: UUID) -> dict[str, Any]:
    """A referral from a parish to the club's group, its meeting of tomorrow, and an employer who answers by phone."""
    site = await make_site(club, street="ul. Tygodnia 7")
    group = await make_offer(club, "gr_samopomocowa", "Grupa na cały tydzień", site=site, needs=["grupa"], free=6)
    tomorrow = clock.today() + timedelta(days=1)
    planned = Planned(day=tomorrow, from_hour="10:00", until_hour="12:00", site=site, leader_role="czlonek_grupy")
    met = (await add_meetings(group, planned, actor=SYSTEM_ACTOR))[0]
    parish = await make_institution("Parafialny Zespół Pomocy", "ngo", terc="126301")
    await make_agreement(parish)
    sender = await actor_for(parish, "caseworker")
    person = await register(actor=sender, label="Osoba z Parafii", sex="K", gmina="126301", needs=["grupa"])
    task = await draft(actor=sender, person=person.id, offer=group, need="grupa", basis=BASIS)
    await perform(task, actor=sender, verb="send", version=1)
    employer = await make_institution("Stolarnia Dobra Deska", "przedsiebiorca", terc="126301")
    job = await make_offer(employer, "oferta_pracy", "Pomocnik stolarza", needs=["praca"], free=1)
    return {"task": str(task), "group": str(group), "met": str(met), "job": str(job)}
