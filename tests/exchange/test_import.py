"""Imports into a real database, on the own fixture registers."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.directory.actions import edit_offer, edit_site
from referral_hub.directory.reading_actions import Said, report_reading
from referral_hub.exchange.actions import import_file
from referral_hub.exchange.report import Report
from referral_hub.institutions.actions import edit_institution
from tests.build import make_institution, make_offer, make_site
from tests.exchange.rows import FILES, REGISTERS

pytestmark = pytest.mark.anyio

COUNTS = {"support-institutions": (21, 19), "rjps": (7, 7), "capacity": (10, 7)}
TABLES = ("institution", "site", "offer", "offer_site", "contact", "capacity_reading", "source_record", "field_source")


async def bring_in(file: str, path: Path | None = None, **values: Any) -> Report:
    given = {"source": file, "kind": file, "actor": SYSTEM_ACTOR, **values}
    return await import_file(path or REGISTERS / FILES[file], **given)


async def sizes(sql: asyncpg.Connection) -> dict[str, int]:
    return {table: await sql.fetchval(f"select count(*) from {table}") for table in TABLES}


def changed(tmp_path: Path, kind: str, change: Callable[[list[dict[str, str]]], None]) -> Path:
    """The fixture of a kind with its rows changed."""
    text = (REGISTERS / FILES[kind]).read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    change(rows)
    path = tmp_path / "changed.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


async def test_counts_of_rows_add_up_and_rejected_lines_stop_nothing(database: asyncpg.Connection) -> None:
    for kind, (read, good) in COUNTS.items():
        report = await bring_in(kind)
        assert (report.read, report.created, report.rejected) == (read, good, read - good)
        assert report.read == report.created + report.updated + report.unchanged + report.rejected


async def test_the_report_has_the_shape_that_scripts_rely_on(database: asyncpg.Connection) -> None:
    report = (await bring_in("capacity")).as_dict()
    assert list(report) == ["read", "created", "updated", "unchanged", "rejected", "made", "problems"]
    assert report["made"] == {"institutions": 4, "sites": 5, "offers": 5, "readings": 7}
    assert all(list(one) == ["line", "severity", "field", "value", "problem"] for one in report["problems"])
    errors = [one for one in report["problems"] if one["severity"] == "error"]
    assert [one["line"] for one in errors] == [9, 10, 11]
    assert msgspec.json.encode(report)


@pytest.mark.parametrize("order", [tuple(COUNTS), tuple(reversed(COUNTS))], ids=["forward", "backward"])
async def test_a_second_run_changes_nothing(database: asyncpg.Connection, order: tuple[str, ...]) -> None:
    for kind in order:
        await bring_in(kind)
    before = await sizes(database)
    for kind in order:
        again = await bring_in(kind)
        assert (again.created, again.updated, again.unchanged) == (0, 0, COUNTS[kind][1])
    assert await sizes(database) == before


@pytest.mark.parametrize("order", [("support-institutions", "rjps"), ("rjps", "support-institutions")])
async def test_two_registers_make_one_institution_in_any_order(
    database: asyncpg.Connection, order: tuple[str, ...]
) -> None:
    for kind in order:
        await bring_in(kind)
    (row,) = await database.fetch(
        """select i.id, i.terc, (select count(*) from site s where s.institution = i.id) as sites,
         (select count(*) from offer o where o.institution = i.id and o.form = 'praca_socjalna') as offers
        from institution i where i.name = 'Gminny Ośrodek Pomocy Społecznej w Laskowej'"""
    )
    assert (row["terc"], row["sites"], row["offers"]) == ("120706", 1, 1)
    ids = await database.fetch(
        "select source || ':' || source_id as id from source_record where institution = $1 order by 1", row["id"]
    )
    assert [one["id"] for one in ids] == ["rjps:9001", "support-institutions:1"]
    site = await database.fetchrow("select * from site where institution = $1", row["id"])
    assert site is not None
    assert (site["hours_text"], site["precision"]) == ("7.30 - 15.30", "place")
    assert msgspec.json.decode(site["accessibility"])["overall"]["answer"] == "yes"
    contacts = await database.fetch(
        "select kind, value from contact where institution = $1 order by position", row["id"]
    )
    assert [tuple(one) for one in contacts] == [
        ("phone", "18 330 00 11"),
        ("email", "gops@laskowa.example"),
        ("www", "https://gops.laskowa.example"),
    ]
    shared = await database.fetchval(
        """select count(*) from source_record r, jsonb_each_text(r.made->'offers') m
        join offer o on o.id = m.value::uuid where o.institution = $1 and o.form = 'praca_socjalna'""",
        row["id"],
    )
    assert shared == 2


async def test_a_changed_row_is_updated_and_what_it_no_longer_says_is_archived(
    database: asyncpg.Connection, tmp_path: Path
) -> None:
    await bring_in("support-institutions")

    def change(rows: list[dict[str, str]]) -> None:
        rows[0]["formy_pomocy"], rows[0]["telefon"] = "mediacje", "18 330 00 99"

    report = await bring_in("support-institutions", changed(tmp_path, "support-institutions", change))
    assert (report.created, report.updated, report.unchanged) == (0, 1, 18)
    offers = await database.fetch(
        """select o.form, o.status from offer o join institution i on i.id = o.institution
        where i.name like '%Laskowej' order by o.form"""
    )
    assert {row["form"]: row["status"] for row in offers} == {
        "mediacja": "published",
        "por_psychologiczne": "published",
        "poradnictwo_ogolne": "archived",
        "praca_socjalna": "published",
    }
    assert await database.fetchval("select true from contact where value = '18 330 00 99'")
    assert not await database.fetchval("select true from contact where value = '18 330 00 11'")


async def test_updated_is_measured_against_what_this_source_said_not_against_the_merged_record(
    database: asyncpg.Connection,
) -> None:
    await bring_in("support-institutions")
    name = "Ośrodek pod nową nazwą"
    id_ = await database.fetchval("select id from institution where name like '%Laskowej'")
    await edit_institution(id_, {"name": name}, by=SYSTEM_ACTOR.scope, source="partner")
    again = await bring_in("support-institutions")
    assert (again.updated, again.unchanged) == (0, 19)
    assert await database.fetchval("select name from institution where id = $1", id_) == name


async def test_nothing_a_partner_gave_is_written_over(database: asyncpg.Connection, tmp_path: Path) -> None:
    await bring_in("support-institutions")
    id_ = await database.fetchval("select id from institution where name like '%Laskowej'")
    site = await database.fetchval("select id from site where institution = $1", id_)
    offer = await database.fetchval("select id from offer where institution = $1 and form = 'praca_socjalna'", id_)
    await edit_site(site, {"hours_text": "8-12"}, actor=SYSTEM_ACTOR, source="partner")
    await edit_offer(offer, {"title": "Rozmowa z pracownikiem"}, actor=SYSTEM_ACTOR, source="partner")

    def change(rows: list[dict[str, str]]) -> None:
        rows[0]["dni_i_godziny"], rows[0]["nazwa"] = "codziennie 9-10", "Gminny Ośrodek w Laskowej"

    report = await bring_in("support-institutions", changed(tmp_path, "support-institutions", change))
    assert report.updated == 1
    assert await database.fetchval("select hours_text from site where id = $1", site) == "8-12"
    assert await database.fetchval("select title from offer where id = $1", offer) == "Rozmowa z pracownikiem"
    assert await database.fetchval("select name from institution where id = $1", id_) == "Gminny Ośrodek w Laskowej"
    kept = {one.field for one in report.problems if one.code == "own_edit_kept"}
    assert kept == {"site.hours_text", "offer.title"}


async def test_a_register_finds_the_institution_that_was_there_before_it(database: asyncpg.Connection) -> None:
    own = await make_institution("Gminny Ośrodek Pomocy Społecznej w Laskowej", "ops")
    place = {"street": "ul. Zmyślona 3", "post_code": "34-602", "place": "Laskowa", "terc": "120706"}
    site = await make_site(own, **place)
    offer = await make_offer(own, "praca_socjalna", "Praca socjalna po swojemu", site=site)
    await bring_in("support-institutions")
    assert await database.fetchval("select count(*) from institution where name like '%Laskowej'") == 1
    assert await database.fetchval("select count(*) from site where institution = $1", own) == 1
    made = await database.fetchval("select made->'offers' from source_record where source_id = '1'")
    assert msgspec.json.decode(made)["praca_socjalna"] == str(offer)


async def test_readings_are_added_once_and_the_newest_is_in_force(database: asyncpg.Connection, tmp_path: Path) -> None:
    await bring_in("capacity")

    def change(rows: list[dict[str, str]]) -> None:
        rows[0]["wolne"], rows[1]["wolne"] = "7", "4"

    report = await bring_in("capacity", changed(tmp_path, "capacity", change))
    assert (report.updated, report.made.readings, report.made.offers) == (2, 2, 0)
    rows = await database.fetch(
        """select r.free, r.as_of::date as day, p.free as in_force from capacity_reading r
        join offer_places p on p.offer = r.offer join offer o on o.id = r.offer
        join institution i on i.id = o.institution
        where i.name like '%Zmyślona 39' and o.title like '%somatycznie%' order by r.as_of, r.recorded_at, r.id"""
    )
    assert sorted(row["free"] for row in rows) == [0, 1, 4, 7]
    assert {row["in_force"] for row in rows} == {4}


async def test_a_newer_word_of_the_partner_stays_in_force(database: asyncpg.Connection) -> None:
    await bring_in("capacity")
    offer = await database.fetchval("select offer from capacity_reading where as_of::date = '2026-05-31'")
    declared = await report_reading(offer, Said(free=9), actor=SYSTEM_ACTOR)
    await database.execute("delete from source_record where source = 'capacity'")
    await bring_in("capacity", source="again")
    assert await database.fetchval("select reading from offer_places where offer = $1", offer) == declared


async def test_a_hidden_address_is_nowhere_public(database: asyncpg.Connection) -> None:
    await bring_in("support-institutions")
    row = await database.fetchrow(
        """select s.address_visibility, o.source_text from site s join offer o on o.institution = s.institution
        where s.street = 'ul. Cicha 1'"""
    )
    assert row is not None
    assert row["address_visibility"] == "staff"
    assert "Cicha" not in row["source_text"]


async def test_a_dry_run_reports_the_same_and_writes_nothing(database: asyncpg.Connection) -> None:
    before = await sizes(database)
    audits = await database.fetchval("select count(*) from audit_event")
    dry = await bring_in("support-institutions", dry_run=True)
    assert await sizes(database) == before
    assert await database.fetchval("select count(*) from audit_event") == audits
    assert (await bring_in("support-institutions")).as_dict() == dry.as_dict()


async def test_every_run_and_every_changed_institution_leaves_an_audit_line(database: asyncpg.Connection) -> None:
    report = await bring_in("rjps")
    added = await database.fetchval("select count(*) from audit_event where event = 'institution:add'")
    facts = await database.fetchval("select facts from audit_event where event = 'import:run'")
    assert added == report.made.institutions == 7
    assert msgspec.json.decode(facts)["created"] == 7


async def test_an_import_is_published_at_once(database: asyncpg.Connection) -> None:
    before = await database.fetchval("select coalesce(sum(number), 0) from directory_version")
    await bring_in("rjps")
    assert await database.fetchval("select sum(number) from directory_version") > before
    assert await database.fetchval("select bool_and(status = 'published') from offer")
    await bring_in("rjps")


async def test_progress_is_told_to_the_end(database: asyncpg.Connection) -> None:
    told: list[tuple[int, int]] = []
    await bring_in("support-institutions", progress=lambda done, all_: told.append((done, all_)))
    assert told[-1] == (19, 19)


async def test_the_value_of_every_field_is_traced_to_its_source(database: asyncpg.Connection) -> None:
    await bring_in("support-institutions")
    await bring_in("rjps")
    site = await database.fetchval(
        "select s.id from site s join institution i on i.id = s.institution where i.name like '%Laskowej'"
    )
    rows = await database.fetch(
        """select distinct on (field) field, source from field_source where subject = $1
        order by field, at desc, id desc""",
        site,
    )
    sources = {row["field"]: row["source"] for row in rows}
    assert (sources["hours_text"], sources["accessibility"]) == ("rjps", "support-institutions")
