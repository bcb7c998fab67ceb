"""A caseworker keeps offers at hand: an own list with the places of now, which nobody else reads or changes."""

from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.directory import favourites
from referral_hub.directory.favourites import favourites_of, keep_favourite
from referral_hub.web.wording import translate
from tests.build import actor_for, make_institution, make_offer, make_site, sign_in_as

pytestmark = pytest.mark.anyio


async def an_offer(title: str = "Porady prawne", **values: object) -> UUID:
    institution = await make_institution("Stowarzyszenie Próbne")
    return await make_offer(institution, title=title, site=await make_site(institution), **values)


async def test_the_star_is_pressed_on_a_result_and_leads_back_there(web: httpx.AsyncClient) -> None:
    offer = await an_offer(free=4)
    await sign_in_as(web, await make_institution("Klub", "kis", club=True), "caseworker")
    page = (await web.get("/?q=porady")).text
    assert f'action="/favourites/{offer}"' in page
    answer = await web.post(f"/favourites/{offer}", data={"next": "/?q=porady"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/?q=porady")
    assert f'action="/favourites/{offer}/drop"' in (await web.get("/?q=porady")).text
    assert f'action="/favourites/{offer}/drop"' in (await web.get(f"/offers/{offer}")).text
    listed = (await web.get("/favourites")).text
    assert "<b>4</b>" in listed
    assert f"/referrals/new?offer={offer}" in listed
    assert (await web.post(f"/favourites/{offer}/drop", data={"next": "//evil.example"})).headers["location"] == "/"
    assert translate("pl", "Nothing is kept yet.") in (await web.get("/favourites")).text


async def test_keeping_twice_is_once_and_is_audited(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    offer = await an_offer()
    await sign_in_as(web, await make_institution("Klub", "kis", club=True), "coordinator")
    for _ in range(2):
        assert (await web.post(f"/favourites/{offer}")).status_code == 303
    assert await database.fetchval("select count(*) from favourite") == 1
    assert (await web.post(f"/favourites/{offer}/drop")).status_code == 303
    assert (await web.post(f"/favourites/{offer}/drop")).status_code == 404
    facts = await database.fetch("select facts::text from audit_event where event = 'favourite:change' order by at")
    assert [row["facts"] for row in facts] == ['{"kept": true}', '{"kept": false}']


async def test_the_list_is_ones_own(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    club, offer = await make_institution("Klub", "kis", club=True), await an_offer("Tylko moja")
    mine = await actor_for(club, "caseworker")
    await keep_favourite(offer, actor=mine)
    other = await sign_in_as(web, club, "caseworker")
    assert "Tylko moja" not in (await web.get("/favourites")).text
    assert (await web.post(f"/favourites/{offer}/drop")).status_code == 404
    assert await favourites_of(mine) == [offer]
    assert await favourites_of(other) == []


@pytest.mark.parametrize("values", [{"status": "draft"}, {"status": "archived"}])
async def test_what_nobody_can_find_cannot_be_kept(web: httpx.AsyncClient, values: dict[str, str]) -> None:
    offer = await an_offer(**values)
    await sign_in_as(web, await make_institution("Klub", "kis", club=True), "caseworker")
    assert (await web.post(f"/favourites/{offer}")).status_code == 404
    assert (await web.post(f"/favourites/{UUID(int=9)}")).status_code == 404
    assert (await web.post("/favourites/x")).status_code == 404


async def test_an_offer_put_away_is_named_and_can_be_removed(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    offer = await an_offer()
    await sign_in_as(web, await make_institution("Klub", "kis", club=True), "caseworker")
    await web.post(f"/favourites/{offer}")
    await database.execute("update offer set status = 'archived' where id = $1", offer)
    page = (await web.get("/favourites")).text
    assert translate("pl", "An offer you kept is no longer in the directory.") in page
    assert (await web.post(f"/favourites/{offer}/drop")).status_code == 303


async def test_the_public_and_partners_have_no_star(web: httpx.AsyncClient) -> None:
    offer = await an_offer()
    assert "/favourites/" not in (await web.get(f"/offers/{offer}")).text
    assert (await web.get("/favourites")).status_code == 303
    for role in ("partner_editor", "partner_intake", "dpo", "admin"):
        await sign_in_as(web, await make_institution(), role)
        assert "/favourites" not in (await web.get("/")).text
        assert (await web.get("/favourites")).status_code == 403
        assert (await web.post(f"/favourites/{offer}")).status_code == 403


async def test_a_list_has_an_end(
    web: httpx.AsyncClient, database: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(favourites, "MOST", 1)
    first, second = await an_offer(), await an_offer()
    await sign_in_as(web, await make_institution("Klub", "kis", club=True), "caseworker")
    assert (await web.post(f"/favourites/{first}")).status_code == 303
    refused = await web.post(f"/favourites/{second}")
    assert refused.status_code == 422
    assert await database.fetchval("select count(*) from favourite where made_at <= $1", clock.now()) == 1


async def test_the_composer_puts_favourites_that_fit_first(web: httpx.AsyncClient) -> None:
    from tests.referral_pages.scenes import a_scene

    scene = await a_scene(web)
    for number in range(8):
        place = await make_institution(f"Poradnia {number}", kind="lecznictwo_odwykowe")
        offer = await make_offer(
            place, "terapia_uzaleznien", f"Terapia {number}", site=await make_site(place), free=number + 1
        )
    address = f"/referrals/new?person={scene.person}&need=uzaleznienie"

    async def first() -> str:
        return (await web.get(address)).text.split('id="offer"')[1].split("</li>")[0]

    assert "Terapia 7" not in await first()
    await keep_favourite(offer, actor=scene.worker)
    await keep_favourite(await an_offer("Prawnik"), actor=scene.worker)
    assert "Terapia 7" in await first()
    assert translate("pl", "favourite") in await first()
    assert "Prawnik" not in (await web.get(address)).text
