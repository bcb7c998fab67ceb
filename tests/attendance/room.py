"""A scene whose partner's support group meets on Mondays, and whose lawyer is there on Tuesdays."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.timetable.actions import add_meetings
from referral_hub.timetable.duty_actions import DutyFacts, add_duty
from referral_hub.timetable.planned import Planned
from referral_hub.timetable.queries import Met, meetings_of
from tests.build import actor_for, make_site
from tests.referrals.scene import Scene, make_scene, rows, value

NOW = datetime.combine(datetime(2027, 1, 11), time(9), clock.WARSAW)
AFTER_FIRST = NOW + timedelta(days=7, hours=11)


class Room(Struct):
    """The scene, its editor and four weekly meetings of two hours with two places each."""

    scene: Scene
    editor: Actor
    site: UUID
    meetings: list[UUID]

    async def slots(self) -> list[Met]:
        """Free appointments of the lawyer's duty."""
        found = await meetings_of(self.scene.offer, sees="all", kind="appointment")
        return [met for met in found if met.status == "planned" and not met.enrolled]


async def make_room(*, places: int | None = 2, duty: bool = False, **offer: Any) -> Room:
    """A group (or with `duty` a lawyer) of the scene's partner."""
    facts = {"form": "por_prawne" if duty else "gr_wsparcia", "free": None, **offer}
    scene = await make_scene(**facts)
    site = await make_site(scene.partner, street="ul. Wałowa 5")
    editor = await actor_for(scene.partner, "partner_editor")
    if duty:
        hours = DutyFacts(
            weekday=2, from_hour="15:00", until_hour="17:00", minutes=30, starts_on=clock.today(), site=site
        )
        await add_duty(scene.offer, hours, actor=editor)
        return Room(scene, editor, site, [])
    day = clock.today() + timedelta(days=7)
    made = await add_meetings(
        scene.offer,
        Planned(day=day, from_hour="17:00", until_hour="19:00", site=site, room="sala 2", places=places),
        actor=editor,
        rhythm="week",
        until=day + timedelta(days=21),
    )
    return Room(scene, editor, site, made)


async def enrolled(meeting: UUID) -> tuple[int, int]:
    """What the meeting's counter says, and how many stand on its list: always the same."""
    counter = await value("select enrolled from meeting where id = $1", meeting)
    listed = await rows("select 1 from enrolment where meeting = $1 and state = 'enrolled'", meeting)
    return int(counter), len(listed)
