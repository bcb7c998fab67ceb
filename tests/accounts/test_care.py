"""The coordinator's one page of everything that waits, and its number in the menu."""

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.accounts.care import waiting_in_all
from tests.build import _insert, make_institution, sign_in_as

pytestmark = pytest.mark.anyio


async def test_what_waits_stands_first_with_its_number(database: asyncpg.Connection, web: httpx.AsyncClient) -> None:
    club = await make_institution("Klub", club=True)
    await sign_in_as(web, club, "coordinator")
    before = await waiting_in_all(SYSTEM_ACTOR)
    quiet = await web.get("/care")
    assert quiet.status_code == 200
    silent = await make_institution("Cicha")
    await _insert("call_task", {"institution": silent, "made_at": clock.now(), "due_on": clock.today()})
    page = (await web.get("/care")).text
    assert await waiting_in_all(SYSTEM_ACTOR) == before + 1
    waiting = page[page.index("Do załatwienia") :]
    assert 'href="/calls"' in waiting[: waiting.index("Do przejrzenia")]
    for url in ("/edits", "/moderation", "/freshness", "/readings/doubtful", "/better"):
        assert f'href="{url}"' in page


async def test_a_partner_has_no_such_page(database: asyncpg.Connection, web: httpx.AsyncClient) -> None:
    await sign_in_as(web, await make_institution("Partner"), "partner_editor")
    assert (await web.get("/care")).status_code == 403
