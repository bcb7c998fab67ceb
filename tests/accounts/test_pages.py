"""Signing in and out, roles, invitations and the list of accounts, over HTTP."""

import re
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import msgspec
import pytest

from referral_hub import clock
from referral_hub.accounts.sessions import COOKIE
from referral_hub.mail.actions import facts_of
from referral_hub.web.wording import translate
from tests.build import PASSWORD, make_account, make_institution, sign_in_as

pytestmark = pytest.mark.anyio


async def sign_in(web: httpx.AsyncClient, email: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    return await web.post("/sign-in", data={"email": email, "password": password, **more})


def token_in(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]*)"', page)
    assert found is not None
    return found[1]


async def test_signing_in_leads_to_the_days_work_with_a_new_session(web: httpx.AsyncClient) -> None:
    email = await make_account(await make_institution(), "admin")
    web.cookies.set(COOKIE, "planted-by-somebody-else-000000", domain="hub.test")
    answer = await sign_in(web, email)
    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "planted" not in cookie


async def test_next_is_followed_only_on_this_site(web: httpx.AsyncClient) -> None:
    email = await make_account(await make_institution(), "admin")
    assert (await sign_in(web, email, next="/accounts?idle=1")).headers["location"] == "/accounts?idle=1"
    web.cookies.clear()
    assert (await sign_in(web, email, next="//evil.example/")).headers["location"] == "/accounts"


async def test_a_wrong_password_is_one_sentence_and_never_says_which(web: httpx.AsyncClient) -> None:
    email = await make_account(await make_institution(), "admin")
    wrong = await sign_in(web, email, "nie to hasło tutaj")
    nobody = await sign_in(web, "nikt@hub.example", "nie to hasło tutaj")
    assert wrong.status_code == nobody.status_code == 422
    assert translate("pl", "error.sign_in_wrong") in wrong.text
    assert wrong.text.replace(email, "") == nobody.text.replace("nikt@hub.example", "")
    assert f'value="{email}"' in wrong.text
    assert "nie to hasło" not in wrong.text
    assert "set-cookie" not in wrong.headers


async def test_too_many_tries_have_to_wait(web: httpx.AsyncClient) -> None:
    email = await make_account(await make_institution(), "admin")
    for _ in range(5):
        await sign_in(web, email, "nie to hasło tutaj")
    locked = await sign_in(web, email)
    assert locked.status_code == 429
    with clock.at(clock.now() + timedelta(minutes=20)):
        assert (await sign_in(web, email)).status_code == 303


@pytest.mark.parametrize(
    "sent", [{}, {"email": ""}, {"email": "x" * 300, "password": "y" * 300}, {"email": "a\x00", "password": "b"}]
)
async def test_nonsense_is_told_field_by_field(web: httpx.AsyncClient, sent: dict[str, str]) -> None:
    answer = await web.post("/sign-in", data=sent)
    assert answer.status_code == 422
    assert "error-summary" in answer.text


async def test_signing_out_ends_the_session_on_the_server(web: httpx.AsyncClient) -> None:
    await sign_in_as(web, await make_institution(), "admin")
    old = web.cookies[COOKIE]
    answer = await web.post("/sign-out")
    assert answer.status_code == 303
    web.cookies.set(COOKIE, old, domain="hub.test")
    assert (await web.get("/accounts")).status_code == 303


async def test_a_role_that_is_held_can_act_and_the_session_changes(web: httpx.AsyncClient) -> None:
    await sign_in_as(web, await make_institution(), "caseworker", "coordinator", "partner_intake")
    old, text = web.cookies[COOKIE], (await web.get("/help")).text
    assert re.search(r'<option value="caseworker" selected>', text)
    answer = await web.post("/acting-role", data={"role": "coordinator"})
    assert answer.status_code == 303
    new = re.match(rf"{COOKIE}=([^;]+)", answer.headers["set-cookie"])
    assert new is not None
    assert new[1] != old
    web.cookies.clear()
    web.cookies.set(COOKIE, new[1])
    session = (await web.get("/api/v1/session")).json()
    assert session["role"] == "coordinator"
    web.headers["X-CSRF-Token"] = session["csrf"]
    assert (await web.post("/acting-role", data={"role": "admin"})).status_code == 422


async def test_the_session_is_told_to_its_own_page_only(web: httpx.AsyncClient) -> None:
    assert (await web.get("/api/v1/session")).status_code == 401
    institution = await make_institution()
    actor = await sign_in_as(web, institution, "caseworker")
    told = (await web.get("/api/v1/session")).json()
    assert told["csrf"] == actor.csrf
    assert told["roles"] == ["caseworker"]
    assert UUID(told["institution"]) == institution


async def test_employees_and_institutions_are_listed_apart(web: httpx.AsyncClient) -> None:
    club, partner = await make_institution("Klub", club=True), await make_institution("Fundacja Próbna")
    await make_account(partner, "partner_editor", email="biuro@partner.example")
    await sign_in_as(web, club, "admin")
    employees = (await web.get("/accounts")).text
    institutions = (await web.get("/accounts?group=institutions")).text
    assert "biuro@partner.example" not in employees
    assert "biuro@partner.example" in institutions
    assert "Fundacja Próbna" in institutions


async def test_an_account_long_unused_is_pointed_out(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    club = await make_institution("Klub", club=True)
    email = await make_account(club, "caseworker")
    await database.execute("update account set made_at = $1 where email = $2", clock.now() - timedelta(days=100), email)
    await sign_in_as(web, club, "admin")
    text = (await web.get("/accounts")).text
    assert "1 konto nie było używane od 90 dni." in text
    assert email in (await web.get("/accounts?idle=1")).text


async def test_an_invitation_makes_an_account_and_a_mail_that_sets_its_password(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    await make_institution("Fundacja Jedyna w Swoim Rodzaju")
    await sign_in_as(web, await make_institution("Klub", club=True), "admin")
    sent = {"name": "Ola Próbna", "email": "Ola@Jedyna.example", "institution": "jedyna w swoim", "language": "pl"}
    answer = await web.post("/accounts/new", data={**sent, "roles": ["partner_editor", "partner_intake"]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts?done=invited")
    payload = msgspec.json.decode(await database.fetchval("select payload from job where name = 'send_mail'"))
    secret = facts_of(payload)["link"].rsplit("/", 1)[1]
    web.cookies.clear()
    del web.headers["X-CSRF-Token"]

    opened = await web.get(f"/sign-in/set/{secret}")
    assert (opened.status_code, opened.headers["location"]) == (303, "/sign-in/set")
    assert opened.headers["referrer-policy"] == "no-referrer"
    page = (await web.get("/sign-in/set")).text
    assert secret not in page
    short = await web.post("/sign-in/set", data={"csrf": token_in(page), "password": "krótkie", "again": "inne"})
    assert short.status_code == 422
    assert "Hasła się różnią" in short.text
    good = "cztery zwykłe słowa razem"
    assert (await web.post("/sign-in/set", data={"password": good, "again": good})).status_code == 403
    done = await web.post("/sign-in/set", data={"csrf": token_in(page), "password": good, "again": good})
    assert done.headers["location"] == "/sign-in?done=password"
    assert (await sign_in(web, "ola@jedyna.example", good)).headers["location"] == "/referrals"

    web.cookies.clear()
    await web.get(f"/sign-in/set/{secret}")
    again = await web.get("/sign-in/set")
    assert again.status_code == 422
    assert '<form method="post" action="/sign-in/set"' not in again.text


async def test_an_invitation_tells_everything_at_once(web: httpx.AsyncClient) -> None:
    for number in range(3):
        await make_institution(f"Poradnia Wielokrotna {number}")
    await sign_in_as(web, await make_institution("Klub", club=True), "admin")
    answer = await web.post("/accounts/new", data={"institution": "Poradnia Wielokrotna", "email": "źle"})
    assert answer.status_code == 422
    assert answer.text.count('name="institution_id"') == 3
    for field in ("name", "roles", "language"):
        assert f'href="#{field}"' in answer.text
    assert 'value="źle"' in answer.text


async def test_roles_change_and_the_old_session_ends(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    club = await make_institution("Klub", club=True)
    worker = await sign_in_as(web, club, "caseworker")
    workers_cookie = web.cookies[COOKIE]
    web.cookies.clear()
    await sign_in_as(web, club, "admin")
    await database.execute("update account set password = 'x' where password = ''")
    answer = await web.post(f"/accounts/{worker.account}", data={"roles": ["coordinator"], "active": "1"})
    assert answer.status_code == 303
    web.cookies.set(COOKIE, workers_cookie)
    assert (await web.get("/api/v1/session")).status_code == 401


async def test_nobody_locks_themselves_out(web: httpx.AsyncClient) -> None:
    admin = await sign_in_as(web, await make_institution("Klub", club=True), "admin")
    answer = await web.post(f"/accounts/{admin.account}", data={"roles": ["admin"]})
    assert answer.status_code == 422
    assert "własnego konta" in answer.text


async def test_a_new_link_replaces_the_old_one(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    club = await make_institution("Klub", club=True)
    email = await make_account(club, "caseworker")
    account = await database.fetchval("select id from account where email = $1", email)
    await sign_in_as(web, club, "admin")
    for _ in range(2):
        assert (await web.post(f"/accounts/{account}/link")).status_code == 303
    states = await database.fetch(
        "select revoked_at is null as open from link where subject = $1 order by made_at, id", account
    )
    assert [row["open"] for row in states] == [False, True]


@pytest.mark.parametrize(("role", "status"), [("coordinator", 200), ("caseworker", 403), ("dpo", 403)])
async def test_the_list_is_for_those_who_look_after_it(web: httpx.AsyncClient, role: str, status: int) -> None:
    await sign_in_as(web, await make_institution("Klub", club=True), role)
    assert (await web.get("/accounts")).status_code == status
    assert (await web.get("/accounts/new")).status_code == 403


async def test_an_unknown_account_is_404(web: httpx.AsyncClient) -> None:
    await sign_in_as(web, await make_institution("Klub", club=True), "admin")
    for account in ("0192f0c0-0000-7000-8000-000000000001", "nonsense"):
        assert (await web.get(f"/accounts/{account}")).status_code == 404


async def test_a_write_without_the_sessions_token_is_refused(web: httpx.AsyncClient) -> None:
    await sign_in_as(web, await make_institution("Klub", club=True), "admin")
    del web.headers["X-CSRF-Token"]
    assert (await web.post("/sign-out")).status_code == 403
    assert (await web.post("/sign-out", headers={"origin": "https://evil.example"})).status_code == 403
