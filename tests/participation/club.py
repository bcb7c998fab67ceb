"""A club with its own caseworker and group, and an office that sends people to it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.attendance.enrolling import enrol
from referral_hub.attendance.marking import close_list, mark
from referral_hub.participants.actions import register
from referral_hub.participation.actions import start
from referral_hub.participation.course import Described
from referral_hub.referrals.actions import draft, perform
from referral_hub.timetable.actions import add_meetings
from referral_hub.timetable.planned import Planned
from tests.build import actor_for, make_agreement, make_institution, make_offer, make_site
from tests.referrals.scene import version_of

CONSENT = {"kind": "consent", "ground": "zgoda", "fields": ["label", "contact", "sex", "needs"]}
LABEL = "Żaneta Próbna"


class Club(Struct, kw_only=True):
    """The club, its people, its group that meets weekly, and who sends."""

    club: UUID
    office: UUID
    worker: Actor
    intake: Actor
    sender: Actor
    offer: UUID
    meetings: list[UUID]

    async def person(self, label: str = "Jan Kowal", sex: str = "M", **more: Any) -> UUID:
        """Somebody of the club's own."""
        return (await register(actor=self.worker, label=label, sex=sex, **more)).id

    async def part(self, person: UUID, started_on: date | None = None, **more: Any) -> UUID:
        """A participation without a referral."""
        described = Described(started_on=started_on or clock.today(), **more)
        return await start(person, described, actor=self.worker)

    async def sent(self, label: str = LABEL, *, accepted: bool = True) -> UUID:
        """A referral of the office's person to the club's group."""
        person = await register(actor=self.sender, label=label, sex="K", contact="600 700 800", gmina="126301")
        basis = {**CONSENT, "given_how": "signed"}
        task = await draft(actor=self.sender, person=person.id, offer=self.offer, need="grupa", basis=basis)
        await perform(task, actor=self.sender, verb="send", version=await version_of(task))
        if accepted:
            await perform(task, actor=self.intake, verb="accept", version=await version_of(task))
        return task

    async def there(self, task: UUID, meeting: UUID, actor: Actor, hours: float | None = None) -> None:
        """Enrolled, present, and the list closed; the clock has to stand after the meeting for the marks."""
        await mark(meeting, task, "came", actor=self.intake, offer=self.offer, hours=hours)


async def make_club(*, meetings: bool = False) -> Club:
    """Everything; with `meetings` four weekly ones of two hours from next week on."""
    club = await make_institution("Klub Próbny", kind="kis", club=True)
    office = await make_institution("Ośrodek Próbny", kind="ops")
    await make_agreement(club)
    await make_agreement(office)
    offer = await make_offer(club, "gr_wsparcia", "Grupa próbna", free=20)
    made: list[UUID] = []
    if meetings:
        site = await make_site(club)
        day = clock.today() + timedelta(days=7)
        made = await add_meetings(
            offer,
            Planned(day=day, from_hour="17:00", until_hour="19:00", site=site, room="", places=20),
            actor=await actor_for(club, "partner_editor"),
            rhythm="week",
            until=day + timedelta(days=21),
        )
    return Club(
        club=club,
        office=office,
        worker=await actor_for(club, "caseworker"),
        intake=await actor_for(club, "partner_intake"),
        sender=await actor_for(office, "caseworker"),
        offer=offer,
        meetings=made,
    )


__all__ = ["CONSENT", "LABEL", "Club", "close_list", "enrol", "make_club"]
