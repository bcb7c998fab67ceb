"""Every personal column is accounted for, and only the data protection officer reads the trail."""

import httpx
import pytest
from piccolo.conf.apps import table_finder

from referral_hub.audit.actions import record, seal_trail
from referral_hub.audit.events import Event
from referral_hub.database.piccolo_app import ROOMS
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.privacy.register import HARMLESS, PERSONAL
from tests.build import make_institution, sign_in_as

pytestmark = pytest.mark.anyio


def columns() -> dict[str, set[str]]:
    tables = table_finder(modules=[f"referral_hub.{room}.tables" for room in ROOMS])
    return {table._meta.tablename: {column._meta.db_column_name for column in table._meta.columns} for table in tables}


def test_every_column_of_a_table_about_people_is_registered_or_harmless() -> None:
    known = columns()
    for table, harmless in HARMLESS.items():
        personal = {one.column for one in PERSONAL if one.table == table}
        assert not personal & harmless, table
        assert personal | harmless == known[table], table
    assert {one.table for one in PERSONAL} == set(HARMLESS)


def test_every_sealed_column_says_so_in_its_name() -> None:
    for table, names in columns().items():
        sealed = {name for name in names if name.endswith("_sealed")}
        assert sealed == {one.column for one in PERSONAL if one.table == table and one.sealed}, table


async def test_the_officer_reads_the_register_and_the_trail(web: httpx.AsyncClient) -> None:
    await sign_in_as(web, await make_institution("Klub", club=True), "dpo")
    async with transaction(SYSTEM):
        await record(Event.TERM_ADD, by=SYSTEM)
    await seal_trail()
    page = await web.get("/privacy?lang=pl")
    assert page.status_code == 200
    assert "participant.label_sealed" in page.text
    trail = await web.get("/privacy/trail", params={"event": "term"})
    assert trail.status_code == 200
    assert trail.text.count("<tr") == 2


@pytest.mark.parametrize("role", ["caseworker", "coordinator", "admin", "partner_editor", "partner_intake"])
async def test_nobody_else_reads_it(web: httpx.AsyncClient, role: str) -> None:
    await sign_in_as(web, await make_institution("Klub"), role)
    for path in ("/privacy", "/privacy/trail"):
        assert (await web.get(path)).status_code == 403


@pytest.mark.parametrize("page", ["0", "-1", "99999999999999999999", "x", "²"])
async def test_an_odd_page_number_is_forgiven(web: httpx.AsyncClient, page: str) -> None:
    await sign_in_as(web, await make_institution("Klub"), "dpo")
    assert (await web.get("/privacy/trail", params={"page": page})).status_code == 200
