"""A lost link is renewed by whoever names the address, and fills nobody's mailbox."""

from collections.abc import Iterator
from datetime import timedelta

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.database.columns import new_id
from referral_hub.upkeep import capacity_pages
from referral_hub.upkeep.asking_actions import MOST_A_DAY, renew_by_address, send_capacity_link
from tests.build import actor_for, make_institution, make_offer

pytestmark = pytest.mark.anyio
OFFICE = "biuro@ngo.example"


@pytest.fixture(autouse=True)
def fresh_throttle() -> Iterator[None]:
    capacity_pages.renewals.forget()
    yield
    capacity_pages.renewals.forget()


async def test_a_day_of_asking_brings_a_dozen_letters_and_an_account_may_still_send_one(
    database: asyncpg.Connection,
) -> None:
    institution = await make_institution()
    await make_offer(institution, free=3)
    await database.execute(
        "insert into contact (id, institution, kind, value) values ($1, $2, 'email', $3)", new_id(), institution, OFFICE
    )
    started = clock.now()
    for number in range(MOST_A_DAY + 3):
        with clock.at(started + timedelta(minutes=6 * number)):
            await renew_by_address(OFFICE)
    letters = "select count(*) from job where name = 'send_mail'"
    assert await database.fetchval(letters) == MOST_A_DAY
    club = await make_institution(club=True)
    with clock.at(started + timedelta(hours=3)):
        assert await send_capacity_link(institution, by=(await actor_for(club, "coordinator")).scope)
    with clock.at(started + timedelta(days=2)):
        await renew_by_address(OFFICE)
    assert await database.fetchval(letters) == MOST_A_DAY + 2


async def test_whoever_goes_through_many_addresses_is_slowed_down(web: httpx.AsyncClient) -> None:
    answers = [
        (await web.post("/c/renew", data={"email": f"biuro{number}@ngo.example"})).status_code for number in range(22)
    ]
    assert answers == [303] * 20 + [429] * 2
