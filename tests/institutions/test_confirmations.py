"""A field is right as of a day because somebody said so, never because the entry was changed."""

from datetime import date, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.database.transaction import SYSTEM
from referral_hub.directory.actions import edit_offer, edit_site
from referral_hub.institutions.actions import NewContact, set_contacts
from referral_hub.institutions.confirmations import confirm_contacts, confirm_field, confirm_phone, doubt_phone
from tests.build import actor_for, make_institution, make_offer, make_site

pytestmark = pytest.mark.anyio


async def reachable(*numbers: str) -> UUID:
    institution = await make_institution("Ośrodek Próbny")
    await set_contacts(institution, [NewContact(kind="phone", value=one) for one in numbers], by=SYSTEM, source="test")
    return institution


async def contact(sql: asyncpg.Connection, institution: UUID, value: str) -> asyncpg.Record:
    return await sql.fetchrow("select * from contact where institution = $1 and value = $2", institution, value)


async def test_a_call_that_reached_somebody_confirms_the_number_dialled_and_ends_its_doubt(
    database: asyncpg.Connection,
) -> None:
    institution = await reachable("146000001", "14 600 00 02")
    other = await contact(database, institution, "14 600 00 02")
    assert await doubt_phone(other["id"], by=SYSTEM)
    assert await confirm_phone(institution, "14 600-00-02", how="call", by=SYSTEM) == 1
    known, first = (
        await contact(database, institution, "14 600 00 02"),
        await contact(database, institution, "146000001"),
    )
    assert (known["confirmed_on"], known["confirmed_how"], known["doubted_at"]) == (clock.today(), "call", None)
    assert first["confirmed_on"] is None
    assert await confirm_phone(institution, "999", how="call", by=SYSTEM) == 0
    line = await database.fetchrow("select field, how, subject from field_confirmation")
    assert tuple(line) == ("phone:146000002", "call", institution)


async def test_pages_say_when_and_how_and_a_change_of_the_entry_says_nothing(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await reachable("146000001")
    site = await make_site(institution, hours_text="pn–pt 8–16")
    offer = await make_offer(institution, site=site)
    with clock.at(clock.now() - timedelta(days=1)):
        await confirm_phone(institution, "146000001", how="call", by=SYSTEM)
    last_year = date(clock.today().year - 1, 3, 10)
    await confirm_field(institution, ("site", site), "hours_text", how="partner", by=SYSTEM, on=last_year)
    editor = await actor_for(institution, "partner_editor")
    await edit_offer(offer, {"description": "Nowy opis"}, actor=editor)
    for address in (f"/offers/{offer}", f"/institutions/{institution}"):
        page = (await web.get(address)).text
        assert "numer potwierdzony telefonicznie wczoraj" in page
        assert f"godziny potwierdzone przez instytucję w marcu {last_year.year}" in page
    await edit_site(site, {"hours_text": "pn–pt 9–17"}, actor=editor)
    assert "godziny potwierdzone" not in (await web.get(f"/offers/{offer}")).text


async def test_a_doubted_number_stands_after_others_with_words_and_nothing_else_changes(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await reachable("146000001", "146000002")
    offer = await make_offer(institution, free=3)
    with clock.at(clock.now() - timedelta(days=3)):
        assert await doubt_phone((await contact(database, institution, "146000001"))["id"], by=SYSTEM)
        assert not await doubt_phone((await contact(database, institution, "146000001"))["id"], by=SYSTEM)
    page = (await web.get(f"/offers/{offer}")).text
    assert page.index("14 600 00 02") < page.index("14 600 00 01")
    assert "3 dni temu nikt nie odebrał" in page
    card = (await web.get("/api/v1/offers", params={"q": "Oferta próbna"})).json()["items"][0]
    assert card["contact"]["phone"] == "14 600 00 02"
    assert (card["capacity"]["free"], card["capacity"]["status"]) == (3, "capacity")
    await confirm_contacts(
        institution, [(await contact(database, institution, "146000001"))["id"]], how="partner", by=SYSTEM
    )
    page = (await web.get(f"/offers/{offer}")).text
    assert "nikt nie odebrał" not in page
    assert page.index("14 600 00 01") < page.index("14 600 00 02")


async def test_an_offers_own_doubted_number_gives_way_to_the_institutions(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await reachable("146000009")
    offer = await make_offer(institution)
    own = [NewContact(kind="phone", value="146000001")]
    await set_contacts(institution, own, by=SYSTEM, source="test", belongs_to=offer)
    before = (await web.get(f"/offers/{offer}")).text
    assert "14 600 00 09" not in before
    await doubt_phone((await contact(database, institution, "146000001"))["id"], by=SYSTEM)
    page = (await web.get(f"/offers/{offer}")).text
    assert page.index("14 600 00 09") < page.index("14 600 00 01")


async def test_contacts_of_others_and_days_to_come_confirm_nothing(database: asyncpg.Connection) -> None:
    from referral_hub.errors import NotFound, Refused

    mine, other = await reachable("146000001"), await reachable("146000002")
    foreign = (await contact(database, other, "146000002"))["id"]
    assert await confirm_contacts(mine, [foreign], how="partner", by=SYSTEM) == 0
    with pytest.raises(Refused):
        await confirm_contacts(mine, [foreign], how="partner", by=SYSTEM, on=clock.today() + timedelta(days=1))
    with pytest.raises(Refused):
        await confirm_field(mine, ("institution", mine), "name", how="hearsay", by=SYSTEM)
    with pytest.raises(NotFound):
        await doubt_phone(mine, by=SYSTEM)
    assert await database.fetchval("select count(*) from field_confirmation") == 0
