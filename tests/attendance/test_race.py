"""Many at once for few places, on real connections: never one more on a list than there are places."""

import asyncio
from uuid import UUID

import pytest

from referral_hub import clock
from referral_hub.attendance.enrolling import end_enrolment, enrol
from referral_hub.errors import Refused
from tests.attendance.room import NOW, Room, enrolled, make_room
from tests.referrals.test_racers import scratch

pytestmark = pytest.mark.anyio
PLACES, RACERS = 3, 14


async def attempt(room: Room, task: UUID, number: int) -> object:
    """Two meetings, all or none; taken from both ends at once, which must not end in a ring of waiting."""
    wanted = room.meetings[:2] if number % 2 else room.meetings[1::-1]
    try:
        return (await enrol(task, wanted, actor=room.scene.caseworker)).new
    except Refused as refusal:
        return refusal.code


async def test_many_racers_for_few_places_fill_them_and_no_more(pool: None, worker_id: str) -> None:
    with clock.at(NOW):
        async with scratch(f"enrolling_{worker_id}"):
            room = await make_room(places=PLACES)
            tasks = [await room.scene.accepted() for _ in range(RACERS)]
            outcomes = await asyncio.gather(*(attempt(room, task, number) for number, task in enumerate(tasks)))
            assert outcomes.count(2) == PLACES
            assert set(outcomes) == {2, "meeting_full"}
            assert [await enrolled(one) for one in room.meetings] == [(PLACES, PLACES)] * 2 + [(0, 0)] * 2
            winners = [task for task, outcome in zip(tasks, outcomes, strict=True) if outcome == 2]
            # Each place given back twice at once, and the referral withdrawn meanwhile: it comes back once.
            await asyncio.gather(
                *(end_enrolment(task, room.meetings[0], actor=room.scene.intake) for task in winners for _ in range(2)),
                *(
                    room.scene.move(task, "decline", {"reason": "out_of_area"}, by=room.scene.intake)
                    for task in winners
                ),
                return_exceptions=True,
            )
            assert [await enrolled(one) for one in room.meetings[:2]] == [(0, 0), (0, 0)]
