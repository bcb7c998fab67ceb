"""An open table of answers is told of news for as long as its reader is signed in."""

import asyncio
from datetime import timedelta

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.database.columns import new_id
from referral_hub.enquiries import live
from referral_hub.enquiries.actions import ask
from referral_hub.enquiries.schemas import Question
from tests.build import make_institution, make_offer, make_site, sign_in_as

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(live, "_stopping", asyncio.Event())


async def test_news_do_not_put_off_the_question_whether_somebody_still_may() -> None:
    enquiry, answers = new_id(), iter([True, False])

    async def still() -> bool:
        return next(answers)

    heard = []
    async for told in live.changes(enquiry, still):
        heard.append(told)
        live._wake(f"{enquiry} offer")
        await asyncio.sleep(0.01)
    assert 2 < len(heard) < 20
    assert not live._open


async def test_a_stream_ends_with_the_session_that_opened_it(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    club = await make_institution("Klub pytający", club=True)
    await make_site(club)
    partner = await make_institution("Poradnia")
    await make_offer(partner, "terapia_uzaleznien", site=await make_site(partner))
    worker = await sign_in_as(web, club, "caseworker")
    question = Question(need="uzaleznienie", people=1, ends_on=clock.today() + timedelta(days=3))
    enquiry = await ask(question, actor=worker)
    await database.execute("update session set ends_at = $1", clock.now() + timedelta(milliseconds=200))
    async with asyncio.timeout(5):
        stream = await web.get(f"/enquiries/{enquiry}/live")
    assert "event: changed" in stream.text
    assert ": here" in stream.text
