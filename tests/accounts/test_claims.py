"""„To moja instytucja”: a code to the address of the directory, five tries, and never a word about accounts."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts import claims
from referral_hub.accounts.claims import masked
from referral_hub.database.transaction import SYSTEM
from referral_hub.directory import claim_pages
from referral_hub.institutions.actions import NewContact, set_contacts
from referral_hub.mail.actions import facts_of
from referral_hub.web.wording import translate
from tests.build import make_account, make_institution, make_offer, make_site, sign_in_as

pytestmark = pytest.mark.anyio
OFFICE = "sekretariat@gops.example"
OWN = "nowa.osoba@praca.example"


@pytest.fixture(autouse=True)
def fresh_throttles() -> None:
    claim_pages.asked.forget()
    claim_pages.guesses.forget()


async def place(name: str = "Ośrodek Próbny", *emails: str, **values: Any) -> UUID:
    institution = await make_institution(name, "ops", **values)
    contacts = [NewContact(kind="email", value=email) for email in emails or (OFFICE,)]
    await set_contacts(institution, contacts, by=SYSTEM, source="test")
    return institution


async def mails(sql: asyncpg.Connection, template: str) -> list[dict[str, Any]]:
    rows = await sql.fetch(
        "select payload->>'to' as to, payload->>'facts' as facts from job where name = 'send_mail' "
        "and payload->>'template' = $1 order by id",
        template,
    )
    return [{"to": row["to"], **facts_of({"facts": row["facts"]})} for row in rows]


async def ask(web: httpx.AsyncClient, institution: UUID, email: str = OWN, **more: str) -> httpx.Response:
    return await web.post(f"/institutions/{institution}/claim", data={"email": email, **more})


async def type_in(web: httpx.AsyncClient, institution: UUID, code: str, email: str = OWN) -> httpx.Response:
    return await web.post(f"/institutions/{institution}/claim/code", data={"email": email, "code": code})


async def test_a_code_to_the_register_address_makes_an_account(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await place()
    coordinator = await make_account(await make_institution("Klub", "kis", club=True), "coordinator")
    assert "/claim" in (await web.get(f"/institutions/{institution}")).text
    page = await web.get(f"/institutions/{institution}/claim")
    assert "s…@gops.example" in page.text
    assert OFFICE not in page.text.split("<main")[1]
    asked = await ask(web, institution)
    assert asked.status_code == 200
    (code,) = await mails(database, "claim_code")
    assert code["to"] == OFFICE
    assert re.fullmatch(r"[CDFGHJKMNPRTVWXY]{4}-[CDFGHJKMNPRTVWXY]{4}", code["code"])
    assert code["code"] not in asked.text
    assert code["link"].endswith(f"/institutions/{institution}/claim/code")
    done = await type_in(web, institution, code["code"].lower().replace("-", " "))
    assert done.status_code == 200
    roles = await database.fetch(
        "select r.role from account a join account_role r on r.account = a.id where a.email = $1 order by 1", OWN
    )
    assert [row["role"] for row in roles] == ["partner_editor", "partner_intake"]
    # Nobody of the network has met these hands: what they change waits until the coordinator trusts them.
    assert await database.fetchval("select edits_wait from institution where id = $1", institution)
    (link,) = await mails(database, "set_password")
    assert link["to"] == OWN
    assert [one["to"] for one in await mails(database, "claim_granted")] == [coordinator]
    events = {row["event"] for row in await database.fetch("select event from audit_event where event like 'claim:%'")}
    assert events == {"claim:open", "claim:grant"}
    assert OWN not in str(await database.fetch("select facts::text from audit_event"))


async def test_an_expired_code_no_longer_works(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await place()
    await ask(web, institution)
    (code,) = await mails(database, "claim_code")
    with clock.at(clock.now() + claims.LASTS + timedelta(minutes=1)):
        late = await type_in(web, institution, code["code"])
    assert translate("pl", "error.claim_expired") in late.text


async def test_a_code_works_once_and_a_newer_one_ends_the_older(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await place()
    await ask(web, institution)
    await ask(web, institution)
    older, newer = await mails(database, "claim_code")
    assert (await type_in(web, institution, older["code"])).status_code == 422
    assert (await type_in(web, institution, newer["code"])).status_code == 200
    again = await type_in(web, institution, newer["code"])
    assert translate("pl", "error.claim_code_wrong") in again.text


async def test_the_answer_never_tells_whether_an_account_exists(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution, other = await place(), await make_institution("Inna")
    taken = await make_account(other, "caseworker")

    async def answers(email: str) -> list[str]:
        shown = [(await ask(web, institution, email)).text, (await type_in(web, institution, "CCCC", email)).text]
        code = (await mails(database, "claim_code"))[-1]["code"]
        shown.append((await type_in(web, institution, code, email)).text)
        return [re.sub(r'value="[^"]*"', "", text.replace(email, "")) for text in shown]

    assert await answers(taken) == await answers("nikt@praca.example")
    assert [one["to"] for one in await mails(database, "claim_ask")] == [taken]
    assert await database.fetchval("select institution from account where email = $1", taken) == other


async def test_a_closed_account_is_not_opened_again_by_a_code(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await place()
    gone = await make_account(institution, "partner_editor")
    await database.execute("update account set active = false where email = $1", gone)
    await ask(web, institution, gone)
    (code,) = await mails(database, "claim_code")
    assert (await type_in(web, institution, code["code"], gone)).status_code == 200
    assert not await database.fetchval("select active from account where email = $1", gone)
    assert not await mails(database, "set_password")


async def test_a_second_colleague_claims_too_and_the_first_is_told(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await place()
    first = await make_account(institution, "partner_editor")
    await ask(web, institution)
    (code,) = await mails(database, "claim_code")
    assert (await type_in(web, institution, code["code"])).status_code == 200
    assert [one["to"] for one in await mails(database, "claim_colleague")] == [first]
    editors = "select count(*) from account a join account_role r on r.account = a.id where a.institution = $1"
    assert await database.fetchval(editors + " and r.role = 'partner_editor'", institution) == 2


async def test_of_several_addresses_one_is_chosen_and_no_other_is_taken(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await place("Dwa adresy", "biuro@dwa.example", "kadry@dwa.example")
    stranger = await place("Obca", "obca@obca.example")
    page = (await web.get(f"/institutions/{institution}/claim")).text
    assert "b…@dwa.example" in page
    assert "k…@dwa.example" in page
    foreign = await database.fetchval("select id from contact where institution = $1", stranger)
    for wrong in ("", str(foreign), "x"):
        assert (await ask(web, institution, mailbox=wrong)).status_code == 422
    own = await database.fetchval("select id from contact where value = 'kadry@dwa.example'")
    assert (await ask(web, institution, mailbox=str(own))).status_code == 200
    assert [one["to"] for one in await mails(database, "claim_code")] == ["kadry@dwa.example"]


async def test_without_an_open_address_the_coordinator_is_named(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    nobody = await make_institution("Bez poczty")
    hidden, delicate = await place("Schronisko"), await place("Poradnia")
    await make_site(hidden, address_visibility="staff")
    await make_offer(delicate, sensitive=True)
    bounced = await place("Zwroty")
    await database.execute("update contact set failing_since = $2 where institution = $1", bounced, clock.now())
    club = await place("Klub", "klub@klub.example", club=True)
    for institution in (nobody, hidden, delicate, bounced, club):
        page = await web.get(f"/institutions/{institution}/claim")
        assert page.status_code == 200
        assert 'name="email"' not in page.text
        assert (await ask(web, institution)).status_code == 422
    assert not await mails(database, "claim_code")


async def test_what_is_merged_leads_to_the_survivor_and_the_rest_is_not_there(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    survivor = await place()
    merged = await make_institution("Stara", status="merged", merged_into=survivor)
    answer = await web.get(f"/institutions/{merged}/claim")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/institutions/{survivor}/claim")
    assert (await ask(web, merged)).status_code == 200
    assert await database.fetchval("select institution from claim") == survivor
    archived = await place("Zamknięta", "z@z.example", status="archived")
    for institution in (archived, UUID(int=5)):
        for path in ("claim", "claim/code"):
            assert (await web.get(f"/institutions/{institution}/{path}")).status_code == 404
            assert (await web.post(f"/institutions/{institution}/{path}", data={"email": OWN})).status_code == 404


async def test_following_links_changes_nothing(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await place()
    await ask(web, institution)
    before = await database.fetch("select * from claim")
    for _ in range(3):
        assert (await web.get(f"/institutions/{institution}/claim/code")).status_code == 200
        assert (await web.get(f"/institutions/{institution}/claim")).status_code == 200
        assert (await web.head(f"/institutions/{institution}/claim/code")).status_code == 200
    assert await database.fetch("select * from claim") == before


async def test_the_coordinator_reads_how_claims_ended(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await place()
    await ask(web, institution)
    (code,) = await mails(database, "claim_code")
    await type_in(web, institution, code["code"])
    await ask(web, institution, "druga@praca.example")
    await sign_in_as(web, await make_institution("Klub", "kis", club=True), "coordinator")
    page = (await web.get("/accounts/claims")).text
    assert OWN in page
    assert translate("pl", "claim.granted") in page
    assert translate("pl", "claim.waiting") in page
    await sign_in_as(web, institution, "partner_editor")
    assert (await web.get("/accounts/claims")).status_code == 403


async def test_no_code_goes_to_an_address_that_came_by_a_correction_of_this_week(web: httpx.AsyncClient) -> None:
    office = await place()
    stranger = [NewContact(kind="email", value=address) for address in (OFFICE, "Zamiast@obcy.example")]
    await set_contacts(office, stranger, by=SYSTEM, source="coordinator", why="podpowiedź")
    assert [box.masked for box in (await claims.claimable(office)).mailboxes] == [masked(OFFICE)]
    await set_contacts(office, stranger[1:], by=SYSTEM, source="coordinator")
    page = await ask(web, office)
    assert page.status_code == 422
    assert "z…@obcy.example" not in page.text
    with clock.at(clock.now() + claims.LATELY + timedelta(minutes=1)):
        assert [box.masked for box in (await claims.claimable(office)).mailboxes] == ["z…@obcy.example"]
