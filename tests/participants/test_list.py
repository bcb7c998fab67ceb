"""The list of people: what goes on with each, several printed or handed over, never a name without a line."""

import httpx
import pytest

from referral_hub.participants.actions import register
from tests.build import make_institution, sign_in_as
from tests.participation.club import make_club
from tests.referrals.scene import LABEL, make_scene, value

pytestmark = pytest.mark.anyio


def row_of(page: str, code: str) -> str:
    """The row of one person."""
    return page.partition(f'id="{code}"')[2].partition("</tr>")[0]


async def test_each_row_says_what_waits_for_whom(web: httpx.AsyncClient) -> None:
    scene = await make_scene(free=5)
    asked = await scene.sent()
    await scene.sent(need="prawo")
    idle = await register(actor=scene.caseworker, label="Ktoś Inny", sex="M")
    await scene.move(asked, "ask", {"question": "Czy w środę?"}, by=scene.intake)
    await sign_in_as(web, scene.club, "caseworker")
    page = (await web.get("/people")).text
    row = row_of(page, scene.case_code)
    assert "do zrobienia<" in row
    assert "czekamy<" in row
    assert "nic otwartego" in row_of(page, idle.case_code)
    assert LABEL not in page


async def test_who_takes_part_is_said_to_the_club_only(web: httpx.AsyncClient) -> None:
    club = await make_club()
    person = await club.person()
    await club.part(person)
    code = str(await value("select case_code from participant where id = $1", person))
    await sign_in_as(web, club.club, "caseworker")
    assert "w klubie<" in row_of((await web.get("/people")).text, code)


async def test_the_ticked_ones_are_printed_under_codes_and_all_where_nobody_is_ticked(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    other = await register(actor=scene.caseworker, label="Ktoś Inny", sex="M")
    await sign_in_as(web, scene.club, "caseworker")
    one = (await web.post("/people/print", data={"person": str(scene.person)})).text
    assert scene.case_code in one
    assert other.case_code not in one
    both = (await web.post("/people/print")).text
    assert scene.case_code in both
    assert other.case_code in both
    assert LABEL not in one + both
    assert await value("select count(*) from disclosure where kind = 'opened'") == 0
    await sign_in_as(web, await make_institution("Inna"), "caseworker")
    assert scene.case_code not in (await web.post("/people/print", data={"person": str(scene.person)})).text
    await sign_in_as(web, scene.club, "coordinator")
    assert (await web.post("/people/print")).status_code == 403


async def test_who_is_ticked_stays_so_until_somebody_is_chosen(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    heir = await sign_in_as(web, scene.club, "caseworker")
    await sign_in_as(web, scene.club, "caseworker")
    nobody = await web.post("/people/hand-over", data={"person": str(scene.person), "to": ""})
    assert nobody.status_code == 422
    assert "checked" in row_of(nobody.text, scene.case_code)
    assert 'id="to-problem"' in nobody.text
    given = await web.post("/people/hand-over", data={"person": str(scene.person), "to": str(heir.account)})
    assert given.headers["Location"] == "/people?handed=1"
    assert "Przekazano: 1." in (await web.get("/people?handed=1")).text
