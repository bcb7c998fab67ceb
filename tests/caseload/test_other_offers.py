"""Where a referral is late or ended in nothing, offers with places are put forward, with reasons and one button."""

from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest

from referral_hub import clock
from referral_hub.referrals.actions import perform
from tests.build import make_institution, make_offer, make_site, sign_in_as
from tests.referral_pages.rows import value
from tests.referral_pages.scenes import a_referral, a_scene, form_with, hidden_fields, state_of, text_of, the_receiver

pytestmark = pytest.mark.anyio
MONDAY = datetime(2026, 11, 16, 10, tzinfo=clock.WARSAW)


async def another(name: str, free: int | None = 4, **facts: object) -> UUID:
    institution = await make_institution(name, kind="ngo")
    site = await make_site(institution)
    return await make_offer(institution, "terapia_uzaleznien", f"Terapia w {name}", site=site, free=free, **facts)


async def test_a_late_clock_shows_who_has_a_place_for_the_same_people_in_the_same_area(web: httpx.AsyncClient) -> None:
    with clock.at(MONDAY):
        scene = await a_scene(web)
        task = await a_referral(scene)
        page = (await web.get(f"/referrals/{task}")).text
        assert "plan-b" not in page
    with clock.at(MONDAY + timedelta(days=16)):
        # Readings of today; one far from the area, one for men, one full.
        await another("Blisko")
        await another("Daleko", area=["0201"])
        await another("Tylko dla mężczyzn", eligibility='{"sex": "M"}')
        await another("Pełne", free=0)
        await sign_in_as(web, scene.club, "caseworker")
        listed = text_of((await web.get("/referrals?box=waiting")).text)
        assert "Wolne teraz: Blisko (4)" in listed
        page = (await web.get(f"/referrals/{task}")).text
        aside = page[page.index('id="plan-b"') :]
        assert "Terapia w Blisko" in aside
        for name in ("Daleko", "Tylko dla mężczyzn", "Pełne"):
            assert name not in aside
        assert 'class="why short"' in aside
        # Still open: asked side by side, the first goes on.
        also = hidden_fields(form_with(page, f"/referrals/{task}/also"))
        answer = await web.post(f"/referrals/{task}/also", data=also)
        assert answer.status_code == 303
        assert await state_of(task) == "sent"
        assert await value("select count(*) from referral_task where state = 'draft'") == 1


async def test_after_no_one_press_goes_to_the_next_and_nobody_is_asked_twice(web: httpx.AsyncClient) -> None:
    scene = await a_scene(web)
    first, second = await another("Pierwsza"), await another("Druga")
    task = await a_referral(scene)
    await perform(task, actor=await the_receiver(scene), verb="decline", version=2, fields={"reason": "out_of_area"})
    page = (await web.get(f"/referrals/{task}")).text
    body = hidden_fields(form_with(page, "reroute", str(first)))
    again = await web.post(f"/referrals/{task}/moves", data=body)
    assert again.headers["location"].endswith("/check")
    page = (await web.get(f"/referrals/{task}")).text
    assert str(first) not in page[page.index('id="plan-b"') :]
    assert str(second) in page[page.index('id="plan-b"') :]
