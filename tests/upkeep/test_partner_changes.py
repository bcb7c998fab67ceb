"""What a partner changed about itself, signed in or by link, as the editor and the coordinator meet it."""

import re

import asyncpg
import httpx
import pytest

from referral_hub import clock
from tests.build import actor_for, make_institution, make_offer, sign_in_as
from tests.upkeep.test_own_facts import fields, letters, opened, phones, reachable

pytestmark = pytest.mark.anyio


async def test_signed_in_an_editor_does_the_same_and_may_be_away_alone(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await reachable()
    colleague = await actor_for(institution, "partner_intake")
    address = await database.fetchval("select email from account where id = $1", colleague.account)
    offer = await make_offer(institution)
    editor = await sign_in_as(web, institution, "partner_editor")
    assert "/my-offers/contact" in (await web.get("/my-offers")).text
    page = (await web.get("/my-offers/contact")).text
    today = clock.today()
    alone = {"who": "me", "from_on": f"{today:%d.%m.%Y}", "until_on": f"{today:%d.%m.%Y}", "replacement_email": address}
    data = fields(page, "/my-offers/contact")
    assert (await web.post("/my-offers/contact", data=data | alone)).status_code == 303
    row = await database.fetchrow("select id, account, email from absence")
    assert (row["account"], row["email"]) == (editor.account, address)
    assert await letters(database) == [], "one's own absence is nobody else's news"
    assert address not in (await web.get(f"/offers/{offer}")).text
    assert address in (await web.get("/my-offers/contact")).text
    by_link = await opened(web, institution)
    assert address not in by_link, "who is away alone is not for the holder of a link"
    csrf = fields(by_link, "/c/contact")["csrf"]
    by_link_token = {"X-CSRF-Token": csrf}
    assert (await web.post(f"/c/absences/{row['id']}/end", headers=by_link_token)).status_code == 404
    wrong = await web.post(
        "/my-offers/contact", data=data | alone | {"replacement_email": "x@gmail.example", "key": "b"}
    )
    assert wrong.status_code == 422
    assert "Listy o zgłoszeniach nie mogą iść gdzie indziej" in wrong.text
    assert (await web.post(f"/my-offers/absences/{row['id']}/end")).status_code == 303
    await sign_in_as(web, institution, "partner_intake")
    assert (await web.get("/my-offers/contact")).status_code == 403


async def test_the_coordinator_sees_what_partners_changed_and_takes_it_back(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await reachable("Ośrodek Zmieniony")
    today = clock.today().isoformat()
    data = fields(await opened(web, institution), "/c/contact") | {
        "phone": "14 600 00 02",
        "from_on": today,
        "until_on": today,
        "replacement": "dyżurny pracownik",
        "replacement_phone": "14 600 00 07",
    }
    await web.post("/c/contact", data=data)
    await sign_in_as(web, await make_institution("Klub"), "coordinator")
    page = (await web.get("/partner-changes")).text
    assert "Ośrodek Zmieniony" in page
    assert "przez link z listu" in page
    assert "dyżurny pracownik" in page
    undo = re.search(r'action="(/partner-changes/[^"]+/undo)"', page)
    end = re.search(r'action="(/partner-changes/absences/[^"]+/end)"', page)
    assert undo is not None
    assert end is not None
    assert (await web.post(undo[1])).status_code == 303
    assert (await web.post(end[1])).status_code == 303
    assert await phones(database, institution) == [("146000001", "public"), ("146999999", "staff")]
    assert (
        await database.fetchval("select source from field_source where field = 'contacts' order by at desc, id desc")
        == "coordinator"
    )
    assert (await web.post(undo[1])).status_code == 422
    assert (await web.post(end[1])).status_code == 404
    await sign_in_as(web, institution, "partner_editor")
    assert (await web.get("/partner-changes")).status_code == 403
