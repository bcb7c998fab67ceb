"""Before a basis is recorded an account of an institution neither sends nor receives personal data."""

from datetime import timedelta

import httpx
import pytest

from referral_hub import clock
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.errors import Refused
from referral_hub.institutions.actions import NewContact, set_contacts
from referral_hub.referrals.actions import mark_seen, perform
from referral_hub.referrals.queries import referral
from referral_hub.referrals.worklist import worklist
from referral_hub.web.wording import translate
from tests.accounts.test_claims import mails
from tests.build import make_account, sign_in_as
from tests.referrals.scene import Scene, make_scene, row_of, rows, state_of, version_of

pytestmark = pytest.mark.anyio


async def end_agreement(scene: Scene, **fields: object) -> None:
    """Without fields there never was one; else the receiver's own is changed."""
    async with transaction(SYSTEM) as sql:
        if not fields:
            await sql.execute("delete from data_agreement where institution = $1", scene.partner)
        for name, value in fields.items():
            await sql.execute(f"update data_agreement set {name} = $2 where institution = $1", scene.partner, value)


@pytest.mark.parametrize("ended", ["never", "yesterday", "tomorrow"])
async def test_an_account_without_a_basis_sees_the_number_only(database: object, ended: str) -> None:
    scene = await make_scene()
    task = await scene.sent()
    today = clock.today()
    if ended == "never":
        await end_agreement(scene)
    elif ended == "yesterday":
        await end_agreement(scene, valid_until=today - timedelta(days=1))
    else:
        await end_agreement(scene, signed_on=today + timedelta(days=1))
    seen = await referral(scene.intake, task)
    assert seen.unbound
    assert seen.number
    assert (seen.person, seen.need, seen.timeline, seen.moves, seen.basis) == ({}, "", [], [], None)
    assert not await rows("select 1 from disclosure where kind = 'opened'")
    await mark_seen(task, actor=scene.intake)
    assert (await row_of(task))["seen_at"] is None
    listed = (await worklist(scene.intake)).items
    assert [(row.number, row.case_code, row.need) for row in listed] == [(seen.number, "", "")]


async def test_on_its_last_day_an_agreement_still_holds(database: object) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await end_agreement(scene, valid_until=clock.today())
    seen = await referral(scene.intake, task)
    assert not seen.unbound
    assert seen.person["case_code"] == scene.case_code
    assert seen.moves
    with clock.at(clock.now() + timedelta(days=1)):
        assert (await referral(scene.intake, task)).unbound


async def test_such_an_account_is_refused_every_answer_by_name(database: object) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await end_agreement(scene)
    for verb, fields in (
        ("accept", {}),
        ("decline", {"reason": "no_capacity"}),
        ("ask", {"question": "Kiedy?"}),
        ("waitlist", {"position": 1, "review_on": (clock.today() + timedelta(days=9)).isoformat()}),
    ):
        with pytest.raises(Refused) as refusal:
            await perform(task, actor=scene.intake, verb=verb, version=await version_of(task), fields=fields)
        assert refusal.value.code == "receiver_is_bound"
    assert await state_of(task) == "sent"


async def test_the_link_and_the_phone_still_work(database: object) -> None:
    scene = await make_scene()
    by_link, by_phone = await scene.sent(), await scene.sent()
    await end_agreement(scene)
    guest = await scene.guest(by_link)
    assert (await referral(guest, by_link)).person["case_code"] == scene.case_code
    await perform(by_link, actor=guest, verb="accept", version=2)
    await perform(by_phone, actor=scene.caseworker, verb="accept", version=2, channel="phone")
    assert await state_of(by_link) == await state_of(by_phone) == "accepted"
    assert not (await referral(scene.intake, by_link)).person


async def test_an_institution_without_a_basis_is_mailed_a_link_not_its_account(database: object) -> None:
    scene = await make_scene()
    await end_agreement(scene)
    account = (await rows("select email from account where id = $1", scene.intake.account))[0]["email"]
    await scene.sent()
    async with transaction(SYSTEM) as sql:
        (first,) = await mails(sql, "referral_new")
        assert (first["to"], "/a/" in first["link"]) == (account, True)
        await set_contacts(
            scene.partner, [NewContact(kind="email", value="biuro@partner.example")], by=SYSTEM, source="test"
        )
    await scene.sent()
    async with transaction(SYSTEM) as sql:
        second = (await mails(sql, "referral_new"))[-1]
    assert (second["to"], "/a/" in second["link"]) == ("biuro@partner.example", True)


async def test_an_institution_without_an_account_is_reached_by_link(database: object) -> None:
    scene = await make_scene()
    async with transaction(SYSTEM) as sql:
        await sql.execute("update account set active = false where institution = $1", scene.partner)
    contacts = [NewContact(kind="email", value="biuro@partner.example")]
    await set_contacts(scene.partner, contacts, by=SYSTEM, source="test")
    task = await scene.sent()
    async with transaction(SYSTEM) as sql:
        (letter,) = await mails(sql, "referral_new")
    assert letter["to"] == "biuro@partner.example"
    assert "/a/" in letter["link"]
    await perform(task, actor=await scene.guest(task), verb="accept", version=2)
    assert await state_of(task) == "accepted"


async def test_an_account_without_a_basis_cannot_send_and_reads_what_to_do(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    task = await scene.draft()
    async with transaction(SYSTEM) as sql:
        await sql.execute("update institution set club = false where id = $1", scene.club)
        await sql.execute("delete from data_agreement where institution = $1", scene.club)
    with pytest.raises(Refused) as refusal:
        await perform(task, actor=scene.caseworker, verb="send", version=1)
    assert refusal.value.code == "sender_is_bound"
    assert "Porozumienia" in translate("pl", "error.sender_is_bound")


async def test_the_page_says_why_there_is_only_a_number(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await end_agreement(scene)
    await sign_in_as(web, scene.partner, "partner_intake")
    page = await web.get(f"/referrals/{task}")
    assert page.status_code == 200
    assert translate("pl", "You see only the number here") in page.text
    assert scene.case_code not in page.text
    told = (await web.get(f"/api/v1/referrals/{task}")).json()
    assert (told["person"], told["need"], told["moves"]) == ({}, "", [])
    inbox = await web.get("/referrals")
    assert inbox.status_code == 200
    assert scene.case_code not in inbox.text
    answer = await web.post(f"/api/v1/referrals/{task}/moves", json={"verb": "accept", "version": 2})
    assert (answer.status_code, answer.json()["code"]) == (422, "receiver_is_bound")


async def test_a_new_basis_opens_it_again(database: object) -> None:
    from referral_hub.institutions.actions import add_agreement

    scene = await make_scene()
    task = await scene.sent()
    await end_agreement(scene, valid_until=clock.today() - timedelta(days=2))
    await make_account(scene.partner, "partner_intake")
    assert (await referral(scene.intake, task)).unbound
    await add_agreement(scene.partner, "statute", signed_on=clock.today(), by=SYSTEM)
    assert (await referral(scene.intake, task)).person["case_code"] == scene.case_code
