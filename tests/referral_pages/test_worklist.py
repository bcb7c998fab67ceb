"""The worklist: boxes whose counts are those of the list, incoming told from sent, whose turn and how late."""

import re
from datetime import datetime, timedelta

import httpx
import pytest

from referral_hub import clock
from referral_hub.referrals.actions import perform
from tests.build import make_institution, sign_in_as
from tests.referral_pages.scenes import (
    NAME,
    a_referral,
    a_scene,
    form_with,
    hidden_fields,
    state_of,
    text_of,
    the_receiver,
)

pytestmark = pytest.mark.anyio
MONDAY = datetime(2026, 11, 16, 10, tzinfo=clock.WARSAW)


def counts(page: str) -> dict[str, int]:
    found = re.findall(r'box=([\w-]+)"[^>]*>[^<]*<span class="count">(\d+)<', page)
    return {box: int(number) for box, number in found}


def listed(page: str) -> int:
    return len(re.findall(r'<th scope="row"', page))


async def test_counts_of_the_tabs_are_those_of_the_lists(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web, free=9)
    receiver = await the_receiver(scene)
    await a_referral(scene, sent=False)
    await a_referral(scene)
    asked, accepted, closed = [await a_referral(scene) for _ in range(3)]
    await perform(asked, actor=receiver, verb="ask", version=2, fields={"question": "?"})
    await perform(accepted, actor=receiver, verb="accept", version=2)
    await perform(closed, actor=scene.worker, verb="withdraw", version=2, fields={"reason": "declined_by_person"})
    for scope in ("mine", "institution"):
        shown = counts((await web.get(f"/referrals?scope={scope}")).text)
        assert shown == {"todo": 1, "waiting": 1, "under-way": 1, "closed": 1, "drafts": 1}
        for box, number in shown.items():
            page = (await web.get(f"/referrals?scope={scope}&box={box}")).text
            assert listed(page) == number
            assert NAME not in page


async def test_a_colleague_sees_the_institutions_list_but_not_as_hers(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    await a_referral(scene)
    await sign_in_as(web, scene.club, "caseworker")
    assert counts((await web.get("/referrals?scope=institution")).text)["waiting"] == 1
    assert counts((await web.get("/referrals?scope=mine")).text)["waiting"] == 0


async def test_incoming_is_told_from_sent_in_words(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    await a_referral(scene)
    assert "wysłane" in text_of((await web.get("/referrals?box=waiting")).text)
    await sign_in_as(web, scene.clinic, "partner_intake")
    page = text_of((await web.get("/referrals")).text)
    assert "przychodzące" in page
    assert "Klub Próbny" in page
    assert "Odpowiedz" in page


@pytest.mark.parametrize(
    ("days", "words"), [(0, "zostało 10 dni roboczych"), (14, "termin dziś"), (17, "3 dni robocze po terminie")]
)
async def test_ageing_counts_business_days_in_words(web: httpx.AsyncClient, days: int, words: str) -> None:
    # Ten business days for a clinic from Monday 16 November: Monday 30 November.
    with clock.at(MONDAY):
        scene = await a_scene(web)
        await a_referral(scene)
    with clock.at(MONDAY + timedelta(days=days)):
        await sign_in_as(web, scene.club, "caseworker")
        assert words in text_of((await web.get("/referrals?box=waiting")).text)


async def test_a_coordinator_sees_the_network_without_names(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    await a_referral(scene)
    await sign_in_as(web, await make_institution("Koordynacja", kind="kis"), "coordinator")
    page = (await web.get("/referrals?box=waiting")).text
    assert "Klub Próbny" in page
    assert NAME not in page
    assert "/referrals/new" not in page


@pytest.mark.parametrize(
    "query", ["box=nothing", "scope=nobody", "page=0", "page=-1", "page=x", "page=99999", "page=%00"]
)
async def test_nonsense_in_the_address_is_the_first_list(web: httpx.AsyncClient, query: str) -> None:
    await a_scene(web)
    assert (await web.get(f"/referrals?{query}")).status_code == 200


async def test_a_scope_of_the_network_is_not_for_caseworkers(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    await a_referral(scene)
    await sign_in_as(web, await make_institution("Obca"), "caseworker")
    assert listed((await web.get("/referrals?scope=network&box=waiting")).text) == 0


async def test_an_editor_of_offers_has_no_worklist(web: httpx.AsyncClient) -> None:
    await sign_in_as(web, await make_institution(), "partner_editor")
    assert (await web.get("/referrals")).status_code == 403


async def test_one_press_in_the_list_closes_a_person_who_went_alone(web: httpx.AsyncClient) -> None:
    with clock.at(MONDAY):
        scene = await a_scene(web)
        alone, told = await a_referral(scene, basis={"kind": "no_data", "ground": "karta"}), await a_referral(scene)
    with clock.at(MONDAY + timedelta(days=7)):
        await sign_in_as(web, scene.club, "caseworker")
        scene_page = (await web.get("/referrals?box=waiting")).text
        assert scene_page.count("/arrived") == 1
        form = form_with(scene_page, f"/referrals/{alone}/arrived")
        answer = await web.post(f"/referrals/{alone}/arrived", data=hidden_fields(form))
        assert answer.status_code == 303
        again = await web.post(f"/referrals/{alone}/arrived", data=hidden_fields(form))
        assert again.status_code == 303
        assert await state_of(alone) == "delivered"
        assert "od osoby" in text_of((await web.get(answer.headers["location"])).text)
        late = await web.post(f"/referrals/{alone}/arrived", data={**hidden_fields(form), "key": "another"})
        assert late.status_code in (409, 422)
        assert await state_of(told) == "sent"
