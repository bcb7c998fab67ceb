"""A decline for „no places” proposes 0: never taken by itself, answered by the partner's next word."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.directory.actions import Said, report_reading, undo_reading
from referral_hub.directory.proposals import open_proposals, propose_reading
from tests.build import actor_for, make_institution, make_offer, sign_in_as

pytestmark = pytest.mark.anyio


async def proposed(offer: UUID, free: int = 0) -> UUID | None:
    async with transaction(SYSTEM) as sql:
        return await propose_reading(sql, offer, by=SYSTEM, free=free)


async def answer_of(sql: asyncpg.Connection, proposal: UUID | None) -> tuple[str, UUID | None]:
    return tuple(await sql.fetchrow("select answer, reading from reading_proposal where id = $1", proposal))


async def test_a_proposal_changes_no_number_and_is_made_once(database: asyncpg.Connection) -> None:
    offer = await make_offer(await make_institution(), free=3)
    assert await proposed(offer) is not None
    assert await proposed(offer) is None
    assert await database.fetchval("select free from offer_places where offer = $1", offer) == 3
    assert (await open_proposals([offer]))[offer].free == 0
    full = await make_offer(await make_institution(), free=0)
    assert await proposed(full) is None
    facts = await database.fetchval("select facts from audit_event where event = 'reading:propose'")
    assert facts == '{"free": 0}'


@pytest.mark.parametrize(("free", "answer"), [(0, "confirmed"), (2, "other")])
async def test_the_partners_next_reading_answers_it_and_an_undo_asks_again(
    database: asyncpg.Connection, free: int, answer: str
) -> None:
    institution = await make_institution()
    offer = await make_offer(institution, free=3)
    proposal, partner = await proposed(offer), await actor_for(institution, "partner_editor")
    reading = await report_reading(offer, Said(free=free), actor=partner)
    assert await answer_of(database, proposal) == (answer, reading)
    assert await open_proposals([offer]) == {}
    await undo_reading(reading, actor=partner)
    assert (await open_proposals([offer]))[offer].id == proposal


async def test_somebody_elses_newer_reading_outdates_it_and_an_older_one_does_not(database: asyncpg.Connection) -> None:
    offer = await make_offer(await make_institution())
    proposal = await proposed(offer)
    caseworker = await actor_for(await make_institution("Klub"), "caseworker")
    await report_reading(offer, Said(free=4, as_of=clock.today() - timedelta(days=2)), actor=caseworker)
    assert (await answer_of(database, proposal))[0] == ""
    await report_reading(offer, Said(free=5), actor=caseworker)
    assert (await answer_of(database, proposal))[0] == "outdated"


async def test_a_decline_of_long_ago_asks_no_more(database: asyncpg.Connection) -> None:
    offer = await make_offer(await make_institution(), free=3)
    await proposed(offer)
    with clock.at(clock.now() + timedelta(days=31)):
        assert await open_proposals([offer]) == {}


async def test_the_partner_sees_it_in_my_offers_and_may_wave_it_away(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    offer = await make_offer(institution, free=3)
    proposal = await proposed(offer)
    await sign_in_as(web, institution, "partner_editor")
    page = await web.get("/my-offers")
    assert "W zgłoszeniu odpowiedzieli Państwo: brak miejsc." in page.text
    assert f'formaction="/my-offers/proposals/{proposal}/dismiss"' in page.text
    assert (await web.post(f"/my-offers/proposals/{proposal}/dismiss")).headers["location"] == "/my-offers"
    assert await answer_of(database, proposal) == ("dismissed", None)
    assert "W zgłoszeniu odpowiedzieli" not in (await web.get("/my-offers")).text
    assert await database.fetchval("select free from offer_places where offer = $1", offer) == 3


async def test_nobody_answers_for_another_institution(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    offer = await make_offer(await make_institution(), free=3)
    proposal = await proposed(offer)
    await sign_in_as(web, await make_institution("Inna"), "partner_editor")
    assert (await web.post(f"/my-offers/proposals/{proposal}/dismiss")).status_code == 404
    assert (await answer_of(database, proposal))[0] == ""
