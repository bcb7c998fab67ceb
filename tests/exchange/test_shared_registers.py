"""The three registers as they really are: nothing lost, nothing doubled, in any order. Needs ../shared."""

from collections.abc import Sequence
from pathlib import Path

import asyncpg
import pytest

from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.exchange.actions import import_file
from referral_hub.exchange.report import Made, Report

pytestmark = pytest.mark.anyio

FILES = {
    "support-institutions": ("registers/instytucje_wsparcia_malopolska_2024.csv", 427),
    "rjps": ("registers/ops_cus_pcpr_malopolskie_2026-03-06_RJPS.csv", 195),
    "capacity": ("capacity/dps_malopolskie_wolne_miejsca.csv", 901),
}
ORDERS = (("support-institutions", "rjps", "capacity"), ("capacity", "rjps", "support-institutions"))


async def bring_in(shared: Path, kind: str) -> Report:
    return await import_file(shared / "data" / FILES[kind][0], source=kind, kind=kind, actor=SYSTEM_ACTOR)


async def merged_rows(sql: asyncpg.Connection) -> set[frozenset[str]]:
    """Which rows were taken for one institution."""
    rows = await sql.fetch(
        "select array_agg(source || ':' || source_id) as ids from source_record group by institution"
    )
    return {frozenset(row["ids"]) for row in rows}


async def picture(sql: asyncpg.Connection) -> tuple[Sequence[object], ...]:
    """The merged directory without its ids, so that two orders of files can be compared."""
    institutions = await sql.fetch("select kind, name, terc, sort_key from institution order by name, kind, terc")
    sites = await sql.fetch(
        """select i.name, s.street, s.post_code, s.place, s.terc, s.lat, s.lon, s.precision, s.hours_text,
         s.accessibility::text, s.address_visibility, s.main from site s join institution i on i.id = s.institution
        order by i.name, s.place, s.street, s.post_code, s.hours_text"""
    )
    offers = await sql.fetch(
        """select i.name, i.terc, o.form, o.title, o.needs, o.audiences, o.eligibility::text, o.area, o.sensitive,
         md5(o.source_text) as text, (select count(*) from offer_site s where s.offer = o.id) as sites,
         (select count(*) from capacity_reading r where r.offer = o.id) as readings
        from offer o join institution i on i.id = o.institution
        order by i.name, i.terc, o.form, o.title, text, sites"""
    )
    contacts = await sql.fetch(
        """select i.name, i.terc, c.kind, c.value, c.extension, c.label, c.position
        from contact c join institution i on i.id = c.institution order by 1, 2, 3, 4, 5, 6, 7"""
    )
    return tuple([tuple(row) for row in rows] for rows in (institutions, sites, offers, contacts))


async def test_every_row_comes_in_once_and_in_any_order_the_same(database: asyncpg.Connection, shared: Path) -> None:
    """One test for both orders, because 1,523 rows take their time."""
    pictures, groups = [], []
    for order in ORDERS:
        outer = database.transaction()
        await outer.start()
        for kind in order:
            report = await bring_in(shared, kind)
            assert (report.read, report.created, report.rejected) == (FILES[kind][1], FILES[kind][1], 0), kind
        pictures.append(await picture(database))
        groups.append(await merged_rows(database))
        assert await database.fetchval("select count(*) from capacity_reading") == 901
        assert await offers_without_rows(database) == 0
        versions = await database.fetchval("select sum(version) from institution")
        for kind in reversed(order):
            again = await bring_in(shared, kind)
            assert (again.created, again.updated, again.unchanged) == (0, 0, FILES[kind][1])
            assert again.made == Made()
        assert await database.fetchval("select sum(version) from institution") == versions
        assert await picture(database) == pictures[-1]
        await outer.rollback()
    assert groups[0] == groups[1]
    assert sum(len({one.split(":")[0] for one in group}) > 1 for group in groups[0]) > 100
    for first, second in zip(*pictures, strict=True):
        assert first == second


async def offers_without_rows(sql: asyncpg.Connection) -> int:
    """Offers that no row lists among what it made."""
    found: int = await sql.fetchval(
        """select count(*) from offer o where not exists (
         select 1 from source_record r, jsonb_each_text(r.made->'offers') m where m.value = o.id::text)"""
    )
    return found


async def test_numbers_of_places_are_kept_as_given(database: asyncpg.Connection, shared: Path) -> None:
    report = await bring_in(shared, "capacity")
    codes = [problem.code for problem in report.problems]
    assert codes.count("over_capacity") == 20
    assert codes.count("women_men_total") == 12
    over = await database.fetchval("select count(*) from capacity_reading where allocated > maximum")
    uneven = await database.fetchval("select count(*) from capacity_reading where free_women + free_men <> free")
    assert (over, uneven) == (20, 12)
    newest = await database.fetch(
        """select p.free, r.free as told, r.as_of from offer_places p join capacity_reading r on r.id = p.reading"""
    )
    assert newest
    assert all(row["free"] == row["told"] for row in newest)
    late = await database.fetchval(
        """select count(*) from offer_places p join capacity_reading r on r.id = p.reading
        where exists (select 1 from capacity_reading n where n.offer = p.offer and n.as_of > r.as_of)"""
    )
    assert late == 0
