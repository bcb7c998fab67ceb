"""What of a room's or a thing's time is free: pieces, hours, limits, and many who ask at once."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.errors import HubError, Refused
from referral_hub.lending.actions import ask, decide
from tests.build import actor_for, make_institution
from tests.lending.test_bookings import NOON, NOW, TEN, TWO, mails, make_room, partners
from tests.referrals.test_racers import scratch

pytestmark = pytest.mark.anyio


async def test_pieces_overlap_up_to_those_owned(database: asyncpg.Connection) -> None:
    with clock.at(NOW):
        owner, other = await partners()
        room = await make_room(owner, pieces=3)
        actor = await actor_for(other, "partner_editor")
        await ask(room, TEN, NOON, actor=actor, pieces=2)
        await ask(room, NOON, TWO, actor=actor, pieces=2)
        await ask(room, TEN, TWO, actor=actor, pieces=1)
        with pytest.raises(Refused) as refused:
            await ask(room, NOON - timedelta(minutes=1), TWO, actor=actor)
        assert refused.value.code == "booking_taken"
        assert refused.value.problems[0].facts == {"free": 0}


async def test_what_was_refused_or_cancelled_is_free_again(database: asyncpg.Connection) -> None:
    with clock.at(NOW):
        owner, other = await partners()
        room = await make_room(owner)
        editor, actor = await actor_for(owner, "partner_editor"), await actor_for(other, "partner_editor")
        first, _ = await ask(room, TEN, NOON, actor=actor)
        assert await decide(first, "refuse", actor=editor) == "refused"
        second, _ = await ask(room, TEN, NOON, actor=actor)
        assert await decide(second, "confirm", actor=editor) == "confirmed"
        assert await decide(second, "confirm", actor=editor) == "confirmed", "the same tap twice"
        with pytest.raises(Refused, match="booking_decided"):
            await decide(second, "refuse", actor=editor)
        assert await decide(second, "cancel", actor=actor) == "cancelled"
        third, state = await ask(room, TEN, NOON, actor=editor)
        assert state == "confirmed", "an owner asks nobody"
        assert await decide(third, "cancel", actor=editor) == "cancelled"
        assert [template for _, template, _ in await mails(database)] == [
            "booking_asked", "booking_news", "booking_asked", "booking_news", "booking_asked",
        ]  # fmt: skip


async def test_it_confirms_itself_only_in_its_hours(database: asyncpg.Connection) -> None:
    with clock.at(NOW):
        owner, other = await partners()
        actor = await actor_for(other, "partner_editor")
        room = await make_room(owner, confirms_itself=True, lending_hours="pon.–pt. 8–16")
        assert (await ask(room, TEN, NOON, actor=actor))[1] == "confirmed"
        assert (await ask(room, TWO, TWO + timedelta(hours=4), actor=actor))[1] == "asked"
        unclear = await make_room(owner, confirms_itself=True, lending_hours="po uzgodnieniu")
        assert (await ask(unclear, TEN, NOON, actor=actor))[1] == "asked"


async def test_nobody_holds_a_room_by_asking_for_everything(database: asyncpg.Connection) -> None:
    with clock.at(NOW):
        owner, other = await partners()
        room, actor = await make_room(owner), await actor_for(other, "partner_editor")
        for number in range(20):
            await ask(room, TEN + timedelta(days=number), NOON + timedelta(days=number), actor=actor)
        with pytest.raises(Refused, match="too_many_asked"):
            await ask(room, TEN + timedelta(days=30), NOON + timedelta(days=30), actor=actor)


async def attempt(room: UUID, start: datetime, end: datetime, actor: Actor) -> str:
    try:
        await ask(room, start, end, actor=actor)
    except HubError as error:
        return error.code
    return "done"


async def test_fifty_who_ask_for_one_time_are_one_who_gets_it(pool: None, worker_id: str) -> None:
    async with scratch(f"bookers_{worker_id}"):
        owner = await make_institution("Dom Kultury")
        room, three = await make_room(owner, confirms_itself=True), await make_room(owner, pieces=3)
        actors = [await actor_for(await make_institution(f"Klub {number}"), "partner_editor") for number in range(5)]
        start = clock.now() + timedelta(days=2)
        hour = timedelta(hours=1)
        for offer, lucky in ((room, 1), (three, 3)):
            racing = [
                attempt(offer, start + hour * (number % 2), start + hour * 3, actors[number % 5])
                for number in range(50)
            ]
            codes = await asyncio.gather(*racing)
            assert codes.count("done") == lucky
            assert set(codes) == {"done", "booking_taken"}
