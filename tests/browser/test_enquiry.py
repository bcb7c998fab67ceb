"""„Kto ma miejsce?”: a thousand asked at once, one answers by two taps on a phone, and the open table shows it."""

import asyncio
import re
import time
from concurrent.futures import ThreadPoolExecutor

import asyncpg
from playwright.sync_api import expect

from tests.browser.conftest import Hub, Visit
from tests.browser.mailbox import Mailbox

CROWD = 1000
WITHIN_MS = 1000
SHOWN = "() => document.querySelector('#answers tbody tr .tag.good') !== null"

_INSTITUTIONS = """insert into institution (id, kind, name, sort_key, terc, made_at, updated_at)
select gen_random_uuid(), 'ngo', 'Tłum ' || n, 'Tłum ' || n, '126301', now(), now() from generate_series(1, $1) n"""
_OFFERS = """insert into offer (id, institution, form, title, needs, made_at, updated_at)
select gen_random_uuid(), id, 'samopomoc_mieszk', 'Mieszkanie z tłumu', '{mieszkanie}', now(), now()
from institution where name like 'Tłum %'"""
_CONTACTS = """insert into contact (id, institution, kind, value)
select gen_random_uuid(), id, 'email', case name when 'Tłum 1' then $1 else 't' || id || '@crowd.example' end
from institution where name like 'Tłum %'"""
ANSWERS = "pierwsza@tlum.example"


async def _crowd_comes(database: str) -> None:
    sql = await asyncpg.connect(database)
    try:
        await sql.execute(_INSTITUTIONS, CROWD)
        await sql.execute(_OFFERS)
        await sql.execute(_CONTACTS, ANSWERS)
    finally:
        await sql.close()


async def _crowd_leaves(database: str) -> int:
    """The crowd's mails are only counted, so that the other tests have the machine; how many waited or went."""
    sql = await asyncpg.connect(database)
    try:
        mails = await sql.fetchval(
            """select count(*) from link l join institution i on i.id = l.institution
            where l.kind = 'e' and i.name like 'Tłum %'"""
        )
        await sql.execute("delete from job where name = 'send_mail' and payload::text like '%@crowd.example%'")
        # Out of the way of what others ask; the one that answers stays.
        await sql.execute("update institution set status = 'archived' where name like 'Tłum %' and name <> 'Tłum 1'")
        return int(mails)
    finally:
        await sql.close()


async def _crowd_is_forgotten(database: str) -> None:
    """Nobody else has to look at a table of a thousand."""
    sql = await asyncpg.connect(database)
    try:
        await sql.execute(
            """delete from enquiry_asked a using institution i
            where i.id = a.institution and i.name like 'Tłum %' and i.name <> 'Tłum 1'"""
        )
    finally:
        await sql.close()


def test_a_thousand_are_asked_and_an_answer_shows_within_a_second(visitor: Visit, hub: Hub, mailbox: Mailbox) -> None:
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, _crowd_comes(hub.database)).result()
        page = visitor("caseworker")
        page.goto("/enquiries/new")
        page.select_option("#need", "mieszkanie")
        page.get_by_role("button", name="Pokaż, do kogo to trafi").click()
        page.get_by_role("button", name=re.compile("^Zapytaj 1.?0")).click()
        expect(page.locator("#answers .figures")).to_contain_text(re.compile(r"z 1.?0\d\d"))
        asked = aside.submit(asyncio.run, _crowd_leaves(hub.database)).result()
    assert asked == CROWD

    link = mailbox.wait_for(ANSWERS, "/e/")
    phone = visitor("", width=390, script=False)
    phone.goto(link)
    expect(phone.locator("h1")).to_have_text("Czy jest wolne miejsce?")
    row = page.locator("#answers tbody tr", has=page.get_by_text("Tłum 1", exact=True))
    expect(row).to_contain_text("na razie cisza")
    tapped = time.monotonic()
    phone.get_by_role("button", name=re.compile("^Tak – ")).first.click(no_wait_after=True)
    page.wait_for_function(SHOWN, polling="raf", timeout=WITHIN_MS)
    print(f"shown {1000 * (time.monotonic() - tapped):.0f} ms after the tap")
    expect(phone.locator(".notice.good")).to_contain_text("Dziękujemy")
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, _crowd_is_forgotten(hub.database)).result()
