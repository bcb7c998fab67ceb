"""What the sender is shown before sending is what the receiver's page then shows, word for word, stage by stage."""

import re

import httpx
import pytest

from referral_hub.accounts.links import COOKIES, make_link, seal_cookie, token
from referral_hub.accounts.sessions import COOKIE
from referral_hub.database.transaction import SYSTEM
from referral_hub.referrals.preview import stages
from tests.build import sign_in_as
from tests.referrals.scene import LABEL, in_days, make_scene

pytestmark = pytest.mark.anyio
FIELDS = ["contact", "label", "needs", "note"]
NAMES = {
    "kod sprawy",
    "potrzeba",
    "pilność",
    "imię i nazwisko",
    "kontakt",
    "płeć",
    "gmina",
    "grupy",
    "potrzeby",
    "notatka",
}


def pairs(html: str) -> dict[str, str]:
    """The person's facts on a page: name of the field → its words."""
    found = re.findall(r"<dt>([^<]*)</dt><dd>(.*?)</dd>", html, re.DOTALL)
    return {name: words for name, words in found if name in NAMES}


def staged(html: str) -> list[dict[str, str]]:
    """The stages of the preview on a page."""
    heads = re.split(r"<h3>(?:Od razu po wysłaniu|Po przyjęciu|Po zakończeniu)", html)
    return [pairs(part.split("</dl>")[0]) for part in heads[1:]]


def test_the_stages_follow_the_table_and_the_policy_of_the_offer() -> None:
    by_stage = {stage.code: set(stage.fields) for stage in stages(FIELDS, full_at_once=False)}
    assert by_stage["sent"] == {"case_code", "need", "priority"}
    assert by_stage["accepted"] == by_stage["sent"] | set(FIELDS)
    assert by_stage["ended"] == {"case_code"}
    at_once = stages(FIELDS, full_at_once=True, access="disclosed")
    assert [(stage.code, stage.now) for stage in at_once] == [("sent", True), ("ended", False)]
    assert set(at_once[0].fields) == by_stage["accepted"]


@pytest.mark.parametrize("policy", ["summary", "full"], ids=["by_stage", "at_once"])
async def test_the_preview_is_what_the_receiver_reads(web: httpx.AsyncClient, policy: str) -> None:
    scene = await make_scene(disclosure=policy)
    task = await scene.draft(note="prosi o popołudnie")
    await sign_in_as(web, scene.club, "caseworker")
    told = staged((await web.get(f"/referrals/{task}/check")).text)
    assert len(told) == (2 if policy == "full" else 3)
    assert LABEL in told[-2].values()
    await scene.move(task, "send")
    _, link = await make_link("a", by=SYSTEM, institution=scene.partner, subject=task)
    await sign_in_as(web, scene.partner, "partner_intake")
    signed_in = web.cookies.get(COOKIE)
    read = [pairs((await web.post(f"/referrals/{task}/open")).text)]
    web.cookies.delete(COOKIE)
    web.cookies.set(COOKIES["a"], seal_cookie(link), path="/a")
    by_link = await web.post("/a/open", headers={"X-CSRF-Token": token(link)})
    assert pairs(by_link.text) == read[0]
    web.cookies.set(COOKIE, str(signed_in))
    await scene.move(task, "accept", by=scene.intake)
    if policy != "full":
        read.append(pairs((await web.post(f"/referrals/{task}/open")).text))
    await scene.move(task, "deliver", {"outcome": "brak_informacji", "date": in_days(0)}, by=scene.intake)
    read.append(pairs((await web.post(f"/referrals/{task}/open")).text))
    assert read == told


async def test_the_referrals_page_says_what_the_institution_sees_and_opens_only_on_wish(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    task = await scene.accepted()
    await sign_in_as(web, scene.club, "caseworker")
    closed = (await web.get(f"/referrals/{task}")).text
    assert "Co widzi instytucja" in closed
    assert LABEL not in closed
    assert "imię i nazwisko" in closed
    opened = (await web.post(f"/referrals/{task}/open")).text
    assert staged(opened)[1]["imię i nazwisko"] == LABEL
    assert 'class="tag told">teraz' in opened
    await scene.move(task, "withdraw_consent", by=await scene.participant())
    assert "przekazywanie danych się skończyło" in (await web.get(f"/referrals/{task}")).text
