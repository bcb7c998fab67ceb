"""A list of a meeting holds numbers only where the institution has no basis to have people's data."""

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.attendance.enrolling import enrol
from referral_hub.attendance.queries import list_of
from tests.attendance.room import NOW, make_room

pytestmark = pytest.mark.anyio


async def test_without_a_basis_a_list_shows_numbers_and_no_names(database: asyncpg.Connection) -> None:
    with clock.at(NOW):
        room = await make_room(places=None)
        task = await room.scene.accepted()
        await enrol(task, room.meetings[:1], actor=room.scene.caseworker)
        (before,) = await list_of(room.meetings[0], actor=room.scene.intake, names=True)
        assert before.case_code == room.scene.case_code
        await database.execute("delete from data_agreement where institution = $1", room.scene.partner)
        (after,) = await list_of(room.meetings[0], actor=room.scene.intake, names=True)
    assert (after.number, after.case_code, after.name, after.may_open) == (before.number, "", "", False)
