"""The page of one referral reads its case once: its parts are handed it, and ask for their own rows only."""

import asyncio
import re

import asyncpg
import httpx
import pytest

from referral_hub.accounts.links import make_link
from referral_hub.accounts.permissions import ROLES
from referral_hub.database.transaction import SYSTEM
from referral_hub.referrals.actions import perform
from tests.build import sign_in_as
from tests.referral_pages.scenes import a_referral, a_scene

pytestmark = pytest.mark.anyio
# What surrounds a transaction, and what the driver asks once of a new connection.
FRAME = re.compile(r"\s*(begin|savepoint|release|select set_config|with recursive typeinfo|select current_setting)")
CASE = "q.state as request_state"


async def questions(database: asyncpg.Connection, web: httpx.AsyncClient, path: str) -> list[str]:
    """What one look at a page asks of the database."""
    asked: list[str] = []
    with database.query_logger(lambda told: asked.append(told.query.lower())):
        assert (await web.get(path)).status_code == 200
        # The driver tells of a query a turn of the loop later.
        await asyncio.sleep(0)
    return [one for one in asked if not FRAME.match(one)]


async def test_the_page_of_a_referral_asks_at_most_twenty_questions(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    here = f"/referrals/{task}"
    looks = {"sender": await questions(database, web, here)}
    link, _ = await make_link("p", by=SYSTEM, subject=scene.person)
    await web.get(f"/p/{link}")
    looks["person"] = await questions(database, web, "/p")
    answer, _ = await make_link("a", by=SYSTEM, subject=task, institution=scene.clinic, address="biuro@klinika.example")
    await web.get(f"/a/{answer}")
    looks["guest"] = await questions(database, web, "/a")
    receiver = await sign_in_as(web, scene.clinic, "partner_intake")
    looks["receiver"] = await questions(database, web, here)
    await perform(task, actor=receiver, verb="decline", version=2, fields={"reason": "no_capacity"})
    await sign_in_as(web, scene.club, "caseworker")
    looks["sender, with plan B"] = await questions(database, web, here)
    most = {"sender": 20, "person": 12, "guest": 12, "receiver": 13, "sender, with plan B": 20}
    assert {name: asked for name, asked in looks.items() if len(asked) > most[name]} == {}
    assert {name: sum(CASE in one for one in asked) for name, asked in looks.items()} == dict.fromkeys(looks, 1)


async def test_who_holds_every_role_asks_in_those_only_that_have_to_do_with_referrals(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    scene = await a_scene(web)
    task = await a_referral(scene)
    await sign_in_as(web, scene.club, *ROLES)
    asked = await questions(database, web, f"/referrals/{task}")
    assert sum(CASE in one for one in asked) == 3, "caseworker, coordinator, intake"
    assert len(asked) <= 26, asked
