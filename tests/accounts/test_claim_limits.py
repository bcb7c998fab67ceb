"""A claim by mailed code cannot be guessed, flooded or broken."""

import asyncio
from datetime import timedelta

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts import claims
from referral_hub.accounts.claims import open_claim, try_code
from referral_hub.database.transaction import connection
from referral_hub.errors import Refused
from referral_hub.web.wording import translate
from tests.accounts.test_claims import OWN, ask, fresh_throttles, mails, place, type_in  # noqa: F401 -- the throttles are a fixture
from tests.referrals.test_racers import scratch

pytestmark = pytest.mark.anyio


async def test_five_wrong_codes_end_the_claim_and_say_so(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await place()
    await ask(web, institution)
    (code,) = await mails(database, "claim_code")
    for number in range(1, 6):
        answer = await type_in(web, institution, "CCCC-CCCC")
        assert answer.status_code == 422
        wanted = "claim_ended" if number == 5 else "claim_code_wrong"
        assert translate("pl", f"error.{wanted}") in answer.text
        assert f'value="{OWN}"' in answer.text
    right = await type_in(web, institution, code["code"])
    assert translate("pl", "error.claim_ended") in right.text
    assert await database.fetchval("select count(*) from account where email = $1", OWN) == 0
    assert await database.fetchval("select count(*) from audit_event where event = 'claim:refuse'") == 5


async def test_codes_tried_at_the_same_moment_are_never_more_than_five(pool: None, worker_id: str) -> None:
    async with scratch(f"claims_{worker_id}"):
        institution = await place()
        async with connection() as sql:
            mailbox = await sql.fetchval("select id from contact where institution = $1", institution)
        await open_claim(institution, OWN, mailbox, language="pl")

        async def one() -> str:
            try:
                await try_code(institution, OWN, "CCCCCCCC", language="pl")
            except Refused as refusal:
                return refusal.code
            return ""

        told = await asyncio.gather(*(one() for _ in range(20)))
        assert sorted(told) == ["claim_code_wrong"] * 4 + ["claim_ended"] * 16
        async with connection() as sql:
            assert await sql.fetchval("select wrong from claim") == 5
            assert await sql.fetchval("select count(*) from audit_event where event = 'claim:refuse'") == 5


async def test_an_institution_gets_no_more_than_five_codes_a_day(web: httpx.AsyncClient) -> None:
    institution = await place()
    for number in range(claims.MOST_A_DAY):
        assert (await ask(web, institution, f"osoba{number}@praca.example")).status_code == 200
    more = await ask(web, institution, "jeszcze@praca.example")
    assert more.status_code == 429
    assert translate("pl", "error.claim_too_many") in more.text
    with clock.at(clock.now() + timedelta(hours=25)):
        assert (await ask(web, institution, "jeszcze@praca.example")).status_code == 200


async def test_one_visitor_cannot_ask_or_guess_without_end(web: httpx.AsyncClient) -> None:
    institutions = [await place(f"Ośrodek {number}") for number in range(11)]
    told = [(await ask(web, one)).status_code for one in institutions]
    assert told == [200] * 10 + [429]
    guesses = [(await type_in(web, institutions[0], "CCCC")).status_code for _ in range(21)]
    assert guesses == [422] * 20 + [429]


@pytest.mark.parametrize(
    "email",
    ["", "bez małpy", "a@b", "x" * 300 + "@praca.example", "a\x00@praca.example", "a@praca.example\nBcc: b@c.d"],
)
async def test_what_is_no_address_is_told_beside_its_field(web: httpx.AsyncClient, email: str) -> None:
    institution = await place()
    for answer in (await ask(web, institution, email), await type_in(web, institution, "CCCC-CCCC", email)):
        assert answer.status_code == 422
        assert "error-summary" in answer.text


@pytest.mark.parametrize("code", ["", "\x00", "Ω" * 40, "x" * 5000, "' or 1=1"])
async def test_nonsense_for_a_code_is_refused(web: httpx.AsyncClient, code: str) -> None:
    institution = await place()
    await ask(web, institution)
    assert (await type_in(web, institution, code)).status_code == 422


async def test_an_endless_body_is_not_read(web: httpx.AsyncClient) -> None:
    institution = await place()
    answer = await web.post(f"/institutions/{institution}/claim", data={"email": "x" * 1_100_000})
    assert answer.status_code == 413
