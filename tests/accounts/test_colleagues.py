"""An institution looks after its own accounts: inviting, two tasks, leaving, and never a stranger's business."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.colleagues import change_roles, end_account
from referral_hub.accounts.links import link_of_secret, make_link
from referral_hub.accounts.sessions import COOKIE
from referral_hub.database.transaction import SYSTEM, connection
from referral_hub.errors import Refused
from referral_hub.web.formats import month
from referral_hub.web.wording import speaking, translate
from tests.accounts.test_claims import mails
from tests.build import actor_for, make_account, make_agreement, make_institution, make_offer, sign_in_as
from tests.referrals.scene import make_scene
from tests.referrals.test_racers import scratch

pytestmark = pytest.mark.anyio


async def id_of(email: str) -> UUID:
    async with connection() as sql:
        return UUID(str(await sql.fetchval("select id from account where email = $1", email)))


async def roles_of(account: UUID) -> list[str]:
    async with connection() as sql:
        rows = await sql.fetch("select role from account_role where account = $1 order by role", account)
    return [row["role"] for row in rows]


async def active(account: UUID) -> bool:
    async with connection() as sql:
        return bool(await sql.fetchval("select active from account where id = $1", account))


async def test_an_editor_sees_the_own_team_with_the_month_they_were_last_here(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution, other = await make_institution(), await make_institution("Obca")
    colleague, stranger = await make_account(institution, "partner_intake"), await make_account(other, "partner_editor")
    seen = clock.now() - timedelta(days=70)
    await database.execute("update account set last_seen_at = $2 where email = $1", colleague, seen)
    gone = await make_account(institution, "partner_editor")
    await database.execute("update account set active = false where email = $1", gone)
    await sign_in_as(web, institution, "partner_editor")
    page = (await web.get("/my-team")).text
    assert colleague in page
    assert stranger not in page
    assert gone not in page
    with speaking("pl"):
        assert month(seen.date()) in page
    assert 'href="/my-team"' in page


async def test_a_colleague_is_invited_by_a_mailed_one_time_link(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    await sign_in_as(web, institution, "partner_editor")
    sent = {"email": "Nowa@Praca.example", "name": "Nowa Osoba", "roles": ["partner_intake"], "language": "uk"}
    answer = await web.post("/my-team/new", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/my-team?done=invited")
    account = await id_of("nowa@praca.example")
    assert await roles_of(account) == ["partner_intake"]
    assert await database.fetchval("select institution from account where id = $1", account) == institution
    (letter,) = await mails(database, "set_password")
    first = letter["link"].rsplit("/", 1)[1]
    assert (await web.get("/my-team?done=invited")).status_code == 200
    assert (await web.post(f"/my-team/{account}/link")).status_code == 303
    link = await link_of_secret("s", first)
    assert link is not None
    assert link.state == "revoked"
    assert len(await mails(database, "set_password")) == 2


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"email": "x", "roles": "partner_editor"},
        {"email": "a@b.example", "roles": "coordinator"},
        {"email": "a@b.example", "roles": "admin", "language": "xx"},
        {"email": "a\x00@b.example", "roles": "partner_editor"},
        {"email": "a" * 300 + "@b.example", "roles": "partner_editor", "name": "y" * 300},
    ],
)
async def test_nobody_invites_by_nonsense_or_into_another_role(web: httpx.AsyncClient, sent: dict[str, str]) -> None:
    await sign_in_as(web, await make_institution(), "partner_editor")
    answer = await web.post("/my-team/new", data=sent)
    assert answer.status_code == 422
    assert "error-summary" in answer.text


async def test_a_colleague_gets_another_task_and_is_signed_out(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    colleague = await actor_for(institution, "partner_editor")
    await sign_in_as(web, institution, "partner_editor")
    page = await web.post(f"/my-team/{colleague.account}", data={"roles": "partner_intake"})
    assert page.status_code == 303
    assert colleague.account is not None
    assert await roles_of(colleague.account) == ["partner_intake"]
    assert not await database.fetchval("select count(*) from session where account = $1", colleague.account)
    bad = await web.post(f"/my-team/{colleague.account}", data={"roles": "admin"})
    assert bad.status_code == 422
    none = await web.post(f"/my-team/{colleague.account}", data={})
    assert none.status_code == 422


async def test_who_leaves_is_out_at_once_with_the_links_mailed_there(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution, other = await make_institution(), await make_institution("Obca")
    leaving = await actor_for(institution, "partner_editor", "partner_intake")
    email = await database.fetchval("select email from account where id = $1", leaving.account)
    task = UUID(int=7)
    mine, _ = await make_link("c", by=SYSTEM, institution=institution, address=email.upper())
    answer, _ = await make_link("a", by=SYSTEM, institution=institution, subject=task, address=email)
    password, _ = await make_link("s", by=SYSTEM, institution=institution, subject=leaving.account, address=email)
    office, _ = await make_link("c", by=SYSTEM, institution=institution, address="biuro@praca.example")
    elsewhere, _ = await make_link("c", by=SYSTEM, institution=other, address=email)
    heir = await actor_for(institution, "partner_intake")
    await sign_in_as(web, institution, "partner_editor")
    done = await web.post(f"/my-team/{leaving.account}/end", data={"successor": str(heir.account)})
    assert (done.status_code, done.headers["location"]) == (303, "/my-team?done=ended")
    assert leaving.account is not None
    assert heir.account is not None
    assert not await active(leaving.account)
    assert not await database.fetchval("select count(*) from session where account = $1", leaving.account)
    states = {}
    for kind, secret in (("c", mine), ("a", answer), ("s", password), ("c", office), ("c", elsewhere)):
        link = await link_of_secret(kind, secret)
        assert link is not None
        states[secret] = link.state
    assert [states[one] for one in (mine, answer, password)] == ["revoked"] * 3
    assert [states[one] for one in (office, elsewhere)] == ["open"] * 2
    assert await roles_of(heir.account) == ["partner_editor", "partner_intake"]
    facts = await database.fetchval("select facts::text from audit_event where event = 'link:revoke' order by at desc")
    assert email not in facts


async def test_open_work_is_named_before_the_end(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    await scene.sent()
    await scene.sent()
    with clock.at(clock.now() - timedelta(days=60)):
        await make_offer(scene.partner, title="Stara liczba", free=2, rhythm="week")
    leaving = await actor_for(scene.partner, "partner_editor", "partner_intake")
    await sign_in_as(web, scene.partner, "partner_editor")
    page = (await web.get(f"/my-team/{leaving.account}")).text
    assert f"{translate('pl', 'open_work.received')}: 2" in page
    assert f"{translate('pl', 'open_work.numbers')}: 1" in page
    intake = (await web.get(f"/my-team/{scene.intake.account}")).text
    assert translate("pl", "open_work.numbers") not in intake


async def test_the_last_editor_goes_only_with_a_word_that_links_are_enough(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await make_institution()
    await make_agreement(institution)
    await actor_for(institution, "partner_intake")
    # Invited, but never came: nobody to rely on.
    await sign_in_as(web, institution, "partner_editor")
    await web.post("/my-team/new", data={"email": "nowa@praca.example", "roles": "partner_editor"})
    own = await id_of((await database.fetch("select email from account order by made_at"))[1]["email"])
    assert await roles_of(own) == ["partner_editor"]
    page = await web.post(f"/my-team/{own}/end", data={})
    assert page.status_code == 422
    assert translate("pl", "error.last_editor") in page.text
    assert await active(own)
    taken = await web.post(f"/my-team/{own}", data={"roles": "partner_intake"})
    assert translate("pl", "error.own_editor") in taken.text
    done = await web.post(f"/my-team/{own}/end", data={"by_link_only": "1"})
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in?done=out")
    assert not await active(own)
    assert (await web.get("/my-team")).status_code == 303


async def test_two_editors_who_end_each_other_leave_one(pool: None, worker_id: str) -> None:
    async with scratch(f"team_{worker_id}"):
        institution = await make_institution()
        one, two = await actor_for(institution, "partner_editor"), await actor_for(institution, "partner_editor")

        async def act(actor: Actor, other: Actor, *, end: bool) -> str:
            assert other.account is not None
            try:
                if end:
                    await end_account(other.account, successor=None, by_link_only=False, actor=actor)
                else:
                    await change_roles(other.account, roles=["partner_intake"], actor=actor)
            except Refused as refusal:
                return refusal.problems[0].code
            return "done"

        told = await asyncio.gather(act(one, two, end=True), act(two, one, end=False))
        assert sorted(told) == ["done", "last_editor"]
        async with connection() as sql:
            assert (
                await sql.fetchval(
                    """select count(*) from account a join account_role r on r.account = a.id
                    where a.active and r.role = 'partner_editor'"""
                )
                == 1
            )


async def test_other_institutions_people_are_not_there(web: httpx.AsyncClient) -> None:
    stranger = await actor_for(await make_institution("Obca"), "partner_editor")
    await sign_in_as(web, await make_institution(), "partner_editor")
    for account in (stranger.account, UUID(int=3)):
        assert (await web.get(f"/my-team/{account}")).status_code == 404
        for path in ("", "/end", "/link"):
            assert (await web.post(f"/my-team/{account}{path}", data={"roles": "partner_intake"})).status_code == 404
    assert stranger.account is not None
    assert await active(stranger.account)


async def test_a_stranger_cannot_take_over(web: httpx.AsyncClient) -> None:
    institution = await make_institution()
    leaving = await actor_for(institution, "partner_editor")
    stranger = await actor_for(await make_institution("Obca"), "partner_intake")
    await sign_in_as(web, institution, "partner_editor")
    for successor in (stranger.account, leaving.account, "x", UUID(int=1)):
        page = await web.post(f"/my-team/{leaving.account}/end", data={"successor": str(successor)})
        assert page.status_code == 422
    assert stranger.account is not None
    assert await roles_of(stranger.account) == ["partner_intake"]


async def test_who_has_more_tasks_is_the_administrators(web: httpx.AsyncClient) -> None:
    institution = await make_institution()
    worker = await actor_for(institution, "caseworker", "partner_editor")
    await sign_in_as(web, institution, "partner_editor")
    assert f'href="/my-team/{worker.account}"' not in (await web.get("/my-team")).text
    for path in ("", "/end", "/link"):
        answer = await web.post(f"/my-team/{worker.account}{path}", data={"roles": "partner_editor"})
        assert answer.status_code == 403
    assert worker.account is not None
    assert await active(worker.account)


@pytest.mark.parametrize("role", ["partner_intake", "caseworker", "coordinator", "dpo", "admin"])
async def test_only_editors_look_after_a_team(web: httpx.AsyncClient, role: str) -> None:
    await sign_in_as(web, await make_institution(), role)
    assert (await web.get("/my-team")).status_code == 403
    assert (await web.post("/my-team/new", data={})).status_code == 403


async def test_everybody_changes_the_own_language_and_password(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    from referral_hub.accounts import own_account_pages
    from referral_hub.accounts.actions import sign_in
    from tests.build import PASSWORD

    own_account_pages.guesses.forget()
    actor = await sign_in_as(web, await make_institution(), "dpo")
    email = await database.fetchval("select email from account where id = $1", actor.account)
    elsewhere = await sign_in(email, PASSWORD)
    assert (await web.get("/account")).status_code == 200
    assert (await web.post("/account/language", data={"language": "xx"})).status_code == 422
    assert (await web.post("/account/language", data={"language": "uk"})).status_code == 303
    assert await database.fetchval("select language from account where id = $1", actor.account) == "uk"
    fresh = "zupełnie nowe hasło"
    for wrong in (
        {},
        {"present": "nie to", "password": fresh, "again": fresh},
        {"present": PASSWORD, "password": fresh, "again": "inne"},
        {"present": PASSWORD, "password": "krótkie", "again": "krótkie"},
    ):
        assert (await web.post("/account/password", data=wrong)).status_code == 422
    old = web.cookies[COOKIE]
    done = await web.post("/account/password", data={"present": PASSWORD, "password": fresh, "again": fresh})
    assert done.status_code == 303
    assert await database.fetchval("select count(*) from session where account = $1", actor.account) == 1
    for secret in (old, elsewhere):
        web.cookies.clear()
        web.cookies.set(COOKIE, secret)
        assert (await web.get("/account")).status_code == 303
    assert await sign_in(email, fresh)


async def test_the_administrator_reads_what_is_open_and_closing_takes_links_back(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    await scene.sent()
    secret, _ = await make_link("s", by=SYSTEM, institution=scene.partner, subject=scene.intake.account)
    await sign_in_as(web, scene.club, "admin")
    page = (await web.get(f"/accounts/{scene.intake.account}")).text
    assert f"{translate('pl', 'open_work.received')}: 1" in page
    assert 'href="/referrals"' not in page.split("<main")[1]
    assert f"{translate('pl', 'open_work.kept')}: 1" in (await web.get(f"/accounts/{scene.caseworker.account}")).text
    closed = await web.post(f"/accounts/{scene.intake.account}", data={"roles": "partner_intake"})
    assert closed.status_code == 303
    link = await link_of_secret("s", secret)
    assert link is not None
    assert link.state == "revoked"
