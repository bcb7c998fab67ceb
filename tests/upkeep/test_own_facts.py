"""A partner corrects its phone and says who stands in, by its link or signed in: at once, told, with a way back."""

import re
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import msgspec
import pytest

from referral_hub import clock
from referral_hub.accounts.links import make_link
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM
from referral_hub.institutions.actions import NewContact, set_contacts
from referral_hub.mail.actions import facts_of
from tests.build import actor_for, make_institution, make_offer, make_site

pytestmark = pytest.mark.anyio


async def reachable(name: str = "Ośrodek Próbny") -> UUID:
    """An institution with a public and a staff number and a mailbox."""
    institution = await make_institution(name)
    contacts = [
        NewContact(kind="phone", value="146000001"),
        NewContact(kind="email", value="biuro@osrodek.example"),
        NewContact(kind="phone", value="146999999", visibility="staff"),
    ]
    await set_contacts(institution, contacts, by=SYSTEM, source="coordinator")
    return institution


async def opened(web: httpx.AsyncClient, institution: UUID) -> str:
    secret, _ = await make_link("c", by=SYSTEM, institution=institution, address="biuro@osrodek.example")
    answer = await web.get(f"/c/{secret}?to=contact", follow_redirects=True)
    assert (answer.status_code, answer.url.path) == (200, "/c/contact")
    return answer.text


def fields(page: str, action: str) -> dict[str, str]:
    """Every field of a form as a browser would send it untouched."""
    part = next(form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'action="{action}"' in form)
    found = {}
    for tag in re.findall(r"<input[^>]*>", part):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and not ('type="radio"' in tag and "checked" not in tag):
            found[name[1]] = value[1] if value else ""
    return found


async def phones(sql: asyncpg.Connection, institution: UUID) -> list[tuple[str, str]]:
    rows = await sql.fetch(
        "select value, visibility from contact where institution = $1 and kind <> 'email' order by position",
        institution,
    )
    return [tuple(row) for row in rows]


async def letters(sql: asyncpg.Connection) -> list[tuple[str, str, str]]:
    """(to, template, link) of the letters that wait."""
    rows = await sql.fetch("select payload from job where name = 'send_mail' order by id")
    found = [msgspec.json.decode(row["payload"]) for row in rows]
    return [(one["to"], one["template"], facts_of(one)["link"]) for one in found]


async def test_a_phone_corrected_by_the_link_is_in_force_at_once_kept_in_history_and_told_with_a_way_back(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await reachable()
    offer = await make_offer(institution)
    editor = await actor_for(institution, "partner_editor")
    email = await database.fetchval("select email from account where id = $1", editor.account)
    page = await opened(web, institution)
    assert "146999999" not in page, "a number for staff is no business of the link's"
    assert "14 699 99 99" not in page
    data = fields(page, "/c/contact") | {"phone": "14 600 00 02"}
    for _ in range(2):  # a double tap
        answer = await web.post("/c/contact", data=data)
        assert answer.headers["location"] == "/c/contact?saved=facts"
    assert await phones(database, institution) == [("146000002", "public"), ("146999999", "staff")]
    public = (await web.get(f"/offers/{offer}")).text
    assert "14 600 00 02" in public
    assert "numer potwierdzony przez instytucję dziś" in public
    line = await database.fetchrow(
        "select source, account from field_source where subject = $1 order by at desc", institution
    )
    assert tuple(line) == ("partner", None)
    assert (
        await database.fetchval(
            "select count(*) from audit_event where kind = 'capacity' and event = 'institution:edit'"
        )
        == 1
    )
    told = await letters(database)
    assert [one[:2] for one in told] == [(email, "own_facts_changed"), ("biuro@osrodek.example", "own_facts_changed")]
    assert told[0][2] == "http://hub.test/my-offers/contact"
    back = await web.get(told[1][2].removeprefix("http://hub.test"), follow_redirects=True)
    assert "14 600 00 01 → 14 600 00 02" in re.sub(r"\s+", " ", back.text)
    undo = re.search(r'action="(/c/changes/[^"]+/undo)"', back.text)
    assert undo is not None
    csrf = fields(back.text, "/c/contact")["csrf"]
    answer = await web.post(undo[1], data={"csrf": csrf}, follow_redirects=True)
    assert "Przywrócono poprzedni numer" in answer.text
    assert await phones(database, institution) == [("146000001", "public"), ("146999999", "staff")]
    again = await web.post(undo[1], data={"csrf": csrf})
    assert again.status_code == 422
    assert "nie można już cofnąć" in again.text


async def test_however_often_it_is_changed_the_mailbox_gets_one_letter_in_a_quarter(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await reachable()
    with clock.at(clock.now().replace(minute=1)):
        for number in ("14 600 00 02", "14 600 00 03", "14 600 00 04"):
            data = fields(await opened(web, institution), "/c/contact") | {"phone": number}
            assert (await web.post("/c/contact", data=data)).status_code == 303
    assert len(await letters(database)) == 1


async def test_an_absence_by_the_link_stands_on_public_pages_ends_and_never_takes_mail_along(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await reachable()
    offer = await make_offer(institution)
    today = clock.today()
    data = fields(await opened(web, institution), "/c/contact") | {
        "from_on": today.isoformat(),
        "until_on": (today + timedelta(days=9)).isoformat(),
        "replacement": "sekretariat",
        "replacement_phone": "14 600 00 07",
        "replacement_email": "jan.kowalski@osrodek.example",
        "who": "me",
    }
    answer = await web.post("/c/contact", data=data)
    assert answer.headers["location"] == "/c/contact?saved=facts&careful=address"
    page = (await web.get(answer.headers["location"])).text
    assert "wygląda na" in page or "osoby" in page
    assert await database.fetchval("select account from absence") is None, (
        "a link speaks for the whole institution only"
    )
    assert "sekretariat" in (await web.get(f"/offers/{offer}")).text
    end = re.search(r'action="(/c/absences/[^"]+/end)"', page)
    assert end is not None
    assert (await web.post(end[1], data={"csrf": data["csrf"]})).status_code == 303
    assert "sekretariat" not in (await web.get(f"/offers/{offer}")).text


async def test_every_problem_is_said_at_once_and_what_was_typed_stays(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await reachable()
    page = await opened(web, institution)
    typed = {
        "phone": "pięć",
        "from_on": "2020-01-05",
        "until_on": "2020-01-02",
        "replacement": "Anna Nowak",
        "replacement_phone": "12",
        "replacement_email": "dyżur",
    }
    answer = await web.post("/c/contact", data=fields(page, "/c/contact") | typed)
    assert answer.status_code == 422
    for name, value in typed.items():
        assert f'id="{name}-problem"' in answer.text, name
        assert f'value="{value}"' in answer.text, name
    for wrong in (
        {"phone": ""},
        {"phone": "\x00"},
        {"phone": "1" * 5000},
        {"phone": "14 600 00 01", "was-phone": "14 600 00 01"},
        {"from_on": "kiedyś"},
        {"until_on": "2099-01-01", "from_on": "2026-12-24"},
        {"replacement": "\x00"},
        {"replacement": "sekretariat"},
    ):
        answer = await web.post("/c/contact", data=fields(page, "/c/contact") | wrong | {"key": str(new_id())})
        assert answer.status_code == 422, wrong
    huge = fields(page, "/c/contact") | {"replacement": "x" * 1_100_000}
    assert (await web.post("/c/contact", data=huge)).status_code == 413
    assert await phones(database, institution) == [("146000001", "public"), ("146999999", "staff")]
    assert await database.fetchval("select count(*) from absence") == 0


async def test_two_at_once_lose_nothing(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    institution = await reachable()
    page = await opened(web, institution)
    editor = await actor_for(institution, "partner_editor")
    changed = [NewContact(kind="phone", value="146000005"), NewContact(kind="email", value="biuro@osrodek.example")]
    await set_contacts(institution, changed, by=editor.scope, source="partner")
    answer = await web.post("/c/contact", data=fields(page, "/c/contact") | {"phone": "14 600 00 02"})
    assert answer.status_code == 409
    assert 'value="14 600 00 02"' in answer.text
    assert 'name="was-phone" value="14 600 00 05"' in answer.text
    assert await phones(database, institution) == [("146000005", "public")]


async def test_one_tap_says_that_all_of_it_is_right_but_not_what_changed_unseen(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    institution = await reachable()
    site = await make_site(institution, hours_text="pn–pt 8–16")
    offer = await make_offer(institution, site=site)
    await database.execute("update contact set doubted_at = $1 where value = '146000001'", clock.now())
    page = await opened(web, institution)
    assert "nikt nie odebrał" in page
    data = fields(page, "/c/contact/confirm") | {"contact": re.findall(r'name="contact" value="([^"]+)"', page)}
    assert (await web.post("/c/contact/confirm", data=data)).headers["location"] == "/c/contact?saved=right"
    public = (await web.get(f"/offers/{offer}")).text
    assert "numer potwierdzony przez instytucję dziś" in public
    assert "godziny potwierdzone przez instytucję dziś" in public
    assert "nikt nie odebrał" not in public
    kinds = await database.fetch("select kind from contact where confirmed_on is null")
    assert [row["kind"] for row in kinds] == ["phone"], "the staff's number was not shown, so it is not confirmed"
    await database.execute("update site set version = version + 1")
    before = await database.fetchval("select count(*) from field_confirmation")
    unseen = await web.post("/c/contact/confirm", data={"csrf": data["csrf"], "hours": data["hours"]})
    assert unseen.status_code == 422
    foreign = await reachable("Obca")
    other = await database.fetchval("select id from contact where institution = $1 limit 1", foreign)
    assert (
        await web.post("/c/contact/confirm", data={"csrf": data["csrf"], "contact": [str(other), "\x00"]})
    ).status_code == 422
    assert await database.fetchval("select count(*) from field_confirmation") == before


async def test_nothing_of_another_institution_is_reached_by_its_ids(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    mine, other = await reachable(), await reachable("Obca")
    csrf = fields(await opened(web, other), "/c/contact")["csrf"]
    data = fields(await opened(web, other), "/c/contact") | {
        "phone": "14 600 00 02",
        "from_on": clock.today().isoformat(),
        "until_on": clock.today().isoformat(),
        "replacement": "sekretariat",
        "replacement_phone": "14 600 00 07",
    }
    assert (await web.post("/c/contact", data=data)).status_code == 303
    change = await database.fetchval(
        "select id from field_source where subject = $1 and source = 'partner' and field = 'contacts'", other
    )
    absence = await database.fetchval("select id from absence")
    csrf = fields(await opened(web, mine), "/c/contact")["csrf"]
    for address in (f"/c/changes/{change}/undo", f"/c/absences/{absence}/end", f"/c/changes/{new_id()}/undo"):
        assert (await web.post(address, data={"csrf": csrf})).status_code == 404
        assert (await web.post(address, data={"csrf": "x"})).status_code == 403
    offer = await make_offer(other)
    await set_contacts(other, [NewContact(kind="phone", value="146000009")], by=SYSTEM, source="test", belongs_to=offer)
    data = fields(await opened(web, mine), "/c/contact") | {"phone": "14 600 00 03", f"phone-{offer}": "14 600 00 04"}
    assert (await web.post("/c/contact", data=data)).status_code == 303
    assert await database.fetchval("select value from contact where belongs_to = $1", offer) == "146000009"
    assert await database.fetchval("select ended_at is null from absence")
