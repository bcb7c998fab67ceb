"""The history of free places on a phone, without script: drawn, in full, said where it does not agree."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg
from playwright.sync_api import expect

from tests.browser.conftest import Hub, Visit

_TOLD = """insert into capacity_reading (id, offer, as_of, recorded_at, source, free, maximum, waiting, free_women,
 free_men)
select gen_random_uuid(), $1, now() - make_interval(days => 400 - 40 * n), now() - make_interval(days => 400 - 40 * n),
 case n % 3 when 0 then 'imported' when 1 then 'declared' else 'reported' end, n % 4, 3, n, 1, 1
from generate_series(1, 9) n"""


async def _tell(database: str) -> str:
    """Nine older readings of an offer that nobody's journey counts."""
    sql = await asyncpg.connect(database)
    try:
        offer = await sql.fetchval("select id from offer where title = 'Porady obywatelskie' order by id limit 1")
        await sql.execute(_TOLD, offer)
        return str(offer)
    finally:
        await sql.close()


def test_the_history_reads_on_a_phone_without_script(visitor: Visit, hub: Hub) -> None:
    with ThreadPoolExecutor(1) as aside:
        offer = aside.submit(asyncio.run, _tell(hub.database)).result()
    page: Any = visitor("", script=False, width=390)
    page.goto(f"/offers/{offer}")
    page.get_by_role("link", name="Historia wolnych miejsc").click()
    expect(page).to_have_url(re.compile(rf"/offers/{offer}/history"))
    expect(page.get_by_role("img", name="Wolne miejsca w czasie")).to_be_visible()
    assert page.locator("svg.steps .mark").count() == 9
    assert page.locator("table.readings tbody tr").count() == 9
    expect(page.get_by_text("nie dają razem").first).to_be_visible()
    assert page.locator(".legend li").count() == 3
    # The picture scrolls by itself; the page does not.
    assert page.locator("html").bounding_box()["width"] == 390
