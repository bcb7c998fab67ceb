"""Registers know the survivor: the next import changes nothing, and what a row says anew goes there."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest

from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.duplicates.actions import merge_institutions
from referral_hub.institutions.source_ranks import USUAL, set_order
from tests.exchange.test_import import bring_in, changed, sizes

pytestmark = pytest.mark.anyio
KIND = "support-institutions"


async def two_imported(sql: asyncpg.Connection) -> list[Any]:
    """Two institutions of one row each, each with an offer, by the id of their row."""
    rows: list[Any] = await sql.fetch(
        """select r.institution, min(r.source_id) as row from source_record r where r.kind = $1
        group by r.institution having count(*) = 1
        and exists (select 1 from offer o where o.institution = r.institution) order by 2 limit 2""",
        KIND,
    )
    return rows


async def test_the_next_import_finds_the_survivor_and_changes_nothing(
    database: asyncpg.Connection, tmp_path: Path
) -> None:
    await bring_in(KIND)
    kept, merged = await two_imported(database)
    await merge_institutions(kept["institution"], merged["institution"], actor=SYSTEM_ACTOR, why="jedna")
    before = await sizes(database)
    again = await bring_in(KIND)
    assert (again.created, again.updated) == (0, 0)
    assert await sizes(database) == before

    def other_phone(rows: list[dict[str, str]]) -> None:
        next(row for row in rows if row["id"] == merged["row"])["telefon"] = "14 600 99 99"

    report = await bring_in(KIND, changed(tmp_path, KIND, other_phone))
    assert (report.created, report.updated) == (0, 1)
    found = await database.fetch("select distinct institution from contact where value like '%600 99 99'")
    assert [row["institution"] for row in found] == [kept["institution"]]
    assert (await bring_in(KIND, changed(tmp_path, KIND, other_phone))).updated == 0
    assert await database.fetchval("select count(*) from offer where institution = $1", merged["institution"]) == 0


async def test_offers_of_one_form_that_stayed_two_are_not_joined_by_an_import(
    database: asyncpg.Connection, tmp_path: Path
) -> None:
    await bring_in(KIND)
    kept, merged = await two_imported(database)
    offers = await database.fetch(
        "select id, institution from offer where institution = any($1) and status = 'published' order by id",
        [kept["institution"], merged["institution"]],
    )
    mine = next(row["id"] for row in offers if row["institution"] == kept["institution"])
    other = next(row["id"] for row in offers if row["institution"] == merged["institution"])
    await database.execute("update offer set form = (select form from offer where id = $1) where id = $2", mine, other)
    await merge_institutions(kept["institution"], merged["institution"], actor=SYSTEM_ACTOR, why="jedna")

    def other_hours(rows: list[dict[str, str]]) -> None:
        next(row for row in rows if row["id"] == merged["row"])["dni_i_godziny"] = "pn 8-9"

    await bring_in(KIND, changed(tmp_path, KIND, other_hours))
    states = await database.fetch("select status from offer where id = any($1)", [mine, other])
    assert [row["status"] for row in states] == ["published", "published"]


async def test_a_register_ranked_before_the_partner_may_write_over_it(
    database: asyncpg.Connection, tmp_path: Path
) -> None:
    from referral_hub.directory.actions import edit_site

    await bring_in(KIND)
    kept, _ = await two_imported(database)
    site = await database.fetchval("select id from site where institution = $1", kept["institution"])
    await edit_site(site, {"hours_text": "wg partnera"}, actor=SYSTEM_ACTOR)

    def with_hours(text: str) -> Path:
        def change(rows: list[dict[str, str]]) -> None:
            next(row for row in rows if row["id"] == kept["row"])["dni_i_godziny"] = text

        return changed(tmp_path, KIND, change)

    report = await bring_in(KIND, with_hours("wt 8-9"))
    assert "own_edit_kept" in {problem.code for problem in report.problems}
    assert await database.fetchval("select hours_text from site where id = $1", site) == "wg partnera"
    await set_order("hours_text", [KIND, *(one for one in USUAL if one != KIND)], by=SYSTEM_ACTOR.scope)
    await bring_in(KIND, with_hours("śr 8-9"))
    assert await database.fetchval("select hours_text from site where id = $1", site) == "śr 8-9"
