"""What is pressed several times at one moment, each press its own request: done once, and a plain answer to all."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from referral_hub import clock
from referral_hub.accounts.links import make_link, revoke_links
from referral_hub.answering.renewing import renew_answer_link
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.errors import HubError
from referral_hub.participation.course import Described
from referral_hub.participation.own_groups import join_group
from referral_hub.participation.taking_in import take_in
from referral_hub.vocabularies.actions import Wording, add_word
from tests.participation.club import make_club
from tests.referrals.scene import rows, value
from tests.referrals.test_racers import scratch

pytestmark = pytest.mark.anyio
PRESSES = 6


async def pressed(press: Callable[[int], Awaitable[Any]]) -> list[Any]:
    """What every press was told: what it made, or the code of a refusal; anything else is a mistake of ours."""

    async def one(number: int) -> Any:
        try:
            return await press(number)
        except HubError as refusal:
            return refusal.problems[0].code if refusal.problems else refusal.code

    return list(await asyncio.gather(*(one(number) for number in range(PRESSES))))


async def met(both: asyncio.Barrier, tries: list[str], name: str) -> str:
    """Look whether a job of one key is there, and make it; the first two have both looked before either makes it."""

    @retrying
    async def act() -> str:
        async with transaction(SYSTEM) as sql:
            tries.append(name)
            found: str | None = await sql.fetchval("select name from job where key = 'one'")
            if found is None:
                if len(tries) <= both.parties:
                    await both.wait()
                await sql.execute(
                    "insert into job (id, name, payload, key, run_at) values ($1, $2, '{}', 'one', $3)",
                    new_id(),
                    name,
                    clock.now(),
                )
            return found or name

    return await act()


async def test_what_is_pressed_many_times_at_once_is_done_once(pool: None, worker_id: str) -> None:
    async with scratch(f"pressed_{worker_id}"):
        club = await make_club(meetings=True)
        described = Described(started_on=clock.today())

        task = await club.sent()
        came = await pressed(
            lambda number: take_in(task, {"label": f"Osoba {number}", "sex": "K"}, described, actor=club.worker)
        )
        assert len(set(came) - {"referral_led_here_already"}) == 1
        assert await value("select count(*) from participation") == 1
        assert await value("select count(*) from participant where institution = $1", club.club) == 1

        part = await club.part(await club.person())
        joined = await pressed(lambda _: join_group(part, club.offer, actor=club.worker))
        assert len(set(joined)) == 1

        _, link = await make_link("a", by=SYSTEM, institution=club.club, subject=task, address="punkt@club.example")
        with clock.at(clock.now() + timedelta(hours=1)):
            asked = await pressed(lambda _: renew_answer_link(link))
        assert sorted(asked, key=str) == [None, *["too_many"] * (PRESSES - 1)]
        assert len(await rows("select 1 from link where subject = $1 and address = $2", task, link.address)) == 2

        await revoke_links("a", by=SYSTEM, subject=task)
        with clock.at(clock.now() + timedelta(hours=2)):
            assert await pressed(lambda _: renew_answer_link(link)) == ["link_ended"] * PRESSES

        added = await pressed(lambda _: add_word("form", Wording(pl="Ogród społeczny"), by=SYSTEM))
        assert sorted(added) == [*["label_is_taken"] * (PRESSES - 1), "ogrod_spoleczny"]

        tries: list[str] = []
        both = asyncio.Barrier(2)
        told = await asyncio.gather(met(both, tries, "first"), met(both, tries, "second"))
        assert (len(set(told)), len(tries)) == (1, 3)
