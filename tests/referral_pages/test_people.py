"""People: lists hold case codes, a name opens one at a time and leaves a line; people of others are not there."""

import re

import httpx
import pytest

from referral_hub.database.columns import new_id
from tests.build import make_institution, sign_in_as
from tests.referral_pages.rows import rows, value

pytestmark = pytest.mark.anyio
NAME = "Anna Próbna-Zażółć"
FIELDS = {
    "label": NAME,
    "contact": "600 100 200",
    "gmina": "Ryglice",
    "sex": "K",
    "needs": ["praca"],
    "groups": ["bezdomne"],
}


async def caseworker(web: httpx.AsyncClient):  # type: ignore[no-untyped-def]
    return await sign_in_as(web, await make_institution("KIS", kind="kis", club=True), "caseworker")


async def add_person(web: httpx.AsyncClient, **changes: object) -> str:
    answer = await web.post("/people/new", data={**FIELDS, **changes})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("?")[0].rsplit("/", 1)[1]


async def test_a_list_shows_case_codes_and_never_names(web: httpx.AsyncClient) -> None:
    await caseworker(web)
    person = await add_person(web)
    page = (await web.get("/people")).text
    assert re.search(r">[2-9A-Z]{3}-[2-9A-Z]{3}<", page)
    assert NAME not in page
    assert "Ryglice" in page
    assert NAME not in (await web.get(f"/people/{person}")).text


async def test_a_name_opens_by_post_and_the_opening_is_logged(
    web: httpx.AsyncClient,
) -> None:
    actor = await caseworker(web)
    person, other = await add_person(web), await add_person(web, label="Bartek")
    page = (await web.post("/people", data={"open": person})).text
    assert NAME in page
    assert "Bartek" not in page
    lines = await rows("select participant, account, kind from disclosure")
    assert [(str(line["participant"]), line["account"]) for line in lines] == [(person, actor.account)]
    assert other != person


async def test_a_person_is_found_by_the_exact_label_and_the_address_stays_clean(web: httpx.AsyncClient) -> None:
    await caseworker(web)
    await add_person(web)
    await add_person(web, label="Bartek")
    answer = await web.post("/people", data={"label": f"  {NAME.upper()} "})
    assert answer.status_code == 200
    assert answer.text.count("/referrals/new?person=") == 1
    assert not answer.url.query
    # Found by what it is called: that is a reading, wherever it was typed.
    looks = await rows("select purpose, fields from disclosure")
    assert [(line["purpose"], line["fields"]) for line in looks] == [("search", ["label"])]
    assert await value("select facts from audit_event where event = 'person:find'") == '{"found": 1}'
    code = await value("select case_code from participant limit 1")
    assert str(code) in (await web.post("/people", data={"label": code})).text
    assert await value("select count(*) from disclosure") == 1


async def test_all_problems_are_shown_and_what_was_typed_stays(
    web: httpx.AsyncClient,
) -> None:
    await caseworker(web)
    answer = await web.post("/people/new", data={"label": "", "gmina": "Nigdzieburg Dolny", "contact": "kept contact"})
    assert answer.status_code == 422
    for field in ("label", "gmina"):
        assert f'id="{field}-problem"' in answer.text
    assert "kept contact" in answer.text
    assert await value("select count(*) from participant") == 0


async def test_a_replayed_form_registers_one_person(web: httpx.AsyncClient) -> None:
    await caseworker(web)
    first, again = [await web.post("/people/new", data={**FIELDS, "key": "one"}) for _ in range(2)]
    assert first.headers["location"] == again.headers["location"]
    assert await value("select count(*) from participant") == 1


async def test_a_pesel_is_refused(web: httpx.AsyncClient) -> None:
    await caseworker(web)
    answer = await web.post("/people/new", data={**FIELDS, "label": "Jan 44051401359"})
    assert answer.status_code == 422
    assert 'id="label-problem"' in answer.text


async def test_data_opens_changes_and_is_kept(web: httpx.AsyncClient) -> None:
    await caseworker(web)
    person = await add_person(web)
    opened = (await web.post(f"/people/{person}/open")).text
    assert NAME in opened
    assert "600 100 200" in opened
    assert re.search(r'value="bezdomne" checked', opened)
    answer = await web.post(f"/people/{person}", data={**FIELDS, "label": "Nowa Nazwa", "groups": []})
    assert answer.status_code == 303
    opened = (await web.post(f"/people/{person}/open")).text
    assert "Nowa Nazwa" in opened
    assert not re.search(r'value="bezdomne" checked', opened)


async def test_a_change_with_problems_keeps_what_was_typed(web: httpx.AsyncClient) -> None:
    await caseworker(web)
    person = await add_person(web)
    answer = await web.post(f"/people/{person}", data={**FIELDS, "label": "", "contact": "nowy kontakt"})
    assert answer.status_code == 422
    assert "nowy kontakt" in answer.text


async def test_people_of_another_institution_are_not_there(web: httpx.AsyncClient) -> None:
    await caseworker(web)
    person = await add_person(web)
    await sign_in_as(web, await make_institution("Inna"), "caseworker")
    assert (await web.get(f"/people/{person}")).status_code == 404
    assert (await web.post(f"/people/{person}/open")).status_code == 404
    assert (await web.post("/people", data={"open": person})).status_code == 404
    assert (await web.post(f"/people/{person}", data=FIELDS)).status_code == 404
    assert (await web.get(f"/people/{new_id()}")).status_code == 404


@pytest.mark.parametrize("role", ["coordinator", "partner_intake", "admin", "dpo"])
async def test_other_roles_do_not_see_people(web: httpx.AsyncClient, role: str) -> None:
    await sign_in_as(web, await make_institution(), role)
    assert (await web.get("/people")).status_code == 403


async def test_a_visitor_is_led_to_the_sign_in_page(web: httpx.AsyncClient) -> None:
    assert (await web.get("/people")).headers["location"].startswith("/sign-in")
